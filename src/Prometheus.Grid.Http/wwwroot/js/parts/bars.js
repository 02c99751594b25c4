/**
 * Shares and sizes as bars.
 * @module
 */
import { el } from "../dom.js";
import { number, percent } from "../format.js";

/**
 * What each branch gives to a cosine, as one bar of pieces. Pieces below zero are drawn behind the mark of zero, in outline.
 * @param {import("../data.js").BranchShare[]} explanation
 * @param {string[]} order Names of all branches, so that colours stay theirs.
 */
export function shareBar(explanation, order) {
    const total = Math.max(1e-9, ...[explanation.reduce((sum, entry) => sum + Math.max(0, entry.share), 0), 1]);
    const title = explanation.map(entry => `${entry.branch}: share ${number(entry.share)}, cosine ${number(entry.cosine)}${entry.shared?.length ? ` (${entry.shared.join(", ")})` : ""}`).join("\n");
    const bar = el("span", { class: "shares", role: "img", "aria-label": title.replaceAll("\n", "; "), title });
    for (const entry of explanation) {
        const piece = el("span", { class: `share b${order.indexOf(entry.branch) % 6}${entry.share < 0 ? " below" : ""}` });
        piece.style.width = `${Math.abs(entry.share) / total * 100}%`;
        bar.append(piece);
    }
    return bar;
}

/** What the colours of the pieces mean. @param {string[]} names */
export function shareLegend(names) {
    return el("span", { class: "share-legend" }, names.map((name, index) => el("span", {}, el("i", { class: `swatch b${index % 6}`, "aria-hidden": "true" }), name)));
}

/**
 * A size beside its number.
 * @param {number} value
 * @param {number} most
 * @param {string} [text] In place of the value as a percentage.
 */
export function sizeBar(value, most, text = percent(value)) {
    const bar = el("span", { class: value < 0 ? "size below" : "size", "aria-hidden": "true" });
    bar.style.width = `${most > 0 ? Math.min(100, Math.abs(value) / most * 100) : 0}%`;
    return el("span", { class: "sized" }, el("span", { class: "track" }, bar), el("span", { class: "digits" }, text));
}
