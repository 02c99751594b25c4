/**
 * What the page reads, each thing once: an answer about a date does not change while a page is open, unless a job writes.
 * @module
 */
import { call, part, request } from "./api.js";

/**
 * @typedef {{ name: string, kind: string, model_id: string, weight: number, required: boolean, dimensions: number }} Branch
 * @typedef {{ model_id: string, joint_type: string, entity: "issuer" | "portfolio", fusion: string, dimension: number, description: string, branches: Branch[] }} Space
 * @typedef {{ instrument_id: string, symbol: string, market_id: string, asset_class: string, exchange: string, currency: string, status: string }} Instrument
 * @typedef {{ issuer_id: string, name: string, issuer_type: string, country: string, sector: string, industry: string, region: string, instruments: Instrument[] }} Issuer
 * @typedef {{ entity_id: string, name: string, sector: string, industry: string, country: string, region: string, instrument_id: string }} Entity
 * @typedef {{ branch: string, cosine: number, share: number, shared?: string[] }} BranchShare
 * @typedef {{ rank: number, entity_id: string, name: string, sector: string, country: string, instrument_id: string, region: string, source: string, as_of_date: string,
 *   cosine: number, euclidean: number, explanation?: BranchShare[] }} Hit
 * @typedef {{ model_id: string, exact: boolean, is_partial: boolean, candidates: number, missing_shards: string[], hits: Hit[] }} Answer
 * @typedef {{ model_id: string, as_of_date: string, method: string, entity_ids: string[], names: string[], sectors: string[], countries: string[],
 *   x: number[], y: number[], neighbours: number[][], trustworthiness?: number }} MapAnswer
 * @typedef {{ group_id: number, size: number, words: string[] }} Group
 * @typedef {{ model_id: string, as_of_date: string, modularity: number, edges: number, groups: Group[], members: { entity_id: string, group_id: number, centrality?: number }[] }} Groups
 * @typedef {{ entity_id: string, cosine: number, move: number, entered: string[], left: string[], kept: number, times_typical?: number }} Change
 * @typedef {{ from_date: string, to_date: string, universe_move: number, typical_move: number, changes: Change[], appeared: string[], gone: string[] }} Changes
 * @typedef {{ total_return: number, volatility: number, worst_drawdown: number }} Outcome
 * @typedef {{ states: number, dates: number, mean: Outcome, spread: Outcome }} Outcomes
 * @typedef {{ portfolio_id: string, as_of_date: string, cosine: number, followed: Outcome }} Analogue
 * @typedef {{ portfolio_id: string, as_of_date: string, horizon: number, analogues: Analogue[], of_analogues: Outcomes, of_random: Outcomes, eligible: number, periods: number }} Analogues
 * @typedef {{ as_of_date: string, norm: number, cosine_to_previous: number | null, cosine_to_first: number | null, nearest: string | null, nearest_cosine: number | null }} HistoryPoint
 */

/** @type {Map<string, Promise<any>>} */
const cache = new Map();

/** How many answers are kept: a map of 50,000 points is a few megabytes. */
const KEPT = 60;

/**
 * @param {import("./api.js").ApiRequest} wanted A GET.
 * @returns {Promise<any>}
 */
function once(wanted) {
    let answer = cache.get(wanted.path);
    if (answer === undefined) {
        answer = call(wanted);
        // A failure is asked again.
        answer.catch(() => cache.delete(wanted.path));
    }
    // The last asked stands last, the first goes.
    cache.delete(wanted.path);
    cache.set(wanted.path, answer);
    if (cache.size > KEPT)
        cache.delete(/** @type {string} */ (cache.keys().next().value));
    return answer;
}

/** Forgets every answer: a job has written. */
export function forget() {
    cache.clear();
}

/** @returns {Promise<Space[]>} */
export async function spaces() {
    return (await once(request("GET", "/v1/spaces"))).spaces;
}

/** @returns {Promise<{ model_id: string, kind: string, entity: string, encoder: string, dimension: number, description: string }[]>} */
export async function models() {
    return (await once(request("GET", "/v1/models"))).models;
}

/** @param {string} space @returns {Promise<string[]>} Ascending. */
export async function dates(space) {
    return (await once(request("GET", `/v1/spaces/${part(space)}/dates`))).dates;
}

/** @param {string} space @param {string} date @param {string} method */
export function mapRequest(space, date, method) {
    return request("GET", `/v1/spaces/${part(space)}/dates/${part(date)}/map`, { method });
}

/** @param {string} space @param {string} date @param {string} method @returns {Promise<MapAnswer>} */
export function map(space, date, method) {
    return once(mapRequest(space, date, method));
}

/** @param {string} space @param {string} date @returns {Promise<Entity[]>} Everyone with a vector on the date, page by page. */
export async function entities(space, date) {
    /** @type {Entity[]} */
    const all = [];
    let cursor = "";
    do {
        const page = await once(request("GET", `/v1/spaces/${part(space)}/dates/${part(date)}/entities`, { limit: 1000, cursor }));
        all.push(...page.entities);
        cursor = page.next_cursor ?? "";
    } while (cursor !== "");
    return all;
}

