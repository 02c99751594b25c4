/**
 * The columns by which a map can be coloured.
 * @module
 */
import { call } from "../api.js";
import { parseCsv } from "../csv.js";
import * as data from "../data.js";
import { hubness, keptShares } from "../map/kept.js";
import { byGroup, byNumber } from "../map/colours.js";
import { searchRequest } from "../search.js";

/** @typedef {{ name: string, values: Map<string, string>, numeric: boolean }} OwnColumn */

/** So many words of a group are its label; more would run over its neighbours. */
const WORDS = 2;

export const COLUMNS = [
    { name: "sector", title: "sector" },
    { name: "industry", title: "industry" },
    { name: "country", title: "country" },
    { name: "region", title: "region" },
    { name: "group", title: "group of peers" },
    { name: "cosine", title: "cosine to the target" },
    { name: "kept", title: "neighbours that the map keeps" },
    { name: "hubs", title: "how many count it as a neighbour" },
];

/**
 * @param {import("../url-state.js").State} state
 * @param {data.MapAnswer} map
 * @param {import("../map/picking.js").PickingGrid} grid
 * @param {OwnColumn | null} own
 * @param {"dark" | "light"} theme
 * @returns {Promise<import("../map/colours.js").Colouring>}
 */
export async function colouringOf(state, map, grid, own, theme) {
    const title = COLUMNS.find(column => column.name === state.colour)?.title ?? own?.name ?? "";
    switch (state.colour) {
        case "country":
            return byGroup(title, map.countries, theme);
        case "industry":
        case "region": {
            const column = state.colour;
            const known = new Map((await data.entities(state.space, state.date)).map(entity => [entity.entity_id, entity[column]]));
            return byGroup(title, map.entity_ids.map(id => known.get(id) ?? ""), theme);
        }
        case "group":
            return byGroup(title, groupNames(map.entity_ids, await data.groups(state.space, state.date)), theme);
        case "cosine":
            return byNumber(state.id === "" ? "cosine: select a point first" : title, await cosines(state, map), theme);
        case "kept":
            return byNumber(title, keptShares(grid, map.neighbours), theme);
        case "hubs":
            return byNumber(title, hubness(map.neighbours), theme);
        case "own":
            if (own === null)
                return byGroup("", map.entity_ids.map(() => ""), theme);
            return own.numeric ? byNumber(own.name, map.entity_ids.map(id => Number(own.values.get(id) ?? NaN)), theme) : byGroup(own.name, map.entity_ids.map(id => own.values.get(id) ?? ""), theme);
        default:
            return byGroup(title, map.sectors, theme);
    }
}

/**
 * The group of each entity, by its own words; groups of the same words are told apart by their number, and those of one member are none.
 * @param {string[]} ids
 * @param {data.Groups} answer
 * @returns {string[]} Empty for those of no group.
 */
export function groupNames(ids, answer) {
    const words = answer.groups.map(group => group.words.slice(0, WORDS).join(", "));
    const names = new Map(answer.groups.map((group, at) => [group.group_id,
        group.size === 1 ? "alone" : words[at] === "" ? `group ${group.group_id}` : words.indexOf(words[at]) === words.lastIndexOf(words[at]) ? words[at] : `${words[at]} (${group.group_id})`]));
    const groupOf = new Map(answer.members.map(member => [member.entity_id, member.group_id]));
    return ids.map(id => names.get(groupOf.get(id) ?? NaN) ?? "");
}

/** How near every point is to the target; NaN beyond what the server gives at once. @param {import("../url-state.js").State} state @param {data.MapAnswer} map */
async function cosines(state, map) {
    if (state.id === "")
        return map.entity_ids.map(() => NaN);
    const space = (await data.spaces()).find(candidate => candidate.model_id === state.space);
    if (space === undefined)
        return map.entity_ids.map(() => NaN);
    // All of them, whatever the list is filtered by; the server may give fewer.
    const wanted = searchRequest({ ...state, start: "", sector: "", industry: "", country: "", region: "", market: "", min: "", perSector: "", pins: [], within: false, excluded: [] }, space);
    const body = { .../** @type {object} */ (wanted.body), top_k: Math.min(1000, map.entity_ids.length), explain: false };
    const known = new Map((await call({ ...wanted, body })).hits.map((/** @type {data.Hit} */ hit) => [hit.entity_id, hit.cosine]));
    return map.entity_ids.map(id => id === state.id ? 1 : known.get(id) ?? NaN);
}

/**
 * A column out of a CSV file: ids in the first column, words or numbers in the second.
 * @param {string} file
 * @param {string} text
 * @returns {OwnColumn}
 */
export function ownColumn(file, text) {
    const [header, ...rows] = parseCsv(text);
    if (header === undefined || header.length < 2 || rows.length === 0)
        throw new Error(`${file} has no two columns under a header: ids first, then words or numbers.`);
    const values = new Map(rows.map(row => [row[0], row[1] ?? ""]));
    const numeric = rows.every(row => row[1] === undefined || row[1] === "" || Number.isFinite(Number(row[1])));
    return { name: header[1], values: new Map([...values].filter(([, value]) => value !== "")), numeric };
}
