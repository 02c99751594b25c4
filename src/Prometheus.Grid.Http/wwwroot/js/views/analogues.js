/**
 * Past states of portfolios that resemble one now, and what their positions returned afterwards, beside states that were drawn by lot.
 * @module
 */
import { aborted, Problem } from "../api.js";
import * as data from "../data.js";
import { el, fill } from "../dom.js";
import { count, number, percent, plural } from "../format.js";
import { choice } from "../parts/fields.js";
import { empty, failed, waiting } from "../parts/states.js";
import { Table } from "../parts/table.js";
import { change } from "../store.js";

const HORIZONS = [21, 63, 126];

/** @type {readonly { name: string, of: (outcome: data.Outcome) => number }[]} */
const OUTCOMES = [
    { name: "return", of: outcome => outcome.total_return },
    { name: "volatility", of: outcome => outcome.volatility },
    { name: "drawdown", of: outcome => outcome.worst_drawdown },
];

let horizon = 63;

/**
 * The block, which fills itself: what followed is computed from prices, which takes longer than the rest of the page.
 * @param {{ space: string, portfolio: string, date: string }} shown
 * @returns {HTMLElement}
 */
export function analoguesOf(shown) {
    const block = el("section", { class: "block" });
    load(block, shown);
    return block;
}

/** @param {HTMLElement} block @param {{ space: string, portfolio: string, date: string }} shown */
async function load(block, shown) {
    const asked = horizon;
    const again = () => load(block, shown);
    const head = [el("h2", {}, "What such positions returned"), choice("Over trading days", HORIZONS.map(days => ({ value: String(days), text: String(days) })), String(horizon), value => {
        horizon = Number(value);
        again();
    })];
    fill(block, head, waiting("Following past states…"));
    try {
        const answer = await data.analogues(shown.space, shown.portfolio, shown.date, asked);
        if (asked === horizon)
            fill(block, head, parts(answer, shown));
    } catch (error) {
        if (asked !== horizon || aborted(error))
            return;
        // Too short a past is no fault: the answer says what it would take.
        const short = error instanceof Problem && error.status === 400 && error.allowed !== "";
        fill(block, head, short ? empty(`The past of ${shown.date} is too short for ${asked} trading days. It takes ${/** @type {Problem} */ (error).allowed}.`) : failed(error, again));
    }
}

/** @param {data.Analogues} answer @param {{ space: string, portfolio: string, date: string }} shown */
function parts(answer, shown) {
    const states = new Table({
        caption: "Analogues", noun: "state", file: `analogues-${shown.portfolio}-${shown.date}-${answer.horizon}d`, rowKey: row => `${row.portfolio_id} ${row.as_of_date}`,
        openTitle: "Double click or Enter opens that portfolio on that date", select: () => {}, open: row => change({ portfolio: row.portfolio_id, date: row.as_of_date }),
        columns: [
            { name: "portfolio_id", value: row => row.portfolio_id }, { name: "as_of_date", value: row => row.as_of_date },
            { name: "cosine", numeric: true, value: row => row.cosine, show: row => number(row.cosine) },
            ...OUTCOMES.map(({ name, of }) => ({ name, numeric: true, value: (/** @type {data.Analogue} */ row) => of(row.followed), show: (/** @type {data.Analogue} */ row) => percent(of(row.followed)) })),
        ],
    });
    states.show(answer.analogues, data.analoguesRequest(shown.space, shown.portfolio, shown.date, answer.horizon));
    const rows = [{ name: "states like it", of: answer.of_analogues }, { name: "drawn by lot", of: answer.of_random }];
    const together = new Table({
        caption: "What followed, beside states drawn by lot", noun: "row", file: `analogues-summary-${shown.portfolio}-${shown.date}-${answer.horizon}d`, rowKey: row => row.name,
        columns: [
            { name: "states", value: row => row.name }, { name: "number", numeric: true, value: row => row.of.states, show: row => count(row.of.states) },
            ...OUTCOMES.flatMap(({ name, of }) => [
                { name, numeric: true, value: (/** @type {typeof rows[0]} */ row) => of(row.of.mean), show: (/** @type {typeof rows[0]} */ row) => `${percent(of(row.of.mean))} ± ${number(of(row.of.spread) * 100, 1)}` },
                { name: `${name} spread`, unseen: true, numeric: true, value: (/** @type {typeof rows[0]} */ row) => of(row.of.spread) },
            ]),
        ],
    });
    together.show(rows);
    return [together.element, el("p", { class: "soft" },
        `Means and standard deviations over ${answer.horizon} trading days, positions held still. ${plural(answer.eligible, "past state")} could have been chosen, over ${plural(answer.periods, "period")} that do not overlap; nothing after ${shown.date} was read.`),
    states.element];
}
