/**
 * The map with its tools: colours, lasso, and what it keeps of the space.
 * @module
 */
import { aborted } from "../api.js";
import * as data from "../data.js";
import { el, fill } from "../dom.js";
import { count, number, percent, plural } from "../format.js";
import { keptOf, keptShares } from "../map/kept.js";
import { MapView } from "../map/map-view.js";
import { failed, waiting } from "../parts/states.js";
import { change, current } from "../store.js";
import { onTheme, theme } from "../theme.js";
import { announce } from "../parts/announce.js";
import { COLUMNS, colouringOf, ownColumn } from "./colour-columns.js";

/** A slider that moves on asks for one map, not for each that it passes. In milliseconds. */
const PAUSE = 150;

export class MapPanel {
    /** @param {{ choose: (ids: string[]) => void, loaded: (map: data.MapAnswer | null) => void }} events */
    constructor(events) {
        this.events = events;
        /** @type {data.MapAnswer | null} */
        this.answer = null;
        /** @type {Map<string, number>} */
        this.position = new Map();
        /** @type {import("./colour-columns.js").OwnColumn | null} */
        this.own = null;
        this.wanted = "";
        this.coloured = "";
        /** @type {number | null} Share of the true neighbours that the whole map keeps; null until it is known. */
        this.kept = null;
        this.shown = -1;
        this.timer = 0;
        /** @type {data.Hit[]} */
        this.hits = [];
        this.view = new MapView({
            select: at => this.select(at),
            choose: positions => this.choose(positions),
            change: () => this.tools(),
        }, { gl: { off: false, on: true }[new URLSearchParams(location.search).get("gl") ?? ""] ?? "auto" });
        this.colours = el("select", { "aria-label": "Colour by", onchange: () => change({ colour: this.colours.value }, { replace: true }) });
        this.methods = el("select", { "aria-label": "Method of the map", onchange: () => change({ method: this.methods.value }) },
            ["umap", "pca"].map(value => el("option", { value }, value.toUpperCase())));
        this.file = el("input", { type: "file", accept: ".csv,text/csv", class: "unseen", tabIndex: -1, "aria-label": "CSV with ids and a column", onchange: () => this.readOwn() });
        this.lasso = el("button", { type: "button", "aria-pressed": "false", title: "Draw around points (l)", onclick: () => this.view.setLasso(!this.view.lassoing) }, "Lasso");
        this.buttons = el("div", { class: "map-buttons", role: "toolbar", "aria-label": "Map tools" }, this.lasso,
            el("button", { type: "button", title: "List every point in view", onclick: () => this.view.chooseView() }, "View to list"),
            el("button", { type: "button", "aria-label": "Nearer", title: "Nearer (+)", onclick: () => this.view.zoom(1.5) }, "+"),
            el("button", { type: "button", "aria-label": "Farther", title: "Farther (-)", onclick: () => this.view.zoom(1 / 1.5) }, "−"),
            el("button", { type: "button", title: "All points (0)", onclick: () => this.view.fit() }, "Fit"));
        this.legend = el("div", { class: "legend" });
        this.note = el("p", { class: "map-note", role: "status" });
        this.message = el("div", { class: "map-message", hidden: true });
        this.element = el("section", { class: "map", "aria-label": "Map" },
            el("div", { class: "map-bar" }, el("label", {}, "Colour ", this.colours), el("label", {}, "Map ", this.methods), this.buttons, this.file),
            this.legend, el("div", { class: "map-stage" }, this.view.element, this.message), this.note);
        this.endTheme = onTheme(() => this.colour(true));
    }

    dispose() {
        this.endTheme();
        this.view.dispose();
        clearTimeout(this.timer);
    }

    /** @param {import("../url-state.js").State} state @param {import("../main.js").Context} context */
    update(state, context) {
        this.methods.value = state.method;
        const wanted = [state.space, state.date, state.method].join(" ");
        if (wanted !== this.wanted) {
            const first = this.wanted === "";
            const sameSpace = this.wanted.startsWith(`${state.space} `);
            this.wanted = wanted;
            clearTimeout(this.timer);
            this.timer = setTimeout(() => this.load(state, sameSpace && this.answer?.method === state.method), first ? 0 : PAUSE);
        } else {
            this.colour(false);
            this.marks();
        }
        this.context = context;
    }

