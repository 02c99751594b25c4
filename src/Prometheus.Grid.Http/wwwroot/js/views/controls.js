/**
 * What a search takes into account: weights, filters, how many, and the basket.
 * @module
 */
import * as data from "../data.js";
import { el, fill, uniqueId } from "../dom.js";
import { number } from "../format.js";
import { baskets, keepBasket } from "../baskets.js";
import { choice, entry, group, tick } from "../parts/fields.js";
import { weightsOf } from "../search.js";
import { change, current } from "../store.js";

export class Controls {
    constructor() {
        this.weights = el("div", { class: "weights" });
        this.filters = el("div", { class: "filters" });
        this.limits = el("div", { class: "filters" });
        this.basket = el("div", { class: "basket" });
        this.reset = el("button", { type: "button", class: "quiet", onclick: () => change({ weights: {} }) }, "Reset");
        this.element = el("aside", { class: "controls", "aria-label": "Search settings" },
            group("Weights", this.weights, this.reset), group("Filters", this.filters), group("Search", this.limits), group("Basket", this.basket));
        /** @type {data.MapAnswer | null} */
        this.map = null;
        /** @type {data.Entity[] | null} Read when someone wants a filter by industry or region. */
        this.entities = null;
        this.drawn = "";
        this.spaceDrawn = "";
        /** @type {Map<string, { slider: HTMLInputElement, shown: HTMLElement }>} */
        this.sliders = new Map();
    }

    /** @param {data.MapAnswer | null} map Whose sectors and countries can be chosen. */
    showMap(map) {
        this.map = map;
        this.entities = null;
        this.drawFilters();
    }

    /** @param {import("../url-state.js").State} state @param {import("../main.js").Context} context */
    update(state, context) {
        this.context = context;
        if (this.spaceDrawn !== context.space.model_id) {
            this.spaceDrawn = context.space.model_id;
            this.drawWeights(context.space);
        }
        const weights = weightsOf(state, context.space) ?? Object.fromEntries(context.space.branches.map(branch => [branch.name, branch.weight]));
        for (const [name, { slider, shown }] of this.sliders) {
            slider.value = String(weights[name]);
            shown.textContent = number(weights[name], 2);
        }
        this.reset.disabled = Object.keys(state.weights).length === 0;
        const drawn = JSON.stringify([state.sector, state.industry, state.country, state.region, state.market, state.min, state.perSector, state.k, state.start, state.pins, state.excluded, state.within, state.space, state.date]);
        if (drawn !== this.drawn) {
            this.drawn = drawn;
            this.drawFilters();
            this.drawLimits(state, context);
            this.drawBasket(state);
        }
    }

    /** @param {data.Space} space */
    drawWeights(space) {
        this.sliders.clear();
        fill(this.weights, space.branches.map((branch, at) => {
            const id = uniqueId("weight");
            const slider = el("input", { id, type: "range", min: "0", max: "1", step: "0.01", oninput: () => {
                const weights = Object.fromEntries([...this.sliders].map(([name, entry]) => [name, Number(entry.slider.value)]));
                change({ weights }, { replace: true });
            } });
            const shown = el("output", { htmlFor: id });
            this.sliders.set(branch.name, { slider, shown });
            return el("div", { class: "weight" },
                el("label", { htmlFor: id, title: `${branch.model_id}${branch.dimensions ? `, ${branch.dimensions} numbers` : ""}${branch.required ? "" : "; not every entity has it"}` }, el("i", { class: `swatch b${at % 6}`, "aria-hidden": "true" }), branch.name),
                slider, shown);
        }));
    }

