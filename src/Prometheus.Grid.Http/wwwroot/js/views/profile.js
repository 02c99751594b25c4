/**
 * What is known about the target: its master data, its texts, its branches on the date.
 * @module
 */
import { aborted } from "../api.js";
import * as data from "../data.js";
import { el, fill } from "../dom.js";
import { text, time } from "../format.js";
import { empty, failed } from "../parts/states.js";
import { Table } from "../parts/table.js";
import { change, current } from "../store.js";

export class ProfilePanel {
    constructor() {
        this.element = el("div", { class: "list" });
        this.wanted = "";
    }

    /** @param {import("../url-state.js").State} state @param {import("../main.js").Context} context */
    update(state, context) {
        if (state.tab !== "profile")
            return;
        const wanted = [context.space.entity, state.id, state.date].join(" ");
        if (wanted === this.wanted)
            return;
        this.wanted = wanted;
        this.load(state, context);
    }

    /** @param {import("../url-state.js").State} state @param {import("../main.js").Context} context */
    async load(state, context) {
        const wanted = this.wanted;
        if (state.id === "") {
            fill(this.element, empty("Select a point or a neighbour to see what is known about it."));
            return;
        }
        try {
            const parts = context.space.entity === "issuer" ? await issuerParts(state.id, state.date) : [portfolioLink(state.id)];
            const known = await data.state(context.space.entity, state.id, state.date);
            if (wanted === this.wanted)
                fill(this.element, parts, branchTable(state.id, known.branches).element);
        } catch (error) {
            if (wanted === this.wanted && !aborted(error))
                fill(this.element, failed(error, () => {
                    this.wanted = "";
                    this.update(current(), context);
                }));
        }
    }
}

/** @param {string} id */
function portfolioLink(id) {
    return el("p", { class: "target" }, el("b", {}, id), " ", el("button", { type: "button", onclick: () => change({ view: "portfolio", portfolio: id }) }, "Holdings and past states"));
}

/** @param {string} id @param {string} date */
async function issuerParts(id, date) {
    const issuer = await data.issuer(id);
    return [facts(issuer), await texts(id, date)];
}

/** @param {data.Issuer} issuer */
export function facts(issuer) {
    const pairs = [["Id", issuer.issuer_id], ["Sector", issuer.sector], ["Industry", issuer.industry], ["Country", issuer.country], ["Region", issuer.region],
        ["Instruments", issuer.instruments.map(entry => `${entry.symbol} (${[entry.exchange, entry.currency].filter(Boolean).join(", ")})`).join("; ")]];
    return el("div", { class: "facts" }, el("h2", {}, issuer.name || issuer.issuer_id), el("dl", {}, pairs.map(([name, value]) => [el("dt", {}, name), el("dd", {}, text(value))]).flat()));
}

/** The latest texts; an issuer may have none. @param {string} id @param {string} date */
export async function texts(id, date) {
    try {
        const profile = await data.profile(id, date);
        return el("div", { class: "texts" }, [["Business", profile.business_description], ["Risks", profile.risk_summary], ["Recent events", profile.recent_events_summary]]
            .filter(([, value]) => value).map(([title, value]) => [el("h3", {}, title), el("p", {}, value)]).flat(), el("p", { class: "soft" }, `Text of ${profile.as_of_date}`));
    } catch (error) {
        if (/** @type {{ status?: number }} */ (error).status === 404)
            return el("p", { class: "soft" }, `No text on or before ${date}.`);
        throw error;
    }
}

/** @param {string} id @param {{ model_id: string, as_of_date: string, known_at: string }[]} branches */
export function branchTable(id, branches) {
    const table = new Table({
        caption: `Vectors of ${id}`, noun: "vector", file: `state-${id}`, rowKey: row => row.model_id,
        columns: [
            { name: "model_id", value: row => row.model_id }, { name: "as_of_date", value: row => row.as_of_date },
            { name: "known_at", value: row => row.known_at, show: row => time(row.known_at) },
        ],
    });
    table.show(branches);
    return table;
}
