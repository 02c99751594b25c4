/**
 * Where labels stand so that none covers another.
 * @module
 */

/** @typedef {{ text: string, x: number, y: number, width: number, height: number }} Label `x`, `y` is the middle, in CSS pixels. */

const GAP = 3;
/** Places that are tried, in heights of the label: at the point, then above and below, then beside. */
const PLACES = [[0, 0], [0, -1.2], [0, 1.2], [0, -2.4], [0, 2.4], [0.6, 0], [-0.6, 0]];

/**
 * Places labels one after the other; one that finds no room is left out. The order given is the order of importance.
 * @param {Label[]} wanted
 * @param {{ width: number, height: number }} area
 * @param {[number, number][]} [places] Offsets that are tried: widths and heights of the label.
 * @param {Label[]} [taken] Labels that stand already.
 * @returns {Label[]} With the middle where it stands.
 */
export function placeLabels(wanted, area, places = /** @type {[number, number][]} */ (PLACES), taken = []) {
    /** @type {Label[]} */
    const placed = [];
    for (const label of wanted) {
        for (const [dx, dy] of places) {
            const moved = { ...label, x: label.x + dx * label.width, y: label.y + dy * label.height };
            if (isIn(moved, area) && ![...taken, ...placed].some(other => overlap(moved, other))) {
                placed.push(moved);
                break;
            }
        }
    }
    return placed;
}

/** @param {Label} label @param {{ width: number, height: number }} area */
function isIn(label, area) {
    return label.x - label.width / 2 >= 0 && label.x + label.width / 2 <= area.width && label.y - label.height / 2 >= 0 && label.y + label.height / 2 <= area.height;
}

/** @param {Label} a @param {Label} b */
export function overlap(a, b) {
    return Math.abs(a.x - b.x) * 2 < a.width + b.width + 2 * GAP && Math.abs(a.y - b.y) * 2 < a.height + b.height + 2 * GAP;
}

/**
 * The middle of each group: the median along both axes, which stays inside of a group that has strays.
 * @param {{ x: Float32Array, y: Float32Array }} points
 * @param {Int32Array} group Of each point; negative for none.
 * @param {number} groups How many there are.
 * @returns {{ group: number, count: number, x: number, y: number }[]} The largest first; empty ones are left out.
 */
export function centroids(points, group, groups) {
    /** @type {number[][]} */
    const members = Array.from({ length: groups }, () => []);
    group.forEach((g, i) => g >= 0 && members[g].push(i));
    const median = (/** @type {Float32Array} */ values, /** @type {number[]} */ at) => Float32Array.from(at, i => values[i]).sort()[at.length >> 1];
    return members
        .map((at, g) => ({ group: g, count: at.length, x: median(points.x, at), y: median(points.y, at) }))
        .filter(entry => entry.count > 0)
        .sort((a, b) => b.count - a.count || a.group - b.group);
}
