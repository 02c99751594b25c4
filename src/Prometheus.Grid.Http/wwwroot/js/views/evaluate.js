/**
 * How good models are on the data at hand, each against random pairs.
 * @module
 */
import { aborted, call, request } from "../api.js";
import * as data from "../data.js";
import { el, fill } from "../dom.js";
import { count, number, text, words } from "../format.js";
import { choice, group, tick } from "../parts/fields.js";
import { empty, failed, waiting } from "../parts/states.js";
import { Table } from "../parts/table.js";

/**
 * @typedef {{ model_id: string, as_of_date?: string | null, metric: string, value: number, standard_error: number | null, baseline: number | null, baseline_is: string | null,
 *   more_is_better: boolean, entities: number, difference: number | null, difference_error: number | null }} Figure
 */

/** Days of the calendar in 63 of trade. */
const DAYS = 90;

export class EvaluateView {
    constructor() {
        this.form = el("aside", { class: "controls", "aria-label": "What to evaluate" });
        this.result = el("div", { class: "result" }, empty("Choose models and dates, and run. Every model is judged on the same entities, against random pairs; the first is what the others are compared with."));
        this.element = el("div", { class: "view split" }, this.form, this.result);
        /** @type {Set<string>} In the order in which they were chosen. */
        this.chosen = new Set();
        this.start = "";
        this.end = "";
        this.drawn = "";
        this.each = false;
        /** @type {AbortController | null} */
        this.running = null;
    }

    dispose() {
        this.running?.abort();
    }

    /** @param {import("../url-state.js").State} state @param {import("../main.js").Context} context */
    async update(state, context) {
        const drawn = [context.space.model_id, context.date].join(" ");
        if (drawn === this.drawn)
            return;
        this.drawn = drawn;
        if (this.chosen.size === 0)
            this.chosen.add(context.space.model_id);
        const judged = judgeable(context.dates);
        this.start = context.dates.includes(this.start) ? this.start : judged;
        this.end = context.dates.includes(this.end) ? this.end : judged;
        try {
            this.draw(context, await data.models());
        } catch (error) {
            fill(this.form, failed(error));
        }
    }

    /** @param {import("../main.js").Context} context @param {{ model_id: string, entity: string }[]} models */
    draw(context, models) {
        const { entity } = context.space;
        const toggle = (/** @type {string} */ id) => (/** @type {boolean} */ on) => {
            if (on)
                this.chosen.add(id);
            else
                this.chosen.delete(id);
            this.button.disabled = this.chosen.size === 0;
        };
        const ticks = (/** @type {{ model_id: string }[]} */ entries) => entries.map(entry => tick(entry.model_id, this.chosen.has(entry.model_id), toggle(entry.model_id)));
        const dates = context.dates.map(date => ({ value: date, text: date }));
        this.button = el("button", { type: "button", class: "main", disabled: this.chosen.size === 0 || dates.length === 0, onclick: () => this.run() }, "Evaluate");
        fill(this.form, group("Joint spaces", ticks(context.spaces.filter(space => space.entity === entity))), group("Branches", ticks(models.filter(model => (model.entity === "portfolio") === (entity === "portfolio")))),
            group("Dates", choice("From", dates, this.start, value => this.start = value), choice("To", dates, this.end, value => this.end = value)),
            dates.length === 0 ? el("p", { class: "soft" }, "The space has no dates yet; see Jobs.") : null, this.button);
    }

    async run() {
        this.running?.abort();
        const mine = this.running = new AbortController();
        const wanted = request("POST", "/v1/evaluations", {}, { model_ids: [...this.chosen], start: this.start, end: this.end });
        fill(this.result, waiting("Evaluating: nearest neighbours of everyone, on every date…"));
        try {
            const answer = await call(wanted, { signal: mine.signal });
            if (!mine.signal.aborted)
                this.show(answer, wanted);
        } catch (error) {
            if (!aborted(error))
                fill(this.result, failed(error, () => this.run()));
        }
    }

    /** @param {{ figures: Figure[], left_out: { reason: string, count: number }[], unjudged?: { as_of_date: string, reason: string }[] }} answer @param {import("../api.js").ApiRequest} wanted */
    show(answer, wanted) {
        const dated = answer.figures.filter(figure => figure.as_of_date);
        const whole = answer.figures.filter(figure => !figure.as_of_date);
        const alone = new Set(answer.figures.map(figure => figure.model_id)).size < 2;
        const table = /** @type {Table<Figure>} */ (new Table({
            caption: "Figures", noun: "figure", file: `evaluation-${this.start}-${this.end}`, rowKey: row => [row.model_id, row.as_of_date, row.metric, row.baseline_is].join(" "),
            columns: [
                { name: "metric", value: row => row.metric, show: row => words(row.metric) }, { name: "model_id", value: row => row.model_id },
                { name: "as_of_date", value: row => row.as_of_date, show: row => row.as_of_date ?? "all" },
                { name: "value", numeric: true, value: row => row.value, show: row => number(row.value) },
                { name: "± error", numeric: true, title: "Standard error", value: row => row.standard_error, show: row => number(row.standard_error) },
                { name: "baseline", numeric: true, value: row => row.baseline, show: row => number(row.baseline) },
                { name: "of", value: row => row.baseline_is, show: row => text(row.baseline_is && words(row.baseline_is)), wide: true },
                { name: "against it", value: verdict, show: row => el("span", { class: verdict(row) }, verdict(row)) },
                { name: "to the first", unseen: alone, numeric: true, title: "Difference to the first model", value: row => row.difference, show: row => number(row.difference) },
                { name: "± its error", unseen: alone, numeric: true, wide: true, value: row => row.difference_error, show: row => number(row.difference_error) },
                { name: "entities", numeric: true, wide: true, value: row => row.entities, show: row => count(row.entities) },
            ],
        }));
        const draw = () => table.show(this.each || whole.length === 0 ? answer.figures : whole, wanted);
        draw();
        fill(this.result, el("h2", {}, `Figures, ${this.start === this.end ? this.start : `${this.start} to ${this.end}`}`),
            whole.length > 0 && dated.length > 0 ? tick("Each date as well", this.each, on => {
                this.each = on;
                draw();
            }) : null,
            answer.figures.length === 0 ? empty("No figure: see what was left out, and why.") : table.element,
            !answer.unjudged?.length ? null : el("section", { class: "block" }, el("h2", {}, "Dates not judged"), el("ul", { class: "plain" }, answer.unjudged.map(entry => el("li", {}, el("b", {}, entry.as_of_date), ` ${entry.reason}`)))),
            answer.left_out.length === 0 ? null : el("section", { class: "block" }, el("h2", {}, "Left out"), el("ul", { class: "plain" }, answer.left_out.map(entry => el("li", {}, el("b", {}, count(entry.count)), ` ${entry.reason}`)))));
    }
}

/** The last date that prices of the 63 days after it may follow: evaluations look at them. @param {string[]} dates */
function judgeable(dates) {
    const last = Date.parse(dates[dates.length - 1] ?? "");
    return dates.findLast(date => last - Date.parse(date) >= DAYS * 86_400_000) ?? dates[0] ?? "";
}

/** Whether a figure is better than its baseline, by more than two standard errors. @param {Figure} row */
export function verdict(row) {
    if (row.baseline === null || row.baseline === undefined)
        return "";
    const gain = (row.value - row.baseline) * (row.more_is_better ? 1 : -1);
    return Math.abs(gain) <= 2 * (row.standard_error ?? 0) ? "even" : gain > 0 ? "better" : "worse";
}
