/**
 * Two entities side by side: branch by branch, whom they have in common, and their prices.
 * @module
 */
import { aborted, call } from "../api.js";
import * as data from "../data.js";
import { el, fill } from "../dom.js";
import { number, percent, words } from "../format.js";
import { sizeBar } from "../parts/bars.js";
import { lineChart } from "../parts/chart.js";
import { combobox } from "../parts/combobox.js";
import { meant, suggest } from "../parts/find.js";
import { empty, failed, waiting } from "../parts/states.js";
import { Table } from "../parts/table.js";
import { searchRequest, weighsNothing } from "../search.js";
import { change, current } from "../store.js";
import { rebased } from "../vectors.js";
import { facts, texts } from "./profile.js";
import { nothingBuilt } from "./explore.js";

/** @typedef {import("../url-state.js").State} State */
/** @typedef {import("../main.js").Context} Context */

const YEARS = 2;

export class CompareView {
    constructor() {
        this.body = el("div", { class: "compare-body" });
        this.picks = el("div", { class: "row picks" });
        this.element = el("div", { class: "view page" }, this.picks, this.body);
        this.wanted = "";
        this.picksOf = "";
    }

    /** @param {State} state @param {Context} context */
    update(state, context) {
        const picksOf = [context.space.entity, state.id, state.other].join(" ");
        if (picksOf !== this.picksOf) {
            this.picksOf = picksOf;
            fill(this.picks, this.pick("First", "id", state.id, context), el("button", { type: "button", onclick: () => change({ id: current().other, other: current().id }) }, "Swap"), this.pick("Second", "other", state.other, context));
        }
        if (context.dates.length === 0) {
            fill(this.body, nothingBuilt(context.space));
            return;
        }
        const wanted = JSON.stringify([state.space, state.date, state.id, state.other, state.weights, state.k]);
        if (wanted === this.wanted)
            return;
        this.wanted = wanted;
        this.load(state, context);
    }

    /** @param {string} label @param {"id" | "other"} name @param {string} value @param {Context} context */
    pick(label, name, value, context) {
        const { entity } = context.space;
        const box = combobox({
            label: `${label} entity`, placeholder: value === "" ? `${label}: name, id or symbol` : `${label}: ${value}`,
            find: (text, signal) => suggest(entity, text, signal, id => change({ [name]: id })),
            submit: async text => change({ [name]: await meant(entity, text) ?? text }),
        });
        return el("div", { class: "pick" }, el("span", { class: "label" }, label), el("b", {}, value || "none"), box.element);
    }

    /** @param {State} state @param {Context} context */
    async load(state, context) {
        const wanted = this.wanted;
        if (state.id === "" || state.other === "") {
            fill(this.body, empty("Choose two: by name, id or symbol above, or with ↔ in a list of neighbours."));
            return;
        }
        if (weighsNothing(state, context.space)) {
            fill(this.body, empty("Every branch weighs nothing. Give one of them a weight on the map's page."));
            return;
        }
        fill(this.body, waiting("Comparing…"));
        try {
            const parts = await Promise.all([branches(state, context), common(state, context),
                context.space.entity === "issuer" ? issuers(state) : portfolios(state)]);
            if (wanted === this.wanted)
                fill(this.body, el("div", { class: "duo" }, parts[0], parts[2].left), el("div", { class: "duo" }, parts[1]), parts[2].below);
        } catch (error) {
            if (wanted === this.wanted && !aborted(error))
                fill(this.body, failed(error, () => {
                    this.wanted = "";
                    this.update(current(), context);
                }));
        }
    }
}

/** A search without the filters of the map's page. @param {State} state @param {string} id */
function plain(state, id) {
    return { ...state, id, text: "", start: "", sector: "", industry: "", country: "", region: "", market: "", min: "", perSector: "", pins: /** @type {string[]} */ ([]), excluded: [], within: false };
}

/** Cosine and share of every branch, as the search explains them. @param {State} state @param {Context} context */
async function branches(state, context) {
    const wanted = searchRequest({ ...plain(state, state.id), pins: [state.other], within: true, k: 1 }, context.space);
    const hit = state.id === state.other ? undefined : /** @type {data.Answer} */ (await call(wanted)).hits[0];
    if (hit === undefined)
        return empty(state.id === state.other ? "Both are the same." : `${state.other} has no vector in ${state.space} on ${state.date}.`);
    const rows = context.space.branches.map(branch => ({ branch, entry: hit.explanation?.find(entry => entry.branch === branch.name) }));
    const table = new Table({
        caption: "Branch by branch", noun: "branch", file: `branches-${state.id}-${state.other}-${state.date}`, rowKey: row => row.branch.name,
        columns: [
            { name: "branch", value: row => row.branch.name }, { name: "model_id", value: row => row.branch.model_id, wide: true },
            { name: "cosine", numeric: true, value: row => row.entry?.cosine, show: row => number(row.entry?.cosine) },
            { name: "share", numeric: true, value: row => row.entry?.share, show: row => row.entry ? sizeBar(row.entry.share, Math.max(...rows.map(other => Math.abs(other.entry?.share ?? 0))), number(row.entry.share)) : "–" },
            { name: "in common", fit: "long", value: row => row.entry?.shared?.join("; ") ?? "", wide: true },
        ],
    });
    table.show(rows, wanted);
    return el("section", { class: "block" }, el("h2", {}, "Branch by branch"), el("p", { class: "figure-line" }, "Cosine ", el("b", {}, number(hit.cosine)), ", distance ", el("b", {}, number(hit.euclidean))), table.element);
}

