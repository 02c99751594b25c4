/**
 * The form of a new backfill.
 * @module
 */
import { failed } from "../parts/states.js";
import { el, fill } from "../dom.js";
import { choice, entry, group } from "../parts/fields.js";

const DATE = { required: true, pattern: "\\d{4}-\\d{2}-\\d{2}", placeholder: "yyyy-mm-dd", title: "yyyy-mm-dd" };

const KINDS = [
    { value: "numeric", text: "numeric: prices of issuers" },
    { value: "text", text: "text: profiles of issuers" },
    { value: "joint_profiles", text: "joint_profiles: branches into one" },
    { value: "portfolios", text: "portfolios: reports and holdings" },
    { value: "joint_portfolios", text: "joint_portfolios: branches into one" },
];

/**
 * Models that a kind of job can build.
 * @param {string} kind
 * @param {{ model_id: string, kind: string, entity: string }[]} models
 * @param {import("../data.js").Space[]} spaces
 */
function fitting(kind, models, spaces) {
    switch (kind) {
        case "joint_profiles":
            return spaces.filter(space => space.entity === "issuer").map(space => space.model_id);
        case "joint_portfolios":
            return spaces.filter(space => space.entity === "portfolio").map(space => space.model_id);
        case "portfolios":
            return models.filter(model => model.entity === "portfolio").map(model => model.model_id);
        default:
            return models.filter(model => model.entity !== "portfolio" && model.kind === kind).map(model => model.model_id);
    }
}

/**
 * @param {import("../main.js").Context} context
 * @param {{ model_id: string, kind: string, entity: string }[]} models
 * @param {boolean} mayWrite
 * @param {(body: Record<string, unknown>) => Promise<void>} start
 */
export function jobForm(context, models, mayWrite, start) {
    if (!mayWrite)
        return group("New job", el("p", { class: "soft" }, "The key that was given may only read. A key with the role write starts jobs."));
    const body = { kind: KINDS[0].value, model_id: "", start: context.date || "2024-03-28", end: context.date || "2024-03-28", limit: "" };
    const model = el("div", {}), message = el("div", {});
    const listModels = () => {
        const ids = fitting(body.kind, models, context.spaces);
        body.model_id = ids.includes(body.model_id) ? body.model_id : ids[ids.length - 1] ?? "";
        fill(model, choice("Model", ids.map(value => ({ value, text: value })), body.model_id, value => body.model_id = value));
    };
    listModels();
    const button = el("button", { type: "submit", class: "main" }, "Start");
    const form = el("form", { onsubmit: async (/** @type {Event} */ event) => {
        event.preventDefault();
        button.disabled = true;
        fill(message);
        try {
            const { limit, ...rest } = body;
            await start({ ...rest, ...(limit === "" ? {} : { limit: Number(limit) }) });
        } catch (error) {
            fill(message, failed(error));
        } finally {
            button.disabled = false;
        }
    } }, choice("Kind", KINDS, body.kind, value => {
        body.kind = value;
        listModels();
    }), model,
    // A field of the type date would show the date as the browser's language has it.
    entry("From", body.start, value => body.start = value, DATE), entry("To", body.end, value => body.end = value, DATE),
    entry("At most", "", value => body.limit = value, { type: "number", min: "1", placeholder: "all entities" }), button, message);
    return group("New job", form);
}
