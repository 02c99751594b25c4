/**
 * The path of an entity on the map of one date. Maps of different dates have no axes in common, so each past state is placed on this one: at the middle
 * of the few that it is nearest to, by cosine.
 * @module
 */
import { call, part, request } from "../api.js";
import * as data from "../data.js";

const AMONG = 3;
const MOST = 24;

/**
 * @param {import("../url-state.js").State} state
 * @param {data.MapAnswer} map Of the date.
 * @returns {Promise<{ x: number, y: number, label: string }[]>} In the map's coordinates, the first date first.
 */
export async function pathOnMap(state, map) {
    const at = new Map(map.entity_ids.map((id, i) => [id, i]));
    const all = (await data.vectors(state.space, state.id, "", state.date)).filter(row => row.as_of_date < state.date);
    const past = all.slice(-MOST);
    const answers = past.length === 0 ? [] : (await call(request("POST", `/v1/spaces/${part(state.space)}/searches`, {}, {
        searches: past.map(row => ({ target: { vector: row.vector }, as_of_date: state.date, top_k: AMONG })),
    }))).answers;
    const steps = past.map((row, n) => {
        if (answers[n].problem)
            throw new Error(answers[n].problem.detail ?? answers[n].problem.title);
        const near = answers[n].answer.hits.map((/** @type {data.Hit} */ hit) => ({ i: at.get(hit.entity_id) ?? -1, weight: Math.max(0, hit.cosine) ** 8 }))
            .filter((/** @type {{ i: number }} */ entry) => entry.i >= 0);
        return { ...middle(near, map), label: row.as_of_date };
    });
    const now = at.get(state.id);
    return now === undefined ? steps : [...steps, { x: map.x[now], y: map.y[now], label: state.date }];
}

/** @param {{ i: number, weight: number }[]} near @param {data.MapAnswer} map */
function middle(near, map) {
    const total = near.reduce((sum, entry) => sum + entry.weight, 0);
    const along = (/** @type {number[]} */ values) => near.reduce((sum, entry) => sum + values[entry.i] * (total > 0 ? entry.weight / total : 1 / near.length), 0);
    return { x: along(map.x), y: along(map.y) };
}
