/**
 * Who is nearest to the target: the list that answers every move of a slider.
 * @module
 */
import { aborted } from "../api.js";
import * as data from "../data.js";
import { el, fill } from "../dom.js";
import { count, number, text } from "../format.js";
import { shareBar, shareLegend } from "../parts/bars.js";
import { empty, failed } from "../parts/states.js";
import { Table } from "../parts/table.js";
import { latest, searchRequest, weighsNothing } from "../search.js";
import { change, current } from "../store.js";

/** @typedef {import("../data.js").Hit} Hit */
/** @typedef {Hit & { pinned?: boolean }} Row */

export class NeighboursPanel {
    /** @param {{ found: (hits: Hit[]) => void, point: (id: string) => void }} events */
    constructor(events) {
        this.events = events;
        this.target = el("div", { class: "target" });
        this.note = el("p", { class: "answer-note", role: "status" });
        this.body = el("div", { class: "list-body" });
        this.element = el("div", { class: "list" }, this.target, this.body);
        this.search = latest();
        this.searchPinned = latest();
        this.wanted = "";
        this.tableOf = "";
        /** @type {Table<Row> | null} */
        this.table = null;
        /** @type {Hit[]} */
        this.hits = [];
        /** @type {Hit[]} */
        this.pinned = [];
    }

    /** @param {import("../url-state.js").State} state @param {import("../main.js").Context} context */
    update(state, context) {
        this.context = context;
        if (state.id === "" && state.text === "") {
            this.wanted = "";
            fill(this.target);
            fill(this.body, empty("Click a point on the map, or press / and type a name, an id, a symbol or what a company does."));
            this.tableOf = "";
            return;
        }
        this.head(state, context);
        if (weighsNothing(state, context.space)) {
            this.wanted = "";
            this.tableOf = "";
            fill(this.body, empty("Every branch weighs nothing. Give one of them a weight."));
            return;
        }
        const wanted = searchRequest(state, context.space);
        const same = JSON.stringify([wanted, state.pins]);
        if (same === this.wanted)
            return;
        this.wanted = same;
        this.run(state, wanted);
    }

    /** @param {import("../url-state.js").State} state @param {import("../main.js").Context} context */
    head(state, context) {
        const names = context.space.branches.map(branch => branch.name);
        const title = el("b", {}, state.id !== "" ? state.id : `“${state.text}”`);
        const more = el("span", { class: "soft" });
        if (state.id !== "" && context.space.entity === "issuer") {
            // The list does not wait for the name.
            data.issuer(state.id).then(issuer => {
                title.textContent = issuer.name || issuer.issuer_id;
                more.textContent = [issuer.issuer_id, issuer.instruments[0]?.symbol, issuer.industry, issuer.country].filter(Boolean).join(" · ");
            }, () => {});
        }
        const leave = el("button", { type: "button", class: "quiet", onclick: () => change({ id: "", text: "" }) }, "Clear");
        fill(this.target, el("p", {}, "Nearest to ", title, leave, more), shareLegend(names));
    }

    /** @param {import("../url-state.js").State} state @param {import("../api.js").ApiRequest} wanted */
    async run(state, wanted) {
        const began = performance.now();
        // What is pinned is compared whatever the filters and the length of the list are.
        const pins = state.pins.filter(id => id !== state.id);
        const pinned = pins.length === 0 || state.within ? Promise.resolve({ hits: [] }) : this.searchPinned({ ...wanted, body: pinnedBody(wanted.body, pins) });
        try {
            const [answer, kept] = await Promise.all([this.search(wanted), pinned]);
            this.hits = answer.hits;
            this.pinned = kept.hits;
            this.show(answer, wanted, performance.now() - began);
            this.events.found(answer.hits);
        } catch (error) {
            if (aborted(error))
                return;
            this.tableOf = "";
            fill(this.body, failed(error, () => {
                this.wanted = "";
                this.update(current(), /** @type {import("../main.js").Context} */ (this.context));
            }));
        }
    }

