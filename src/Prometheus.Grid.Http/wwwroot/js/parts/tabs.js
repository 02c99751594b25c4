/**
 * Panels of which one is shown.
 * @module
 */
import { el, uniqueId } from "../dom.js";

/**
 * @param {string} label
 * @param {{ name: string, title: string, panel: HTMLElement }[]} entries
 * @param {(name: string) => void} change
 */
export function tabs(label, entries, change) {
    const id = uniqueId("tab");
    const buttons = entries.map((entry, at) => el("button", {
        type: "button", role: "tab", id: `${id}-${at}`, "aria-controls": `${id}-panel-${at}`, onclick: () => change(entry.name),
        onkeydown: (/** @type {KeyboardEvent} */ event) => {
            const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: entries.length - 1 }[event.key];
            if (next === undefined)
                return;
            event.preventDefault();
            const wanted = (next + entries.length) % entries.length;
            change(entries[wanted].name);
            buttons[wanted].focus();
        },
    }, entry.title));
    const panels = entries.map((entry, at) => el("div", { role: "tabpanel", id: `${id}-panel-${at}`, "aria-labelledby": `${id}-${at}`, class: "panel" }, entry.panel));
    return {
        element: el("div", { class: "tabs" }, el("div", { role: "tablist", "aria-label": label }, buttons), panels),
        /** @param {string} name */
        show(name) {
            const at = Math.max(0, entries.findIndex(entry => entry.name === name));
            buttons.forEach((button, n) => {
                button.setAttribute("aria-selected", String(n === at));
                button.tabIndex = n === at ? 0 : -1;
                panels[n].hidden = n !== at;
            });
        },
    };
}