    drawFilters() {
        const state = current();
        /** @param {string} label @param {"sector" | "industry" | "country" | "region"} name @param {string[]} values */
        const column = (label, name, values) => {
            const found = [...new Set(values.filter(value => value))].sort();
            // A column that nobody has filters nothing.
            return found.length === 0 && state[name] === "" ? null
                : choice(label, [{ value: "", text: "any" }, ...found.map(value => ({ value, text: value }))], state[name], value => change({ [name]: value }));
        };
        const focused = this.filters.contains(document.activeElement) ? [...this.filters.querySelectorAll("select, input, button")].indexOf(/** @type {Element} */ (document.activeElement)) : -1;
        const isIssuer = this.context?.space.entity !== "portfolio";
        fill(this.filters, column("Sector", "sector", this.map?.sectors ?? []), column("Country", "country", this.map?.countries ?? []),
            this.entities || state.industry ? column("Industry", "industry", this.entities?.map(entity => entity.industry) ?? []) : null,
            this.entities || state.region ? column("Region", "region", this.entities?.map(entity => entity.region) ?? []) : null,
            isIssuer && (this.entities || state.market) ? entry("Market id", state.market, market => change({ market })) : null,
            isIssuer && !this.entities && this.map ? el("button", { type: "button", class: "quiet", onclick: () => this.more() }, "Industry, region, market…") : null,
            !isIssuer ? el("p", { class: "soft" }, "Portfolios have no sector or country.") : null);
        if (focused >= 0)
            /** @type {HTMLElement | undefined} */ ([...this.filters.querySelectorAll("select, input, button")][focused])?.focus();
    }

    async more() {
        const { space, date } = current();
        try {
            this.entities = await data.entities(space, date);
        } catch (error) {
            this.entities = [];
            this.filters.append(el("p", { class: "error", role: "alert" }, error instanceof Error ? error.message : String(error)));
        }
        this.drawFilters();
    }

    /** @param {import("../url-state.js").State} state @param {import("../main.js").Context} context */
    drawLimits(state, context) {
        const before = context.dates.filter(date => date < state.date);
        const isIssuer = context.space.entity === "issuer";
        fill(this.limits,
            entry("Neighbours", String(state.k), value => change({ k: Math.min(1000, Math.max(1, Math.trunc(Number(value)) || 20)) }), { type: "number", min: "1", max: "1000" }),
            entry("Least cosine", state.min, min => change({ min }), { type: "number", min: "-1", max: "1", step: "0.05", placeholder: "none" }),
            isIssuer ? entry("At most per sector", state.perSector, perSector => change({ perSector }), { type: "number", min: "1", placeholder: "any" }) : null,
            choice("Dates", [{ value: "", text: "this date" }, ...before.map(date => ({ value: date, text: `since ${date}` }))], state.start, start => change({ start })));
    }

    /** @param {import("../url-state.js").State} state */
    drawBasket(state) {
        const kept = baskets();
        const names = Object.keys(kept).sort();
        const name = entry("Keep as", "", () => {}, { placeholder: "name" });
        const field = /** @type {HTMLInputElement} */ (name.querySelector("input"));
        const keep = () => {
            if (field.value.trim() === "" || current().pins.length === 0)
                return;
            keepBasket(field.value.trim(), current().pins);
            this.drawBasket(current());
        };
        field.addEventListener("keydown", event => event.key === "Enter" && keep());
        fill(this.basket,
            state.pins.length === 0 ? el("p", { class: "soft" }, "Pin a neighbour, or a selection of the map, and it stays on top of the list.") : [
                chips("pinned", state.pins, id => change({ pins: current().pins.filter(other => other !== id) }), "Take out"),
                tick("Search among these only", state.within, within => change({ within })),
                el("div", { class: "row" }, name, el("button", { type: "button", onclick: keep }, "Keep")),
                el("button", { type: "button", class: "quiet", onclick: () => change({ pins: [], within: false }) }, "Empty the basket"),
            ],
            names.length === 0 ? null : el("div", { class: "row" },
                choice("Kept baskets", [{ value: "", text: "choose…" }, ...names.map(value => ({ value, text: `${value} (${kept[value].length})` }))], "", value => value !== "" && change({ pins: kept[value] }))),
            state.excluded.length === 0 ? null : [el("h3", {}, "Left out"), chips("left out", state.excluded, id => change({ excluded: current().excluded.filter(other => other !== id) }), "Let in")]);
    }
}

/** @param {string} label @param {string[]} ids @param {(id: string) => void} remove @param {string} verb */
function chips(label, ids, remove, verb) {
    return el("ul", { class: "chips", "aria-label": label }, ids.map(id => el("li", {}, id,
        el("button", { type: "button", class: "quiet", "aria-label": `${verb} ${id}`, title: verb, onclick: () => remove(id) }, "×"))));
}
