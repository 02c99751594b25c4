/**
 * Where the members of a group lie: a group may be one cloud or several islands, and a label in the sea between them would name nothing.
 * @module
 */

/** Cells along each side of the map; members in cells that touch are one island. */
const SIDE = 40;
/** Islands at least this large, as a share of the group's largest, are named as well. */
const WORTH = 0.4;

/**
 * @typedef {object} Island
 * @property {number} group
 * @property {number} count
 * @property {number} x Median of its members along both axes, which stays inside of a cloud that has strays.
 * @property {number} y
 * @property {number} half Half of its height.
 */

/**
 * The islands of each group that are worth a name.
 * @param {{ x: Float32Array, y: Float32Array }} points Coordinates from -1 to 1.
 * @param {Int32Array} group Of each point; negative for none.
 * @param {number} groups How many there are.
 * @returns {Island[]} The largest first.
 */
export function islands(points, group, groups) {
    /** @type {number[][]} */
    const members = Array.from({ length: groups }, () => []);
    group.forEach((g, i) => g >= 0 && members[g].push(i));
    return members.flatMap((at, g) => {
        const parts = apart(points, at).sort((a, b) => b.length - a.length || a[0] - b[0]);
        return parts.filter(part => part.length >= WORTH * parts[0].length).map(part => describe(points, part, g));
    }).sort((a, b) => b.count - a.count || a.group - b.group);
}

/** @param {{ x: Float32Array, y: Float32Array }} points @param {number[]} at @param {number} group @returns {Island} */
function describe(points, at, group) {
    const ys = Float32Array.from(at, i => points.y[i]).sort(), xs = Float32Array.from(at, i => points.x[i]).sort();
    // Without its outermost, which a cloud has far off.
    const rim = Math.floor(at.length * 0.05);
    return { group, count: at.length, x: xs[at.length >> 1], y: ys[at.length >> 1], half: (ys[at.length - 1 - rim] - ys[rim]) / 2 };
}

/** @param {{ x: Float32Array, y: Float32Array }} points @param {number[]} at @returns {number[][]} */
function apart(points, at) {
    const cellOf = (/** @type {number} */ i) => Math.min(SIDE - 1, Math.floor((points.y[i] + 1) / 2 * SIDE)) * (SIDE + 2) + Math.min(SIDE - 1, Math.floor((points.x[i] + 1) / 2 * SIDE));
    /** @type {Map<number, number[]>} */
    const cells = new Map();
    for (const i of at) {
        const cell = cellOf(i);
        const there = cells.get(cell);
        if (there === undefined)
            cells.set(cell, [i]);
        else
            there.push(i);
    }
    /** @type {number[][]} */
    const found = [];
    for (const first of [...cells.keys()]) {
        const island = [], next = [first];
        while (next.length > 0) {
            const cell = /** @type {number} */ (next.pop());
            const there = cells.get(cell);
            if (there === undefined)
                continue;
            cells.delete(cell);
            island.push(...there);
            // A row is two cells wider than the map, so that its end does not touch the beginning of the next.
            for (const row of [-1, 0, 1])
                next.push(cell + row * (SIDE + 2) - 1, cell + row * (SIDE + 2), cell + row * (SIDE + 2) + 1);
        }
        if (island.length > 0)
            found.push(island);
    }
    return found;
}
