/**
 * A portfolio: what it holds, what it risks, and past states like it with what followed them.
 * @module
 */
import { aborted, call } from "../api.js";
import * as data from "../data.js";
import { el, fill } from "../dom.js";
import { number, percent, plural, text, words } from "../format.js";
import { sizeBar } from "../parts/bars.js";
import { choice } from "../parts/fields.js";
import { empty, failed, waiting } from "../parts/states.js";
import { Table } from "../parts/table.js";
import { searchRequest } from "../search.js";
import { change, current } from "../store.js";
import { EMPTY } from "../url-state.js";
import { spread } from "../vectors.js";
import { analoguesOf } from "./analogues.js";
import { changesOf } from "./changes.js";
import { nothingBuilt } from "./explore.js";

/** @typedef {import("../url-state.js").State} State */
/** @typedef {import("../main.js").Context} Context */
/** @typedef {{ hit: data.Hit, now: Record<string, number> | null, then: Record<string, number> | null, thenDate: string }} PastState */

/** Fewer past states than this say nothing about what follows. */
const THIN = 5;

export class PortfolioView {
    constructor() {
        this.body = el("div", { class: "portfolio-body" });
        this.element = el("div", { class: "view page" }, this.body);
        this.wanted = "";
        this.metric = "";
    }

    /** @param {State} state @param {Context} context */
    update(state, context) {
        if (context.dates.length === 0) {
            fill(this.body, nothingBuilt(context.space));
            this.wanted = "";
            return;
        }
        const wanted = JSON.stringify([state.space, state.date, state.portfolio, state.k]);
        if (wanted === this.wanted)
            return;
        this.wanted = wanted;
        this.load(state, context);
    }

    /** @param {State} state @param {Context} context */
    async load(state, context) {
        const wanted = this.wanted;
        fill(this.body, waiting("Reading the portfolio…"));
        try {
            const parts = state.portfolio === "" ? [await list(state)] : await Promise.all([this.holdings(state), this.past(state, context), this.risks(state)])
                .then(([holdings, past, risks]) => [
                    el("div", { class: "duo" }, holdings, past),
                    el("div", { class: "duo" }, analoguesOf(state), this.changes(state, context)),
                    el("div", { class: "duo" }, risks)]);
            if (wanted === this.wanted)
                fill(this.body, state.portfolio === "" ? null : el("p", { class: "target" }, "Portfolio ", el("b", {}, state.portfolio), ` on ${state.date} `,
                    el("button", { type: "button", onclick: () => change({ view: "explore", id: state.portfolio, text: "" }) }, "On the map"),
                    el("button", { type: "button", onclick: () => change({ portfolio: "" }) }, "All portfolios")), parts);
        } catch (error) {
            if (wanted === this.wanted && !aborted(error))
                fill(this.body, failed(error, () => {
                    this.wanted = "";
                    this.update(current(), context);
                }), el("button", { type: "button", onclick: () => change({ portfolio: "" }) }, "All portfolios"));
        }
    }

    /** @param {State} state */
    async holdings(state) {
        const answer = await optional(data.holdings(state.portfolio, state.date));
        if (answer === null || answer.holdings.length === 0)
            return el("section", { class: "block" }, el("h2", {}, "Holdings"), empty(`No holdings on or before ${state.date}: they come from portfolio_positions.csv.`));
        const most = Math.max(...answer.holdings.map(row => Math.abs(row.weight)));
        const table = new Table({
            caption: "Holdings", noun: "holding", file: `holdings-${state.portfolio}-${answer.as_of_date}`, rowKey: row => row.instrument_id,
            columns: [
                { name: "instrument_id", value: row => row.instrument_id },
                { name: "issuer_id", value: row => row.issuer_id, unseen: true },
                { name: "issuer", fit: "main", value: row => row.name ?? row.issuer_id, show: row => !row.issuer_id ? "–" : issuerLink(row.issuer_id, row.name || row.issuer_id) },
                { name: "sector", fit: "short", value: row => row.sector, show: row => text(row.sector), wide: true },
                { name: "weight", numeric: true, value: row => row.weight, show: row => sizeBar(row.weight, most, percent(row.weight, 2)) },
            ],
        });
        table.show(answer.holdings.toSorted((a, b) => Math.abs(b.weight) - Math.abs(a.weight)), data.holdingsRequest(state.portfolio, state.date));
        return el("section", { class: "block" }, el("h2", {}, `Holdings of ${answer.as_of_date}`), el("p", { class: "figure-line" }, el("b", {}, percent(answer.holdings.reduce((sum, row) => sum + row.weight, 0))), " invested"), table.element);
    }

