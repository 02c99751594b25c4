/**
 * The points of a lasso as a list: to take away, to pin, to search among.
 * @module
 */
import { request, part } from "../api.js";
import { el, fill } from "../dom.js";
import { text } from "../format.js";
import { empty } from "../parts/states.js";
import { Table } from "../parts/table.js";
import { change, current } from "../store.js";

/** @typedef {{ entity_id: string, name: string, sector: string, country: string }} Row */

/** So many ids still make a search and an address that others can open. */
const MOST = 500;

export class SelectionPanel {
    /** @param {{ entities: () => import("../data.js").MapAnswer | null, point: (id: string) => void }} events */
    constructor(events) {
        this.events = events;
        this.table = /** @type {Table<Row>} */ (new Table({
            caption: "Selection", noun: "entity", file: "selection", rowKey: row => row.entity_id, openTitle: "Double click or Enter makes it the target",
            select: row => events.point(row.entity_id), open: row => change({ id: row.entity_id, text: "", tab: "neighbours" }),
            columns: [
                { name: "entity_id", value: row => row.entity_id }, { name: "name", fit: "main", value: row => row.name },
                { name: "sector", fit: "short", value: row => row.sector, show: row => text(row.sector) }, { name: "country", value: row => row.country, show: row => text(row.country), wide: true },
            ],
        }));
        this.element = el("div", { class: "list" }, empty("Draw a lasso around points (the button above the map, or the key l), or take all that is in view."));
    }

    /** @param {string[]} ids */
    show(ids) {
        const map = this.events.entities();
        if (map === null)
            return;
        if (ids.length === 0) {
            fill(this.element, empty("No point was inside. Draw around some, or take all that is in view."));
            return;
        }
        const at = new Map(map.entity_ids.map((id, i) => [id, i]));
        const rows = ids.map(id => {
            const i = at.get(id) ?? 0;
            return { entity_id: id, name: map.names[i] || id, sector: map.sectors[i], country: map.countries[i] };
        });
        const { space, date } = current();
        this.table.options.file = `selection-${space}-${date}`;
        this.table.show(rows, requestOf(ids));
        fill(this.element, el("div", { class: "row" }, ids.length > MOST ? el("p", { class: "soft" }, `The basket holds ${MOST}: select fewer to pin them.`) : [
            el("button", { type: "button", onclick: () => change({ pins: [...new Set([...current().pins, ...ids])], tab: "neighbours" }) }, "Pin all"),
            el("button", { type: "button", onclick: () => change({ pins: ids, within: true, tab: "neighbours" }) }, "Search among these"),
            el("button", { type: "button", onclick: () => change({ excluded: [...new Set([...current().excluded, ...ids])], tab: "neighbours" }) }, "Leave these out"),
        ]), this.table.element);
    }
}

/** The search among them that anyone can run. @param {string[]} ids */
function requestOf(ids) {
    const { space, date, id, text: words, k } = current();
    const target = words !== "" ? { text: words } : { entity_id: id !== "" ? id : ids[0] };
    return request("POST", `/v1/spaces/${part(space)}/search`, {}, { target, as_of_date: date, top_k: Math.min(k, ids.length), filter: { entity_ids: ids } });
}