    /** @param {import("../url-state.js").State} state @param {boolean} keepCamera */
    async load(state, keepCamera) {
        const wanted = this.wanted;
        this.say(waiting(`Drawing ${state.space} on ${state.date}…`));
        try {
            const answer = await data.map(state.space, state.date, state.method);
            if (wanted !== this.wanted)
                return;
            this.answer = answer;
            this.position = new Map(answer.entity_ids.map((id, at) => [id, at]));
            this.view.show(answer.x, answer.y, answer.names.map((name, at) => name || answer.entity_ids[at]), keepCamera);
            this.view.over.setAttribute("aria-label", `Map of ${state.space} on ${state.date}, ${plural(answer.entity_ids.length, "point")}. Arrows move it, plus and minus zoom, Enter selects the point in the middle.`);
            this.kept = null;
            this.say(null);
            this.colour(true);
            // After the picture: it looks at the surroundings of every point.
            setTimeout(() => this.countKept(answer), 50);
            this.marks();
            this.events.loaded(answer);
        } catch (error) {
            if (wanted !== this.wanted || aborted(error))
                return;
            this.answer = null;
            this.view.show([], [], []);
            this.say(failed(error, () => this.load(current(), false)));
            this.events.loaded(null);
        }
    }

    /** @param {data.MapAnswer} answer */
    countKept(answer) {
        if (answer !== this.answer)
            return;
        const shares = keptShares(this.view.grid, answer.neighbours).filter(share => !Number.isNaN(share));
        this.kept = shares.length === 0 ? null : shares.reduce((sum, share) => sum + share, 0) / shares.length;
        this.noteText();
    }

    /** @param {HTMLElement | null} message */
    say(message) {
        this.message.hidden = message === null;
        fill(this.message, message);
    }

    tools() {
        this.lasso?.setAttribute("aria-pressed", String(this.view.lassoing));
        this.noteText();
    }

    /** @param {boolean} again Also when the column is the same: the points or the theme are others. */
    async colour(again) {
        const { answer } = this;
        const state = current();
        if (answer === null)
            return;
        const wanted = [state.colour, theme(), this.wanted, this.own?.name, state.colour === "cosine" ? state.id : ""].join(" ");
        if (wanted === this.coloured && !again)
            return;
        if (wanted !== this.coloured)
            this.shown = -1;
        this.coloured = wanted;
        this.listColours(state.colour);
        if (state.colour === "own" && this.own === null)
            return;
        try {
            const colouring = await colouringOf(state, answer, this.view.grid, this.own, theme());
            // Something else may be wanted by now.
            if (wanted !== this.coloured || answer !== this.answer)
                return;
            this.view.colour(colouring, this.shown);
            this.drawLegend(colouring);
            this.noteText();
        } catch (error) {
            fill(this.legend, failed(error));
        }
    }

    /** @param {string} value */
    listColours(value) {
        fill(this.colours, COLUMNS.map(column => el("option", { value: column.name }, column.title)),
            el("option", { value: "own" }, this.own === null ? "a CSV of yours…" : this.own.name));
        this.colours.value = value;
        if (value === "own" && this.own === null)
            fill(this.legend, el("p", {}, "A CSV with two columns: ids, and words or numbers."), el("button", { type: "button", onclick: () => this.file.click() }, "Choose a file"));
    }

    async readOwn() {
        const file = this.file.files?.[0];
        if (file === undefined)
            return;
        try {
            this.own = ownColumn(file.name, await file.text());
        } catch (error) {
            fill(this.legend, failed(error), el("button", { type: "button", onclick: () => this.file.click() }, "Choose another file"));
            return;
        }
        change({ colour: "own" }, { replace: true });
        this.colour(true);
    }

