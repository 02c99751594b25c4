/**
 * What stands where something else cannot: nothing yet, an error, waiting. Each says what to do.
 * @module
 */
import { Problem } from "../api.js";
import { el } from "../dom.js";
import { copyText } from "./take.js";

/** @param {string} text */
export function waiting(text) {
    return el("p", { class: "state", role: "status" }, text);
}

/**
 * @param {string} text
 * @param {string[]} [commands] What makes it not empty.
 */
export function empty(text, commands = []) {
    return el("div", { class: "state" }, el("p", {}, text), commands.map(command =>
        el("div", { class: "request-line" }, el("code", {}, command), el("button", { type: "button", onclick: event => copyText(command, event.currentTarget) }, "Copy"))));
}

/**
 * @param {unknown} error
 * @param {() => void} [again]
 */
export function failed(error, again) {
    const problem = error instanceof Problem ? error : null;
    const text = error instanceof Error ? error.message : String(error);
    return el("div", { class: "state error", role: "alert" },
        el("p", {}, text),
        problem?.field ? el("p", {}, `Field: ${problem.field}${problem.allowed ? `; allowed: ${problem.allowed}` : ""}`) : null,
        problem?.status === 403 ? el("p", {}, "The key that was given may only read. A key with the role write is needed.") : null,
        problem?.requestId ? el("p", { class: "soft" }, `Request ${problem.requestId}: the server's log has it under that name.`) : null,
        again ? el("button", { type: "button", onclick: again }, "Try again") : null);
}

/** The commands that build the vectors of a space for a date. @param {import("../data.js").Space} space @param {string} date */
export function buildCommands(space, date) {
    const command = space.entity === "issuer" ? "backfill-joint-profiles" : "backfill-joint-portfolios";
    const branch = (/** @type {import("../data.js").Branch} */ entry) => space.entity === "portfolio" ? "backfill-numeric-portfolio-embeddings"
        : entry.kind === "text" ? "backfill-profile-text-embeddings" : "backfill-numeric-embeddings";
    return [...space.branches.map(entry => `./grid ${branch(entry)} --as-of ${date} --model-id ${entry.model_id}`), `./grid ${command} --as-of ${date} --joint-model-id ${space.model_id}`];
}
