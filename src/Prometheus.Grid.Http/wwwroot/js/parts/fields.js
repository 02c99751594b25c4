/**
 * Small controls with their labels.
 * @module
 */
import { el, uniqueId } from "../dom.js";

/**
 * A list to choose from.
 * @param {string} label
 * @param {{ value: string, text: string }[]} options
 * @param {string} value
 * @param {(value: string) => void} change
 */
export function choice(label, options, value, change) {
    const id = uniqueId("choice");
    const known = options.some(option => option.value === value) ? options : [...options, { value, text: value }];
    const select = el("select", { id, onchange: () => change(select.value) }, known.map(option => el("option", { value: option.value, selected: option.value === value }, option.text)));
    return el("div", { class: "field" }, el("label", { htmlFor: id }, label), select);
}

/**
 * A field for a short text or a number; the change counts with Enter or when the field is left.
 * @param {string} label
 * @param {string} value
 * @param {(value: string) => void} change
 * @param {Partial<HTMLInputElement>} [more]
 */
export function entry(label, value, change, more = {}) {
    const id = uniqueId("entry");
    const input = el("input", { id, type: "text", autocomplete: "off", value, ...more, onchange: () => change(input.value.trim()) });
    return el("div", { class: "field" }, el("label", { htmlFor: id }, label), input);
}

/** @param {string} label @param {boolean} checked @param {(checked: boolean) => void} change */
export function tick(label, checked, change) {
    const id = uniqueId("tick");
    const input = el("input", { id, type: "checkbox", checked, onchange: () => change(input.checked) });
    return el("div", { class: "tick" }, input, el("label", { htmlFor: id }, label));
}

/** A piece of a panel, under its heading. @param {string} title @param {...import("../dom.js").Child} children */
export function group(title, ...children) {
    const id = uniqueId("group");
    return el("section", { class: "group", "aria-labelledby": id }, el("h2", { id }, title), ...children);
}