    /** @param {State} state */
    async risks(state) {
        const report = await optional(data.riskReport(state.portfolio, state.date));
        if (report === null)
            return el("section", { class: "block" }, el("h2", {}, "Risk"), empty(`No risk report on or before ${state.date}: they come from portfolio_risk_reports.csv.`));
        const tables = /** @type {const} */ ([["exposures_by_sector", true], ["exposures_by_factor", false], ["risk_metrics", false]]).map(([name, isShare]) => {
            const entries = Object.entries(report[name]);
            const most = Math.max(0, ...entries.map(([, value]) => Math.abs(value)));
            const table = new Table({
                caption: words(name), noun: "row", file: `${name}-${state.portfolio}-${report.as_of_date}`, rowKey: ([key]) => key,
                columns: [{ name: words(name), value: ([key]) => key, show: ([key]) => words(key) },
                    { name: "value", numeric: true, value: ([, value]) => value, show: ([, value]) => name === "risk_metrics" ? number(value) : sizeBar(value, most, isShare ? percent(value) : number(value, 3)) }],
            });
            table.show(entries, data.riskRequest(state.portfolio, state.date));
            return table.element;
        });
        return el("section", { class: "block" }, el("h2", {}, `Risk report of ${report.as_of_date}`), el("div", { class: "columns" }, tables));
    }

    /** What changed since the date before; fills itself. @param {State} state @param {Context} context */
    changes(state, context) {
        const before = context.dates.findLast(date => date < state.date);
        const block = el("section", { class: "block" });
        const title = el("h2", {}, before === undefined ? "Changed" : `Changed since ${before}`);
        const load = async () => {
            if (before === undefined) {
                fill(block, title, empty(`${state.date} is the first date of ${state.space}: nothing came before it.`));
                return;
            }
            fill(block, title, waiting(`Comparing with ${before}…`));
            try {
                fill(block, title, await changesOf({ space: state.space, id: state.portfolio, before, date: state.date },
                    { noun: "portfolio", nameOf: id => id, open: id => change({ portfolio: id }) }));
            } catch (error) {
                if (!aborted(error))
                    fill(block, title, failed(error, load));
            }
        };
        load();
        return block;
    }

    /** Past states by a search over all dates up to this one. @param {State} state @param {Context} context */
    async past(state, context) {
        const before = context.dates.findLast(date => date < state.date);
        if (before === undefined)
            return el("section", { class: "block" }, el("h2", {}, "Past states like it, and what followed"), empty(`${state.date} is the first date of ${state.space}: there is no past to look in.`));
        const now = searchRequest({ ...EMPTY, space: state.space, date: state.date, id: state.portfolio, k: state.k }, context.space);
        const wanted = { ...now, body: { .../** @type {object} */ (now.body), dates: { start: context.dates[0], end: before } } };
        const answer = /** @type {data.Answer} */ (await call(wanted));
        const rows = await Promise.all(answer.hits.map(async hit => {
            const thenDate = context.dates.find(date => date > hit.as_of_date) ?? "";
            const [now, then] = await Promise.all([optional(data.riskReport(hit.entity_id, hit.as_of_date)), thenDate === "" ? null : optional(data.riskReport(hit.entity_id, thenDate))]);
            return /** @type {PastState} */ ({ hit, now: now?.risk_metrics ?? null, then: then !== null && then.as_of_date > hit.as_of_date ? then.risk_metrics : null, thenDate });
        }));
        const block = el("section", { class: "block" });
        this.drawPast(block, rows, wanted, state);
        return block;
    }