    /** @param {import("../data.js").Answer} answer @param {import("../api.js").ApiRequest} wanted @param {number} took Milliseconds. */
    show(answer, wanted, took) {
        const context = /** @type {import("../main.js").Context} */ (this.context);
        const state = current();
        const branches = context.space.branches.map(branch => branch.name);
        const tableOf = [state.space, state.start !== ""].join(" ");
        if (this.table === null || this.tableOf !== tableOf) {
            this.tableOf = tableOf;
            this.table = this.makeTable(branches, state.start !== "", context.space.entity === "issuer");
            fill(this.body, this.note, this.table.element);
        }
        this.table.options.file = `neighbours-${state.id || "text"}-${state.date}`;
        this.table.show([...this.pinned.map(hit => ({ ...hit, pinned: true })), ...answer.hits], wanted);
        const partial = answer.is_partial ? ` Partial: ${answer.missing_shards.join(", ")} did not answer.` : "";
        this.note.className = answer.is_partial ? "answer-note error" : "answer-note";
        this.note.textContent = `${answer.exact ? "Exact" : "Not exact"}, ${count(answer.candidates)} compared, ${number(took, 0)} ms.${partial}`
            + (answer.hits.length === 0 ? " Nobody fits: loosen a filter or the least cosine." : "");
    }

    /** @param {string[]} branches @param {boolean} dated @param {boolean} isIssuer @returns {Table<Row>} */
    makeTable(branches, dated, isIssuer) {
        const perBranch = branches.flatMap(branch => /** @type {import("../parts/table.js").Column<Row>[]} */ ([
            { name: `${branch}_cosine`, value: row => row.explanation?.find(entry => entry.branch === branch)?.cosine, unseen: true },
            { name: `${branch}_share`, value: row => row.explanation?.find(entry => entry.branch === branch)?.share, unseen: true },
        ]));
        return new Table({
            caption: "Nearest neighbours", noun: "neighbour", file: "neighbours", rowKey, mark: row => row.pinned ? "pinned" : "",
            openTitle: "Click marks it on the map, double click or Enter makes it the target",
            select: row => this.events.point(row.entity_id),
            open: row => change({ id: row.entity_id, text: "", date: row.as_of_date, start: "" }),
            columns: [
                { name: "rank", numeric: true, value: row => row.rank, show: row => row.pinned ? "pin" : String(row.rank) },
                { name: "entity_id", value: row => row.entity_id, unseen: true },
                { name: "name", fit: "main", value: row => row.name, show: row => [el("span", { class: "name" }, row.name || row.entity_id), row.name ? el("span", { class: "id" }, row.entity_id) : null] },
                { name: "as_of_date", value: row => row.as_of_date, unseen: !dated },
                { name: "sector", fit: "short", value: row => row.sector, show: row => text(row.sector), wide: true, unseen: !isIssuer },
                { name: "country", value: row => row.country, show: row => text(row.country), wide: true, unseen: true },
                { name: "cosine", numeric: true, value: row => row.cosine, show: row => number(row.cosine) },
                { name: "euclidean", value: row => row.euclidean, unseen: true },
                ...perBranch,
                { name: "shares", bare: true, value: () => "", show: row => row.explanation ? shareBar(row.explanation, branches) : null },
                { name: "actions", bare: true, value: () => "", show: row => actions(row, isIssuer) },
            ],
        });
    }
}

/** @param {unknown} body @param {string[]} pins */
function pinnedBody(body, pins) {
    const { min_cosine, max_per_sector, dates, ...rest } = /** @type {Record<string, unknown>} */ (body);
    return { ...rest, top_k: pins.length, filter: { entity_ids: pins } };
}

/** @param {Row} row */
function rowKey(row) {
    return `${row.pinned ? "pin " : ""}${row.entity_id} ${row.as_of_date}`;
}

/** @param {Row} row @param {boolean} isIssuer */
function actions(row, isIssuer) {
    const { id, pins, excluded } = current();
    const isPinned = pins.includes(row.entity_id);
    return [
        el("button", { type: "button", class: "quiet", "aria-pressed": String(isPinned), title: isPinned ? "Take out of the basket" : "Pin: keep on top, and in the basket",
            "aria-label": `Pin ${row.entity_id}`, onclick: () => change({ pins: isPinned ? pins.filter(other => other !== row.entity_id) : [...pins, row.entity_id] }) }, "+"),
        el("button", { type: "button", class: "quiet", title: "Leave out", "aria-label": `Leave out ${row.entity_id}`,
            onclick: () => change({ excluded: [...new Set([...excluded, row.entity_id])], pins: pins.filter(other => other !== row.entity_id) }) }, "×"),
        id === "" ? null : el("button", { type: "button", class: "quiet", title: "Side by side", "aria-label": `Compare with ${row.entity_id}`,
            onclick: () => change({ view: "compare", other: row.entity_id }) }, "↔"),
        isIssuer ? null : el("button", { type: "button", class: "quiet", title: "Holdings and past states", "aria-label": `Page of ${row.entity_id}`, onclick: () => change({ view: "portfolio", portfolio: row.entity_id, date: row.as_of_date }) }, "≡"),
    ];
}

