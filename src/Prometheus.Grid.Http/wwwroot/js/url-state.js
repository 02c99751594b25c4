/**
 * What the page shows, as the part of the address behind `#`: `view?name=value&…`. A link opens what its sender saw.
 * @module
 */

/**
 * @typedef {object} State
 * @property {string} view explore, compare, portfolio, evaluate or jobs.
 * @property {string} space Model id of the joint space.
 * @property {string} date
 * @property {string} id Target of the search; empty for none.
 * @property {string} text Free text in place of a target.
 * @property {string} other The second entity of a comparison.
 * @property {string} portfolio
 * @property {Record<string, number>} weights Weights other than the space's own; empty for its own.
 * @property {string} sector
 * @property {string} industry
 * @property {string} country
 * @property {string} region
 * @property {string} market
 * @property {string} min Least cosine; empty for none.
 * @property {string} perSector At most so many hits of a sector; empty for no limit.
 * @property {number} k
 * @property {string} start First date of a search over dates; empty for the one date.
 * @property {string[]} pins Ids that stay on top of the list: the basket.
 * @property {string[]} excluded
 * @property {boolean} within Search among the basket only.
 * @property {string} colour
 * @property {string} method umap or pca.
 * @property {string} tab Panel beside the map.
 */

export const VIEWS = ["explore", "compare", "portfolio", "evaluate", "jobs"];

/** @type {Readonly<State>} */
export const EMPTY = Object.freeze({
    view: "explore", space: "", date: "", id: "", text: "", other: "", portfolio: "", weights: {}, sector: "", industry: "", country: "", region: "", market: "",
    min: "", perSector: "", k: 20, start: "", pins: [], excluded: [], within: false, colour: "sector", method: "umap", tab: "neighbours",
});

const MAX_K = 1000;

/**
 * @param {string} hash With or without `#`.
 * @returns {State} Names that are not known and values that make no sense are left out: a link of another version still opens.
 */
export function parseState(hash) {
    const [view, query = ""] = hash.replace(/^#\/?/, "").split(/\?(.*)/s);
    /** @type {State} */
    const state = { ...EMPTY, weights: {}, pins: [], excluded: [], view: VIEWS.includes(view) ? view : EMPTY.view };
    for (const [name, value] of new URLSearchParams(query)) {
        if (name === "weights")
            state.weights = parseWeights(value);
        else if (name === "pins" || name === "excluded")
            state[name] = [...new Set(value.split(",").map(decode).filter(id => id !== ""))];
        else if (name === "k")
            state.k = Math.min(MAX_K, Math.max(1, Math.trunc(Number(value)) || EMPTY.k));
        else if (name === "within")
            state.within = value === "1";
        else if (name !== "view" && Object.hasOwn(EMPTY, name))
            Reflect.set(state, name, value);
    }
    return state;
}

/**
 * @param {State} state
 * @returns {string} With `#`; what is as in {@link EMPTY} is left out.
 */
export function formatState(state) {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(state)) {
        if (name === "view")
            continue;
        const text = name === "weights" ? Object.entries(value).map(([branch, weight]) => `${branch}:${weight}`).join(",")
            : Array.isArray(value) ? value.map(encode).join(",")
            : typeof value === "boolean" ? (value ? "1" : "") : String(value);
        if (text !== "" && text !== String(Reflect.get(EMPTY, name)))
            query.set(name, text);
    }
    const pairs = query.toString();
    return `#${state.view}${pairs === "" ? "" : `?${pairs}`}`;
}

/** @param {string} text */
function parseWeights(text) {
    /** @type {Record<string, number>} */
    const weights = {};
    for (const pair of text.split(",")) {
        const [branch, value] = pair.split(/:([^:]*)$/);
        const weight = Number(value);
        if (branch && value !== undefined && value !== "" && Number.isFinite(weight) && weight >= 0)
            weights[branch] = weight;
    }
    return weights;
}

/** A comma parts ids, so one inside of an id is written as %2C. @param {string} id */
function encode(id) {
    return id.replaceAll("%", "%25").replaceAll(",", "%2C");
}

/** @param {string} id */
function decode(id) {
    return id.replaceAll("%2C", ",").replaceAll("%25", "%");
}
