/**
 * An entity from date to date: how far it moved, what changed since the date before, and its path on the map.
 * @module
 */
import { aborted, call } from "../api.js";
import * as data from "../data.js";
import { el, fill } from "../dom.js";
import { number, text } from "../format.js";
import { lineChart } from "../parts/chart.js";
import { empty, failed, waiting } from "../parts/states.js";
import { Table } from "../parts/table.js";
import { searchRequest, weighsNothing } from "../search.js";
import { change, current } from "../store.js";
import { cosine } from "../vectors.js";
import { changesOf } from "./changes.js";
import { pathOnMap } from "./path.js";

/** @typedef {{ entity_id: string, name: string, before: number | null, now: number | null, cosineBefore: number | null, cosineNow: number | null }} Change */

export class HistoryPanel {
    /** @param {{ path: (steps: { x: number, y: number, label: string }[]) => void, map: () => data.MapAnswer | null }} events */
    constructor(events) {
        this.events = events;
        this.element = el("div", { class: "list" });
        this.changes = el("div", {});
        this.wanted = "";
        this.pathOn = false;
        this.points = /** @type {Table<data.HistoryPoint>} */ (new Table({
            caption: "History", noun: "date", file: "history", rowKey: point => point.as_of_date,
            openTitle: "Enter or a double click goes to the date", open: point => change({ date: point.as_of_date }), select: () => {},
            columns: [
                { name: "as_of_date", value: point => point.as_of_date },
                { name: "to previous", numeric: true, title: "Cosine to the date before", value: point => point.cosine_to_previous, show: point => number(point.cosine_to_previous) },
                { name: "to first", numeric: true, title: "Cosine to the first date", value: point => point.cosine_to_first, show: point => number(point.cosine_to_first) },
                { name: "norm", numeric: true, wide: true, value: point => point.norm, show: point => number(point.norm) },
                { name: "nearest", value: point => point.nearest, show: point => text(point.nearest) },
                { name: "its cosine", numeric: true, value: point => point.nearest_cosine, show: point => number(point.nearest_cosine) },
            ],
        }));
    }

    /** @param {import("../url-state.js").State} state @param {import("../main.js").Context} context */
    update(state, context) {
        if (state.tab !== "history")
            return;
        const wanted = JSON.stringify([state.space, state.id, state.date, state.weights, state.k, state.sector, state.country, state.industry, state.region, state.market, state.excluded, state.min, state.perSector]);
        if (wanted === this.wanted)
            return;
        this.wanted = wanted;
        this.context = context;
        this.load(state, context);
    }

    /** @param {import("../url-state.js").State} state @param {import("../main.js").Context} context */
    async load(state, context) {
        const wanted = this.wanted;
        if (state.id === "") {
            fill(this.element, empty("Select a point or a neighbour to see how it moved from date to date."));
            return;
        }
        try {
            const points = await data.history(state.space, state.id);
            if (wanted !== this.wanted)
                return;
            this.draw(state, points);
            const before = context.dates[context.dates.indexOf(state.date) - 1];
            if (before === undefined) {
                fill(this.changes, empty(`${state.date} is the first date of ${state.space}: nothing came before it.`));
                return;
            }
            fill(this.changes, waiting(`Comparing with ${before}…`));
            const parts = await Promise.all([this.branches(state, context, before), this.moved(state, context, before), this.beside(state, context, before)]);
            if (wanted === this.wanted)
                fill(this.changes, el("h2", {}, `Changed since ${before}`), parts);
        } catch (error) {
            if (wanted !== this.wanted || aborted(error))
                return;
            fill(this.element, failed(error, () => {
                this.wanted = "";
                this.update(current(), context);
            }));
        }
    }

    /** @param {import("../url-state.js").State} state @param {data.HistoryPoint[]} points */
    draw(state, points) {
        const shown = el("input", { type: "checkbox", checked: this.pathOn, onchange: () => {
            this.pathOn = shown.checked;
            this.path(state);
        } });
        this.points.options.file = `history-${state.id}`;
        this.points.show(points, data.historyRequest(state.space, state.id));
        this.points.select(state.date);
        this.pathNote = el("p", { class: "soft" });
        fill(this.element, el("p", { class: "target" }, "History of ", el("b", {}, state.id)),
            points.length < 2 ? empty("Only one date is built: with a second one there is a history.") : lineChart({
                label: `Cosine of ${state.id} to the date before and to the first`, dates: points.map(point => point.as_of_date), digits: 3, width: 460, mark: state.date, dots: points.length < 40,
                series: [{ name: "to the date before", values: points.map(point => point.cosine_to_previous) }, { name: "to the first date", values: points.map(point => point.cosine_to_first) }],
            }),
            el("label", { class: "tick" }, shown, "Path on the map"), this.pathNote, this.points.element, this.changes);
        if (this.pathOn)
            this.path(state);
    }

