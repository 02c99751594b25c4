/**
 * A search field with completion, as the pattern of a combobox with a list has it.
 * @module
 */
import { aborted } from "../api.js";
import { el, fill, uniqueId } from "../dom.js";

/** @typedef {{ key: string, title: string, hint: string, pick: () => void }} Suggestion */

/** Waits so long after a key, in milliseconds, before it asks. */
const PAUSE = 80;

/**
 * @param {object} options
 * @param {string} options.label
 * @param {string} options.placeholder
 * @param {(text: string, signal: AbortSignal) => Promise<Suggestion[]>} options.find
 * @param {(text: string) => void} options.submit Enter without a choice.
 */
export function combobox({ label, placeholder, find, submit }) {
    const id = uniqueId("list");
    const input = el("input", {
        type: "text", role: "combobox", placeholder, autocomplete: "off", spellcheck: false, "aria-label": label, "aria-expanded": "false", "aria-controls": id, "aria-autocomplete": "list",
    });
    const list = el("ul", { id, role: "listbox", "aria-label": `${label}: suggestions`, hidden: true });
    const element = el("div", { class: "combobox" }, input, list);
    /** @type {Suggestion[]} */
    let shown = [];
    let active = -1;
    let timer = 0;
    let running = new AbortController();

    function close() {
        clearTimeout(timer);
        running.abort();
        shown = [];
        active = -1;
        fill(list);
        list.hidden = true;
        input.setAttribute("aria-expanded", "false");
        input.removeAttribute("aria-activedescendant");
    }
    /** @param {number} at */
    function activate(at) {
        active = at;
        [...list.children].forEach((option, n) => option.setAttribute("aria-selected", String(n === at)));
        if (at < 0) {
            input.removeAttribute("aria-activedescendant");
        } else {
            input.setAttribute("aria-activedescendant", list.children[at].id);
            list.children[at].scrollIntoView({ block: "nearest" });
        }
    }
    /** @param {Suggestion} suggestion */
    function pick(suggestion) {
        close();
        input.value = "";
        suggestion.pick();
    }
    async function ask() {
        running.abort();
        const mine = running = new AbortController();
        const text = input.value.trim();
        try {
            const found = text === "" ? [] : await find(text, mine.signal);
            if (mine.signal.aborted)
                return;
            shown = found;
            fill(list, found.map((suggestion, n) => el("li", { id: `${id}-${n}`, role: "option", "aria-selected": "false", onmousedown: (/** @type {Event} */ event) => {
                // The field keeps the focus.
                event.preventDefault();
                pick(suggestion);
            } }, el("span", { class: "title" }, suggestion.title), el("span", { class: "hint" }, suggestion.hint))));
            active = -1;
            list.hidden = found.length === 0;
            input.setAttribute("aria-expanded", String(found.length > 0));
        } catch (error) {
            if (!aborted(error)) {
                fill(list, el("li", { class: "none", role: "option", "aria-disabled": "true", "aria-selected": "false" }, error instanceof Error ? error.message : String(error)));
                list.hidden = false;
                input.setAttribute("aria-expanded", "true");
            }
        }
    }
    input.addEventListener("input", () => {
        clearTimeout(timer);
        timer = setTimeout(ask, PAUSE);
    });
    input.addEventListener("blur", close);
    input.addEventListener("keydown", event => {
        if ((event.key === "ArrowDown" || event.key === "ArrowUp") && shown.length > 0) {
            const step = event.key === "ArrowDown" ? 1 : -1;
            activate(active < 0 ? (step > 0 ? 0 : shown.length - 1) : (active + step + shown.length) % shown.length);
        } else if (event.key === "ArrowDown") {
            ask();
        } else if (event.key === "Enter" && active >= 0) {
            pick(shown[active]);
        } else if (event.key === "Enter" && input.value.trim() !== "") {
            const text = input.value.trim();
            close();
            input.value = "";
            submit(text);
        } else if (event.key === "Escape") {
            if (list.hidden && input.value === "")
                return;
            input.value = list.hidden ? "" : input.value;
            close();
        } else {
            return;
        }
        event.preventDefault();
        event.stopPropagation();
    });
    return { element, input };
}