/** Whom both have among their nearest. @param {State} state @param {Context} context */
async function common(state, context) {
    const [a, b] = await Promise.all([state.id, state.other].map(id => call(searchRequest(plain(state, id), context.space)).then(answer => /** @type {data.Hit[]} */ (answer.hits))));
    const rows = a.flatMap(hit => {
        const other = b.find(entry => entry.entity_id === hit.entity_id);
        return other ? [{ hit, other }] : [];
    });
    const table = new Table({
        caption: "Neighbours in common", noun: "neighbour", file: `common-${state.id}-${state.other}-${state.date}`, rowKey: row => row.hit.entity_id,
        openTitle: "Double click or Enter puts it in the place of the second", open: row => change({ other: row.hit.entity_id }), select: () => {},
        columns: [
            { name: "entity_id", value: row => row.hit.entity_id, unseen: true }, { name: "name", fit: "main", value: row => row.hit.name || row.hit.entity_id },
            { name: "rank 1", numeric: true, value: row => row.hit.rank }, { name: "cosine 1", numeric: true, value: row => row.hit.cosine, show: row => number(row.hit.cosine) },
            { name: "rank 2", numeric: true, value: row => row.other.rank }, { name: "cosine 2", numeric: true, value: row => row.other.cosine, show: row => number(row.other.cosine) },
        ],
    });
    table.show(rows, searchRequest(plain(state, state.id), context.space));
    return el("section", { class: "block" }, el("h2", {}, "Neighbours in common"), el("p", { class: "figure-line" }, el("b", {}, `${rows.length} of ${Math.min(a.length, b.length)}`), " nearest"), table.element);
}

/** @param {State} state */
async function issuers(state) {
    const sides = await Promise.all([state.id, state.other].map(async id => el("div", {}, facts(await data.issuer(id)), await texts(id, state.date))));
    return { left: await priceBlock(state), below: [el("section", { class: "block sides" }, sides)] };
}

/** @param {State} state */
async function priceBlock(state) {
    const start = `${Number(state.date.slice(0, 4)) - YEARS}${state.date.slice(4).replace("-02-29", "-02-28")}`;
    const title = el("h2", {}, "Adjusted close, rebased to 1");
    try {
        const [a, b] = await Promise.all([state.id, state.other].map(id => data.prices(id, start, state.date)));
        const dates = [...new Set([...a.dates, ...b.dates])].sort();
        // From the first day on which both have a price: before that there is nothing to compare.
        const from = [a.dates[0] ?? "", b.dates[0] ?? ""].sort()[1];
        const days = dates.filter(date => date >= from);
        const line = (/** @type {typeof a} */ prices) => {
            const at = new Map(prices.dates.map((date, i) => [date, prices.adjusted_close[i]]));
            // Markets close on different days: a day without a price has that of the day before.
            /** @type {number | null} */
            let last = null;
            return rebased(days.map(date => last = at.get(date) ?? last));
        };
        const lines = [a, b].map(line);
        const table = new Table({
            caption: "Prices", noun: "day", file: `prices-${state.id}-${state.other}`, rowKey: row => row.date,
            columns: [{ name: "date", value: row => row.date }, { name: state.id, numeric: true, value: row => row.a, show: row => number(row.a) }, { name: state.other, numeric: true, value: row => row.b, show: row => number(row.b) }],
        });
        table.show(days.map((date, i) => ({ date, a: lines[0][i], b: lines[1][i] })));
        return el("section", { class: "block" }, title, lineChart({
            label: `Adjusted closes of ${state.id} and ${state.other}, rebased`, dates: days, series: [{ name: state.id, values: lines[0] }, { name: state.other, values: lines[1] }],
        }), el("details", {}, el("summary", {}, "As a table"), table.element));
    } catch (error) {
        if (aborted(error))
            throw error;
        return el("section", { class: "block" }, title, failed(error));
    }
}

/** @param {State} state */
async function portfolios(state) {
    const [a, b] = await Promise.all([state.id, state.other].map(id => data.riskReport(id, state.date)));
    const part = (/** @type {"exposures_by_sector" | "exposures_by_factor" | "risk_metrics"} */ name, /** @type {boolean} */ isShare) => {
        const rows = [...new Set([...Object.keys(a[name]), ...Object.keys(b[name])])].sort().map(key => ({ key, a: a[name][key] ?? null, b: b[name][key] ?? null }));
        const show = (/** @type {number | null} */ value) => isShare ? percent(value) : number(value, 3);
        const table = new Table({
            caption: words(name), noun: "row", file: `${name}-${state.id}-${state.other}`, rowKey: row => row.key,
            columns: [{ name: words(name), value: row => row.key, show: row => words(row.key) }, { name: state.id, numeric: true, value: row => row.a, show: row => show(row.a) },
                { name: state.other, numeric: true, value: row => row.b, show: row => show(row.b) },
                { name: "difference", numeric: true, value: row => row.a === null || row.b === null ? null : row.b - row.a, show: row => row.a === null || row.b === null ? "–" : show(row.b - row.a) }],
        });
        table.show(rows);
        return el("section", { class: "block" }, el("h2", {}, words(name)), table.element);
    };
    return { left: part("exposures_by_sector", true), below: [part("exposures_by_factor", false), part("risk_metrics", false)] };
}