/** @param {string} id @returns {Promise<Issuer>} */
export function issuer(id) {
    return once(request("GET", `/v1/issuers/${part(id)}`));
}

/** @param {string} query @param {number} limit @param {AbortSignal} signal @returns {Promise<Issuer[]>} */
export async function findIssuers(query, limit, signal) {
    return (await call(request("GET", "/v1/issuers", { query, limit }), { signal })).issuers;
}

/** @param {string} query @param {number} limit @param {AbortSignal} [signal] @returns {Promise<{ portfolio_id: string, as_of_date: string }[]>} */
export async function findPortfolios(query, limit, signal) {
    return (await call(request("GET", "/v1/portfolios", { query, limit }), { signal })).portfolios;
}

/** @param {string} id @param {string} start @param {string} end @returns {Promise<{ issuer_id: string, instrument_id: string, dates: string[], adjusted_close: (number | null)[] }>} */
export function prices(id, start, end) {
    return once(request("GET", `/v1/issuers/${part(id)}/prices`, { start, end }));
}

/** @param {string} id @param {string} date @returns {Promise<{ as_of_date: string, business_description: string, risk_summary: string, recent_events_summary: string }>} */
export function profile(id, date) {
    return once(request("GET", `/v1/issuers/${part(id)}/profile`, { as_of: date }));
}

/**
 * @param {"issuer" | "portfolio"} kind @param {string} id @param {string} date
 * @returns {Promise<{ branches: { model_id: string, as_of_date: string, known_at: string, vector?: number[] }[] }>}
 */
export function state(kind, id, date) {
    return once(request("GET", `/v1/${kind}s/${part(id)}/state`, { as_of: date, vectors: "true" }));
}

/** @param {string} space @param {string} id @param {string} [start] @param {string} [end] */
export function historyRequest(space, id, start, end) {
    return request("GET", `/v1/spaces/${part(space)}/history/${part(id)}`, { start, end });
}

/** @param {string} space @param {string} id @returns {Promise<HistoryPoint[]>} */
export async function history(space, id) {
    return (await once(historyRequest(space, id))).points.map((/** @type {Partial<HistoryPoint>} */ point) => (
        { cosine_to_previous: null, cosine_to_first: null, nearest: null, nearest_cosine: null, ...point }));
}

/** @param {string} space @param {string} id @param {string} start @param {string} end @returns {Promise<{ as_of_date: string, vector: number[] }[]>} */
export async function vectors(space, id, start, end) {
    return (await once(request("GET", `/v1/spaces/${part(space)}/vectors`, { entity_id: id, start, end, limit: 1000 }))).vectors;
}

/** @param {string} id @param {string} date */
export function holdingsRequest(id, date) {
    return request("GET", `/v1/portfolios/${part(id)}/holdings`, { as_of: date });
}

/**
 * @param {string} id @param {string} date
 * @returns {Promise<{ as_of_date: string, holdings: { instrument_id: string, issuer_id: string | null, name: string | null, sector: string | null, weight: number }[] }>}
 */
export function holdings(id, date) {
    return once(holdingsRequest(id, date));
}

/** @param {string} id @param {string} date */
export function riskRequest(id, date) {
    return request("GET", `/v1/portfolios/${part(id)}/risk-report`, { as_of: date });
}

/**
 * @param {string} id @param {string} date
 * @returns {Promise<{ as_of_date: string, risk_metrics: Record<string, number>, exposures_by_sector: Record<string, number>, exposures_by_factor: Record<string, number> }>}
 */
export function riskReport(id, date) {
    return once(riskRequest(id, date));
}

/** @param {string} space @param {string} date @returns {Promise<Groups>} */
export function groups(space, date) {
    return once(request("GET", `/v1/spaces/${part(space)}/dates/${part(date)}/groups`));
}

/** @param {string} space @param {string} from @param {string} to */
export function changesRequest(space, from, to) {
    return request("GET", `/v1/spaces/${part(space)}/changes`, { from, to });
}

/** @param {string} space @param {string} from @param {string} to @returns {Promise<Changes>} Who moved most stands first. */
export function changes(space, from, to) {
    return once(changesRequest(space, from, to));
}

/** @param {string} space @param {string} portfolio @param {string} date @param {number} horizon Trading days. */
export function analoguesRequest(space, portfolio, date, horizon) {
    return request("GET", `/v1/spaces/${part(space)}/analogues/${part(portfolio)}`, { as_of: date, horizon });
}

/** @param {string} space @param {string} portfolio @param {string} date @param {number} horizon @returns {Promise<Analogues>} */
export function analogues(space, portfolio, date, horizon) {
    return once(analoguesRequest(space, portfolio, date, horizon));
}
