/**
 * The search that a state of the page asks for, as the body of the API's request.
 * @module
 */
import { call, part, request } from "./api.js";

/** @typedef {import("./url-state.js").State} State */
/** @typedef {import("./data.js").Answer} Answer */

/**
 * @param {State} state With a space and a date, and a target or a text.
 * @param {import("./data.js").Space} space
 * @returns {import("./api.js").ApiRequest}
 */
export function searchRequest(state, space) {
    return request("POST", `/v1/spaces/${part(state.space)}/search`, {}, searchBody(state, space));
}

/**
 * @param {State} state
 * @param {import("./data.js").Space} space
 */
export function searchBody(state, space) {
    const filter = clean({
        sector: state.sector, industry: state.industry, country: state.country, market_id: state.market, region: state.region,
        entity_ids: state.within && state.pins.length > 0 ? state.pins : undefined,
        excluded_ids: state.excluded.length > 0 ? state.excluded : undefined,
    });
    const weights = weightsOf(state, space);
    return clean({
        target: state.id !== "" ? { entity_id: state.id } : { text: state.text },
        as_of_date: state.date,
        dates: state.start !== "" ? { start: state.start, end: state.date } : undefined,
        top_k: state.k,
        weights: weights === null ? undefined : Object.fromEntries(Object.entries(weights).filter(([, weight]) => weight > 0)),
        filter: Object.keys(filter).length > 0 ? filter : undefined,
        min_cosine: state.min === "" ? undefined : Number(state.min),
        max_per_sector: state.perSector === "" ? undefined : Number(state.perSector),
        explain: true,
    });
}

/**
 * The weight of every branch where they are not those of the space.
 * @param {State} state
 * @param {import("./data.js").Space} space
 * @returns {Record<string, number> | null}
 */
export function weightsOf(state, space) {
    const named = space.branches.filter(branch => Object.hasOwn(state.weights, branch.name));
    if (named.length === 0)
        return null;
    return Object.fromEntries(space.branches.map(branch => [branch.name, state.weights[branch.name] ?? branch.weight]));
}

/** Whether every branch weighs nothing, which no search can answer. @param {State} state @param {import("./data.js").Space} space */
export function weighsNothing(state, space) {
    const weights = weightsOf(state, space);
    return weights !== null && Object.values(weights).every(weight => weight <= 0);
}

/** @param {Record<string, unknown>} object */
function clean(object) {
    return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined && value !== ""));
}

/**
 * Of calls that follow each other, the last one counts: a new one gives up the one before.
 * @returns {(wanted: import("./api.js").ApiRequest) => Promise<any>} Rejects with an AbortError what was given up.
 */
export function latest() {
    /** @type {AbortController | null} */
    let running = null;
    return async wanted => {
        running?.abort();
        const mine = running = new AbortController();
        const answer = await call(wanted, { signal: mine.signal });
        // It may have come in the moment in which it was given up.
        mine.signal.throwIfAborted();
        return answer;
    };
}
