/**
 * What every view needs to know first: the spaces, the dates of the one that is shown, and what they are when the address does not say.
 * @module
 */
import * as data from "./data.js";
import { change, current } from "./store.js";

/** @typedef {import("./data.js").Space} Space */

/**
 * The space and the date that a state means; fills into the address what it left open.
 * @param {"issuer" | "portfolio" | null} entity Of which kind the space must be; null for either.
 * @returns {Promise<{ space: Space, spaces: Space[], dates: string[], date: string }>} `date` is empty where nothing is built.
 */
export async function resolve(entity) {
    const spaces = await data.spaces();
    const state = current();
    const fits = (/** @type {Space} */ space) => entity === null || space.entity === entity;
    let space = spaces.find(candidate => candidate.model_id === state.space && fits(candidate));
    let dates = space ? await data.dates(space.model_id) : [];
    if (space === undefined) {
        // The last by name is the newest; of those, one that has vectors.
        const wanted = spaces.filter(candidate => entity === null ? candidate.entity === "issuer" : fits(candidate)).sort((a, b) => a.model_id < b.model_id ? 1 : -1);
        space = wanted[0] ?? spaces[0];
        for (const candidate of wanted) {
            dates = await data.dates(candidate.model_id);
            if (dates.length > 0) {
                space = candidate;
                break;
            }
        }
    }
    if (space === undefined)
        throw new Error("The server has no space. Put a manifest into DIR/models/spaces, see docs/models.md.");
    // The date of the address, else the last one before it, else the last.
    const date = dates.includes(state.date) ? state.date : dates.findLast(candidate => state.date !== "" && candidate <= state.date) ?? dates[dates.length - 1] ?? "";
    return { space, spaces, dates, date };
}

/**
 * Writes into the address what it left open, without a step in the browser's history.
 * @param {{ space: Space, spaces: Space[], date: string }} context
 * @returns {boolean} Whether that changed it.
 */
export function settle({ space, spaces, date }) {
    const state = current();
    if (state.space === space.model_id && state.date === date)
        return false;
    change({ ...(state.space === "" ? {} : moved(state.space, space, spaces)), space: space.model_id, date }, { replace: true });
    return true;
}

/**
 * What does not hold in another space: weights name branches, and ids, filters and baskets are of one kind of entity.
 * @param {string} from
 * @param {Space} to
 * @param {Space[]} spaces
 * @returns {Partial<import("./url-state.js").State>}
 */
export function moved(from, to, spaces) {
    if (from === to.model_id)
        return {};
    const same = spaces.find(space => space.model_id === from)?.entity === to.entity;
    const entities = { id: "", text: "", other: "", pins: [], excluded: [], within: false, sector: "", industry: "", country: "", region: "", market: "", perSector: "", colour: "sector" };
    return { weights: {}, ...(same ? {} : entities) };
}
