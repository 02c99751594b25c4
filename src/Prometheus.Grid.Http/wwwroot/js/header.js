/**
 * The bar on top: views, search, space and date.
 * @module
 */
import { el, fill } from "./dom.js";
import { combobox } from "./parts/combobox.js";
import { dateSlider } from "./parts/dates.js";
import { choice } from "./parts/fields.js";
import { meant, suggest } from "./parts/find.js";
import { moved } from "./session.js";
import { change, current } from "./store.js";
import { onTheme, theme, toggleTheme } from "./theme.js";
import { formatState } from "./url-state.js";

export class Header {
    /** @param {HTMLElement} element @param {{ name: string, title: string }[]} views */
    constructor(element, views) {
        /** @type {import("./main.js").Context | null} */
        this.context = null;
        this.links = views.map(view => el("a", { href: `#${view.name}`, "data-view": view.name, onclick: (/** @type {Event} */ event) => {
            event.preventDefault();
            change({ view: view.name });
        } }, view.title));
        this.search = combobox({
            label: "Find by name, id, symbol or text", placeholder: "Name, id, symbol, or what it does   /",
            find: (text, signal) => this.find(text, signal), submit: text => this.submit(text),
        });
        this.spaces = el("div", { class: "slot" });
        this.dates = dateSlider(date => change({ date }, { replace: true }));
        this.theme = el("button", { type: "button", class: "quiet", onclick: toggleTheme });
        onTheme(() => this.nameTheme());
        this.nameTheme();
        fill(element, el("h1", {}, el("a", { href: "#explore" }, "Prometheus", el("b", {}, ".Grid"))),
            el("nav", { "aria-label": "Views" }, this.links), el("div", { class: "search", role: "search" }, this.search.element),
            this.spaces, this.dates.element, this.theme);
    }

    nameTheme() {
        this.theme.textContent = theme() === "dark" ? "Light" : "Dark";
        this.theme.setAttribute("aria-label", `Change to ${theme() === "dark" ? "light" : "dark"} colours`);
    }

    focusSearch() {
        this.search.input.focus();
        this.search.input.select();
    }

    /** @param {string} view */
    mark(view) {
        for (const link of this.links) {
            if (link.dataset.view === view)
                link.setAttribute("aria-current", "page");
            else
                link.removeAttribute("aria-current");
            link.href = formatState({ ...current(), view: link.dataset.view ?? "" });
        }
    }

    /** @param {import("./url-state.js").State} state @param {import("./main.js").Context} context */
    show(state, context) {
        const before = this.context;
        this.context = context;
        const listed = state.view === "portfolio" ? context.spaces.filter(space => space.entity === "portfolio") : context.spaces;
        if (before?.spaces !== context.spaces || before.space !== context.space || this.spaces.dataset.view !== state.view) {
            this.spaces.dataset.view = state.view;
            const field = choice("Space", listed.map(space => ({ value: space.model_id, text: space.model_id })), context.space.model_id, space => {
                const to = listed.find(candidate => candidate.model_id === space);
                if (to !== undefined)
                    change({ ...moved(current().space, to, context.spaces), space });
            });
            const focused = this.spaces.contains(document.activeElement);
            fill(this.spaces, field);
            if (focused)
                field.querySelector("select")?.focus();
        }
        this.dates.show(context.dates, context.date);
    }

    /** @param {string} text @param {AbortSignal} signal */
    async find(text, signal) {
        const entity = this.context?.space.entity ?? "issuer";
        const found = await suggest(entity, text, signal, id => this.go(id));
        if (this.takesText())
            found.push({ key: "", title: `“${text}”`, hint: "search by this text", pick: () => change({ view: "explore", id: "", text, tab: "neighbours" }) });
        return found;
    }

    /** A name that is known is a target, anything else is a text. @param {string} text */
    async submit(text) {
        const entity = this.context?.space.entity ?? "issuer";
        let id = null;
        try {
            id = await meant(entity, text);
        } catch {
            // The search says what is wrong with the server.
        }
        if (id !== null || !this.takesText())
            this.go(id ?? text);
        else
            change({ view: "explore", id: "", text, tab: "neighbours" });
    }

    /** Text is a target where the space has a branch of text. */
    takesText() {
        return this.context?.space.branches.some(branch => branch.kind === "text") ?? false;
    }

    /** @param {string} id */
    go(id) {
        const { view } = current();
        if (view === "portfolio")
            change({ portfolio: id });
        else if (view === "compare")
            change(current().id === "" ? { id } : { other: id });
        else
            change({ view: "explore", id, text: "" });
    }
}
