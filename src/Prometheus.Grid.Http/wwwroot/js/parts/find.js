/**
 * Finding an issuer or a portfolio by name, id or symbol.
 * @module
 */
import * as data from "../data.js";

/** @typedef {import("./combobox.js").Suggestion} Suggestion */

const MOST = 9;

/**
 * @param {"issuer" | "portfolio"} entity
 * @param {string} text
 * @param {AbortSignal} signal
 * @param {(id: string) => void} pick
 * @returns {Promise<Suggestion[]>}
 */
export async function suggest(entity, text, signal, pick) {
    if (entity === "portfolio")
        return portfolios(await data.findPortfolios(text, 50, signal), pick);
    return (await data.findIssuers(text, MOST, signal)).map(issuer => ({
        key: issuer.issuer_id, title: issuer.name,
        hint: [issuer.instruments[0]?.symbol, issuer.issuer_id, issuer.sector].filter(Boolean).join(" · "),
        pick: () => pick(issuer.issuer_id),
    }));
}

/** Each portfolio once, whatever number of dates it has. @param {{ portfolio_id: string, as_of_date: string }[]} found @param {(id: string) => void} pick */
function portfolios(found, pick) {
    return [...new Set(found.map(entry => entry.portfolio_id))].slice(0, MOST).map(id => ({ key: id, title: id, hint: "portfolio", pick: () => pick(id) }));
}

/**
 * The id that a typed text means: an id or a symbol as it is, else the first that is found.
 * @param {"issuer" | "portfolio"} entity
 * @param {string} text
 * @returns {Promise<string | null>} Null where nothing is named so.
 */
export async function meant(entity, text) {
    const signal = new AbortController().signal;
    if (entity === "portfolio")
        return (await data.findPortfolios(text, 50, signal)).find(entry => same(entry.portfolio_id, text))?.portfolio_id ?? null;
    const found = await data.findIssuers(text, MOST, signal);
    return (found.find(issuer => same(issuer.issuer_id, text)) ?? found.find(issuer => issuer.instruments.some(entry => same(entry.symbol, text)))
        ?? found.find(issuer => same(issuer.name, text)))?.issuer_id ?? null;
}

/** @param {string} a @param {string} b */
function same(a, b) {
    return a.toLowerCase() === b.toLowerCase();
}
