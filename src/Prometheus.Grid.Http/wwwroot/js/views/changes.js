/**
 * What changed in a space since the date before: how far the shown entity moved beside the others, and who moved most.
 * @module
 */
import * as data from "../data.js";
import { el } from "../dom.js";
import { count, number, plural, text } from "../format.js";
import { empty } from "../parts/states.js";
import { Table } from "../parts/table.js";

/** So many of those that moved most are listed. */
const LISTED = 20;

/**
 * @param {{ space: string, id: string, before: string, date: string }} shown
 * @param {{ noun: string, nameOf: (id: string) => string, open: (id: string) => void }} how
 * @returns {Promise<HTMLElement>}
 */
export async function changesOf({ space, id, before, date }, { noun, nameOf, open }) {
    const answer = await data.changes(space, before, date);
    if (answer.changes.length === 0)
        return empty(`No ${noun} is in ${space} on both dates.`);
    const table = new Table({
        caption: `Largest moves since ${before}`, noun: "move", file: `moves-${space}-${before}-${date}`, rowKey: row => row.entity_id,
        openTitle: "Double click or Enter opens it", select: () => {}, open: row => open(row.entity_id),
        columns: [
            { name: "entity_id", value: row => row.entity_id, unseen: true },
            { name: noun, fit: "main", value: row => nameOf(row.entity_id) },
            { name: "× typical", numeric: true, title: "Its own move over the median of all", value: row => row.times_typical, show: row => number(row.times_typical, 2) },
            { name: "move", numeric: true, wide: true, title: "Length of its move, less what moved everybody", value: row => row.move, show: row => number(row.move) },
            { name: "cosine", numeric: true, title: "Cosine of its vectors of the two dates", value: row => row.cosine, show: row => number(row.cosine) },
            { name: "kept", numeric: true, title: "Nearest neighbours on both dates", value: row => row.kept, show: row => count(row.kept) },
            { name: "entered", value: row => row.entered.join(" "), unseen: true }, { name: "left", value: row => row.left.join(" "), unseen: true },
        ],
    });
    table.show(answer.changes.slice(0, LISTED), data.changesRequest(space, before, date));
    table.select(id);
    return el("div", {}, el("p", { class: "figure-line" }, own(answer, id, noun)), newOnes(answer, noun), table.element);
}

/** How far one moved, in words. @param {data.Changes} answer @param {string} id @param {string} noun */
function own(answer, id, noun) {
    const place = answer.changes.findIndex(change => change.entity_id === id);
    if (place < 0)
        return answer.appeared.includes(id) ? `${id} is new since ${answer.from_date}.` : `${id} is not in the space on ${answer.to_date}.`;
    const change = answer.changes[place];
    const size = change.times_typical === undefined ? "" : `, ${number(change.times_typical, 2)} times as far as the typical ${noun}`;
    return [el("b", {}, `${count(place + 1)} of ${count(answer.changes.length)}`), ` by its own move${size}; it keeps ${change.kept} of its ${change.kept + change.left.length} nearest neighbours.`];
}

/** @param {data.Changes} answer @param {string} noun */
function newOnes(answer, noun) {
    if (answer.appeared.length + answer.gone.length === 0)
        return null;
    const list = (/** @type {string[]} */ ids) => ids.length === 0 ? "" : `: ${text(ids.slice(0, 8).join(", "))}${ids.length > 8 ? ", …" : ""}`;
    return el("p", { class: "soft" }, `${plural(answer.appeared.length, noun)} new${list(answer.appeared)}; ${count(answer.gone.length)} gone${list(answer.gone)}.`);
}