    /** @param {HTMLElement} block @param {PastState[]} rows @param {import("../api.js").ApiRequest} wanted @param {State} state */
    drawPast(block, rows, wanted, state) {
        const metrics = [...new Set(rows.flatMap(row => Object.keys(row.now ?? {})))].sort();
        if (!metrics.includes(this.metric))
            this.metric = metrics.find(name => name === "return_63d") ?? metrics.find(name => name.startsWith("return")) ?? metrics[0] ?? "";
        const { metric } = this;
        const table = new Table({
            caption: "Past states", noun: "state", file: `past-states-${state.portfolio}-${state.date}`, rowKey: row => `${row.hit.entity_id} ${row.hit.as_of_date}`,
            openTitle: "Double click or Enter opens that portfolio on that date", open: row => change({ portfolio: row.hit.entity_id, date: row.hit.as_of_date }), select: () => {},
            columns: [
                { name: "rank", numeric: true, value: row => row.hit.rank }, { name: "portfolio_id", value: row => row.hit.entity_id }, { name: "as_of_date", value: row => row.hit.as_of_date },
                { name: "cosine", numeric: true, value: row => row.hit.cosine, show: row => number(row.hit.cosine) },
                { name: `${words(metric)} then`, numeric: true, value: row => row.now?.[metric], show: row => number(row.now?.[metric]) },
                { name: "next date", value: row => row.thenDate, show: row => text(row.thenDate), wide: true },
                { name: `${words(metric)} next`, numeric: true, value: row => row.then?.[metric], show: row => number(row.then?.[metric]) },
            ],
        });
        table.show(rows, wanted);
        const followed = spread(rows.map(row => row.then?.[metric] ?? NaN));
        const said = metric === "" ? "No risk reports: what followed is not known."
            : followed === null || followed.n < THIN ? `What followed is known for ${plural(followed?.n ?? 0, "state")}: too few to say anything. ${THIN} are the least.`
            : `${words(metric)} at the next date, over ${plural(followed.n, "state")}: median ${number(followed.median)}, from ${number(followed.least)} to ${number(followed.greatest)}.`;
        fill(block, el("h2", {}, "Past states like it, and what followed"),
            metric === "" ? null : choice("What followed", metrics.map(value => ({ value, text: words(value) })), metric, value => {
                this.metric = value;
                this.drawPast(block, rows, wanted, state);
                block.querySelector("select")?.focus();
            }), el("p", { class: "figure-line" }, said), table.element);
    }
}

/** Null for what does not exist. @template T @param {Promise<T>} wanted @returns {Promise<T | null>} */
async function optional(wanted) {
    try {
        return await wanted;
    } catch (error) {
        if (/** @type {{ status?: number }} */ (error).status === 404)
            return null;
        throw error;
    }
}

/** To the map of the newest space of issuers. @param {string} id @param {string} name */
function issuerLink(id, name) {
    return el("button", { type: "button", class: "link", title: `Neighbours of ${id}`, onclick: async () => {
        const space = (await data.spaces()).filter(candidate => candidate.entity === "issuer").sort((a, b) => a.model_id < b.model_id ? 1 : -1)[0];
        if (space !== undefined)
            change({ ...EMPTY, view: "explore", space: space.model_id, date: current().date, id });
    } }, name);
}

/** @param {State} state */
async function list(state) {
    const found = await data.entities(state.space, state.date);
    if (found.length === 0)
        return empty(`No portfolio has a vector in ${state.space} on ${state.date}.`);
    const table = new Table({
        caption: "Portfolios", noun: "portfolio", file: `portfolios-${state.date}`, rowKey: row => row.entity_id, openTitle: "Click or Enter opens it",
        select: () => {}, open: row => change({ portfolio: row.entity_id }),
        columns: [{ name: "portfolio_id", value: row => row.entity_id, show: row => el("button", { type: "button", class: "link", onclick: () => change({ portfolio: row.entity_id }) }, row.entity_id) },
            { name: "name", value: row => row.name, show: row => text(row.name) }],
    });
    table.show(found);
    return el("section", { class: "block" }, el("h2", {}, `Portfolios on ${state.date}`), table.element);
}