    /** @param {import("../map/colours.js").Colouring} colouring */
    drawLegend(colouring) {
        const { range, groups } = colouring;
        if (range !== null) {
            const ramp = el("span", { class: "ramp", "aria-hidden": "true" }, range.colours.map(colour => {
                const stop = el("i", {});
                stop.style.background = colour;
                return stop;
            }));
            fill(this.legend, el("p", {}, colouring.title), el("p", { class: "ramp-row" }, number(range.least, 2), ramp, number(range.greatest, 2)));
            return;
        }
        fill(this.legend, el("ul", { "aria-label": colouring.title }, groups.slice(0, 14).map((entry, at) => {
            const swatch = el("i", { class: "swatch", "aria-hidden": "true" });
            swatch.style.background = entry.colour;
            return el("li", {}, el("button", { type: "button", "aria-pressed": String(at === this.shown), title: `Show ${entry.name} only`, onclick: () => {
                this.shown = this.shown === at ? -1 : at;
                this.view.colour(colouring, this.shown);
                this.drawLegend(colouring);
                this.legend.querySelectorAll("button")[at]?.focus();
            } }, swatch, el("span", { class: "name" }, entry.name), el("span", { class: "n" }, count(entry.count))));
        }), groups.length > 14 ? el("li", { class: "soft" }, `and ${groups.length - 14} more`) : null));
    }

    /** What is marked on the map: the target with its true neighbours, and what is pinned. */
    marks() {
        const { answer } = this;
        const state = current();
        if (answer === null)
            return;
        const selected = this.position.get(state.id) ?? -1;
        const at = (/** @type {string[]} */ ids) => ids.map(id => this.position.get(id) ?? -1).filter(position => position >= 0);
        const neighbours = selected >= 0 ? answer.neighbours[selected] ?? [] : state.text !== "" ? at(this.hits.map(hit => hit.entity_id)) : [];
        const kept = selected >= 0 ? keptOf(this.view.grid, selected, neighbours) : neighbours.map(() => true);
        if (selected !== this.view.marks.selected)
            this.view.marks = { ...this.view.marks, path: [] };
        this.view.mark({ selected, neighbours, kept, pinned: at(state.pins) });
        if (selected >= 0)
            this.view.reveal(selected);
        this.noteText();
    }

    noteText() {
        const { answer } = this;
        if (answer === null) {
            this.note.textContent = "";
            return;
        }
        const { selected, kept } = this.view.marks;
        const own = selected < 0 ? "" : ` It keeps ${kept.filter(Boolean).length} of the ${kept.length} true neighbours of ${answer.names[selected] || answer.entity_ids[selected]}; broken lines lead to the others.`;
        const whole = this.kept === null ? "" : ` This map keeps ${percent(this.kept, 0)} of the true nearest neighbours.`;
        this.note.textContent = `${plural(answer.entity_ids.length, "point")}, all drawn by ${this.view.renderer.name}.${whole}${own}`;
    }

    /** @param {data.Hit[]} hits */
    showHits(hits) {
        this.hits = hits;
        if (current().text !== "")
            this.marks();
    }

    /** Rings a point that a list is about. @param {string} id */
    point(id) {
        const at = this.position.get(id);
        if (at === undefined)
            return;
        this.view.mark({ chosen: [at] });
        this.view.reveal(at);
    }

    /** @param {{ x: number, y: number, label: string }[]} steps In the map's own coordinates. */
    showPath(steps) {
        this.view.showPath(steps);
    }

    /** @param {number} at */
    select(at) {
        if (at < 0 || this.answer === null)
            return;
        const id = this.answer.entity_ids[at];
        announce(`Selected ${this.answer.names[at] || id}`);
        change({ id, text: "", tab: current().tab === "selection" ? "neighbours" : current().tab });
    }

    /** @param {number[]} positions */
    choose(positions) {
        if (this.answer === null)
            return;
        const ids = positions.map(at => /** @type {data.MapAnswer} */ (this.answer).entity_ids[at]);
        this.view.mark({ chosen: positions });
        announce(`${plural(ids.length, "point")} selected`);
        this.events.choose(ids);
    }
}