    /** @param {import("../url-state.js").State} state */
    async path(state) {
        const map = this.events.map(), note = this.pathNote;
        if (!this.pathOn || map === null || note === undefined) {
            this.events.path([]);
            note?.replaceChildren();
            return;
        }
        try {
            const steps = await pathOnMap(state, map);
            if (current().id !== state.id || !this.pathOn)
                return;
            this.events.path(steps);
            note.textContent = `Each past state stands among those of ${state.date} that it is nearest to.`;
        } catch (error) {
            note.textContent = error instanceof Error ? error.message : String(error);
        }
    }

    /** How far it moved beside all others. @param {import("../url-state.js").State} state @param {import("../main.js").Context} context @param {string} before */
    async beside(state, context, before) {
        // The map that is being drawn has the names; without one, ids do.
        const map = this.events.map() ?? await data.map(state.space, state.date, state.method).catch(() => null);
        const names = new Map(map === null ? [] : map.entity_ids.map((id, at) => [id, map.names[at]]));
        return [el("h2", {}, "Beside all others"), await changesOf({ space: state.space, id: state.id, before, date: state.date },
            { noun: context.space.entity, nameOf: id => names.get(id) || id, open: id => change({ id, text: "" }) })];
    }

    /** How far each branch moved. @param {import("../url-state.js").State} state @param {import("../main.js").Context} context @param {string} before */
    async branches(state, context, before) {
        const [was, is] = await Promise.all([before, state.date].map(date => data.state(context.space.entity, state.id, date)));
        const rows = context.space.branches.map(branch => {
            const a = was.branches.find(entry => entry.model_id === branch.model_id), b = is.branches.find(entry => entry.model_id === branch.model_id);
            return { branch: branch.name, model_id: branch.model_id, from: a?.as_of_date ?? "", to: b?.as_of_date ?? "", cosine: a?.vector && b?.vector ? cosine(a.vector, b.vector) : null };
        });
        const table = new Table({
            caption: `Branches since ${before}`, noun: "branch", file: `branches-${state.id}-${before}-${state.date}`, rowKey: row => row.branch,
            columns: [
                { name: "branch", value: row => row.branch }, { name: "model_id", value: row => row.model_id, wide: true },
                { name: "from", value: row => row.from, show: row => text(row.from) }, { name: "to", value: row => row.to, show: row => text(row.to) },
                { name: "cosine", numeric: true, value: row => row.cosine, show: row => number(row.cosine) },
            ],
        });
        table.show(rows);
        return table.element;
    }

    /** Who came among the nearest, who left, who moved. @param {import("../url-state.js").State} state @param {import("../main.js").Context} context @param {string} before */
    async moved(state, context, before) {
        if (weighsNothing(state, context.space))
            return empty("Every branch weighs nothing. Give one of them a weight.");
        const ask = (/** @type {string} */ date) => call(searchRequest({ ...state, date, start: "" }, context.space)).then(answer => /** @type {data.Hit[]} */ (answer.hits));
        const [was, is] = await Promise.all([ask(before), ask(state.date)]);
        const ids = [...new Set([...is, ...was].map(hit => hit.entity_id))];
        const rows = ids.map(id => {
            const a = was.find(hit => hit.entity_id === id), b = is.find(hit => hit.entity_id === id);
            return /** @type {Change} */ ({ entity_id: id, name: (b ?? a)?.name || id, before: a?.rank ?? null, now: b?.rank ?? null, cosineBefore: a?.cosine ?? null, cosineNow: b?.cosine ?? null });
        });
        const table = new Table({
            caption: `Neighbours since ${before}`, noun: "neighbour", file: `changes-${state.id}-${before}-${state.date}`, rowKey: row => row.entity_id,
            mark: row => row.before === null ? "came" : row.now === null ? "left" : "",
            columns: [
                { name: "entity_id", value: row => row.entity_id, unseen: true }, { name: "name", fit: "main", value: row => row.name },
                { name: "change", value: row => row.before === null ? "new" : row.now === null ? "left" : row.before - row.now,
                    show: row => row.before === null ? "new" : row.now === null ? "left" : row.before === row.now ? "=" : row.before > row.now ? `▲ ${row.before - row.now}` : `▼ ${row.now - row.before}` },
                { name: "rank was", numeric: true, value: row => row.before, show: row => row.before === null ? "–" : String(row.before) },
                { name: "rank", numeric: true, value: row => row.now, show: row => row.now === null ? "–" : String(row.now) },
                { name: "cosine was", numeric: true, value: row => row.cosineBefore, show: row => number(row.cosineBefore) },
                { name: "cosine", numeric: true, value: row => row.cosineNow, show: row => number(row.cosineNow) },
            ],
        });
        table.show(rows, searchRequest({ ...state, date: before, start: "" }, context.space));
        return table.element;
    }
}
