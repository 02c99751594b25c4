/**
 * Colours of groups and of numbers, in a set for a light and one for a dark page.
 * @module
 */

/** @typedef {[number, number, number]} Rgb */

/** Twelve hues that stay apart on their ground; neighbours in the list differ in lightness as well. */
const GROUPS = {
    dark: ["#5fa8f5", "#f0a35e", "#6fcf97", "#e87b8b", "#b79cf2", "#d9c35a", "#4fc7c7", "#e58fd0", "#9fb7cf", "#a9d45c", "#d98a5b", "#7f8cf0"],
    light: ["#1769c2", "#c4600a", "#1d8a4e", "#c42f4b", "#7447c9", "#927500", "#0b8080", "#b0329a", "#4f6b88", "#5b8a00", "#8f4a1f", "#3a44b8"],
};
const REST = { dark: "#626d7a", light: "#9aa5b1" };
/** From little to much: blue over grey-green to amber, ever lighter on dark and ever darker on light. */
const RAMP = { dark: ["#2f4a7d", "#3f7a92", "#6fa588", "#c9b458", "#ffd98a"], light: ["#c9dcef", "#7fb3cf", "#3f8f9a", "#6b7d1f", "#7a3b00"] };

/** How many groups have a colour of their own; the others share one. */
export const NAMED = GROUPS.dark.length;

/** @param {string} hex @returns {Rgb} */
export function rgb(hex) {
    return [1, 3, 5].map(at => Number.parseInt(hex.slice(at, at + 2), 16));
}

/** @param {number} index Negative for those without a colour of their own. @param {"dark" | "light"} theme */
export function groupColour(index, theme) {
    return index < 0 || index >= NAMED ? REST[theme] : GROUPS[theme][index];
}

/** @param {number} share From 0 to 1. @param {"dark" | "light"} theme @returns {Rgb} */
export function rampColour(share, theme) {
    const stops = RAMP[theme].map(rgb);
    const at = Math.min(1, Math.max(0, share)) * (stops.length - 1);
    const low = Math.min(stops.length - 2, Math.floor(at));
    return [0, 1, 2].map(i => Math.round(stops[low][i] + (stops[low + 1][i] - stops[low][i]) * (at - low)));
}

/**
 * @typedef {object} Colouring
 * @property {string} title
 * @property {Uint8Array} rgba Of each point.
 * @property {Int32Array | null} group Of each point, as a position in `groups`; null for numbers.
 * @property {{ name: string, count: number, colour: string }[]} groups
 * @property {{ least: number, greatest: number, colours: string[] } | null} range
 */

/**
 * Colours by the words of a column. The colour of a group depends on the alphabet alone where all have one, so that it is the same on every date.
 * @param {string} title
 * @param {ArrayLike<string>} words
 * @param {"dark" | "light"} theme
 * @returns {Colouring}
 */
export function byGroup(title, words, theme) {
    /** @type {Map<string, number>} */
    const counts = new Map();
    for (let i = 0; i < words.length; i++)
        counts.set(words[i] || "–", (counts.get(words[i] || "–") ?? 0) + 1);
    const largest = [...counts].sort((a, b) => b[1] - a[1] || compare(a[0], b[0]));
    const named = largest.slice(0, counts.size <= NAMED ? NAMED : NAMED - 1).map(([name]) => name).sort(compare);
    const groups = [...named, ...largest.map(([name]) => name).filter(name => !named.includes(name)).sort(compare)]
        .map((name, index) => ({ name, count: counts.get(name) ?? 0, colour: groupColour(index < named.length ? index : -1, theme) }));
    const position = new Map(groups.map((group, index) => [group.name, index]));
    const rgba = new Uint8Array(words.length * 4), group = new Int32Array(words.length);
    const colours = groups.map(entry => rgb(entry.colour));
    for (let i = 0; i < words.length; i++) {
        group[i] = position.get(words[i] || "–") ?? -1;
        paint(rgba, i, colours[group[i]]);
    }
    return { title, rgba, group, groups, range: null };
}

/**
 * Colours by a number; a point without one has the colour of the rest. The ends are the 2nd and the 98th of a hundred, so that one stray does not grey the others.
 * @param {string} title
 * @param {ArrayLike<number>} values NaN for none.
 * @param {"dark" | "light"} theme
 * @returns {Colouring}
 */
export function byNumber(title, values, theme) {
    const sorted = Float64Array.from(values).filter(Number.isFinite).sort();
    const at = (/** @type {number} */ share) => sorted.length === 0 ? 0 : sorted[Math.round(share * (sorted.length - 1))];
    const least = at(0.02), greatest = at(0.98);
    const rgba = new Uint8Array(values.length * 4), rest = rgb(REST[theme]);
    for (let i = 0; i < values.length; i++)
        paint(rgba, i, Number.isFinite(values[i]) ? rampColour(greatest > least ? (values[i] - least) / (greatest - least) : 0.5, theme) : rest);
    return { title, rgba, group: null, groups: [], range: { least, greatest, colours: RAMP[theme] } };
}

/** @param {Uint8Array} rgba @param {number} i @param {Rgb} colour */
function paint(rgba, i, colour) {
    rgba[4 * i] = colour[0];
    rgba[4 * i + 1] = colour[1];
    rgba[4 * i + 2] = colour[2];
    rgba[4 * i + 3] = 255;
}

/** @param {string} a @param {string} b */
function compare(a, b) {
    return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * Dims all but one group.
 * @param {Colouring} colouring
 * @param {number} shown Its position, negative for all.
 * @returns {Uint8Array} RGBA of each point.
 */
export function dimmed(colouring, shown) {
    if (shown < 0 || colouring.group === null)
        return colouring.rgba;
    const rgba = colouring.rgba.slice();
    for (let i = 0; i < colouring.group.length; i++) {
        if (colouring.group[i] !== shown)
            rgba[4 * i + 3] = 36;
    }
    return rgba;
}
