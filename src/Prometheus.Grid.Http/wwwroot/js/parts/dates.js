/**
 * A slider over the dates of a space.
 * @module
 */
import { el, uniqueId } from "../dom.js";

/** @param {(date: string) => void} change */
export function dateSlider(change) {
    const id = uniqueId("date");
    /** @type {string[]} */
    let dates = [];
    const slider = el("input", { id, type: "range", min: "0", step: "1", oninput: () => move(Number(slider.value)) });
    const shown = el("output", { htmlFor: id });
    const before = el("button", { type: "button", class: "quiet", "aria-label": "Date before", onclick: () => move(Number(slider.value) - 1) }, "‹");
    const after = el("button", { type: "button", class: "quiet", "aria-label": "Date after", onclick: () => move(Number(slider.value) + 1) }, "›");
    const element = el("div", { class: "dates" }, el("label", { htmlFor: id }, "Date"), before, slider, after, shown);

    /** @param {number} at */
    function move(at) {
        if (dates[at] === undefined)
            return;
        mark(at);
        change(dates[at]);
    }
    /** @param {number} at */
    function mark(at) {
        slider.value = String(at);
        slider.setAttribute("aria-valuetext", dates[at] ?? "none");
        shown.textContent = dates[at] ?? "no dates";
        before.disabled = at <= 0;
        after.disabled = at >= dates.length - 1;
    }
    return {
        element,
        /** @param {string[]} list @param {string} date */
        show(list, date) {
            dates = list;
            slider.max = String(Math.max(0, list.length - 1));
            slider.disabled = list.length < 2;
            mark(list.indexOf(date));
        },
    };
}
