/**
 * Which of the true neighbours are near on the map as well: what a picture in two dimensions keeps, and what it loses.
 * @module
 */

/** @typedef {import("./picking.js").PickingGrid} PickingGrid */

/**
 * The points nearest to a point on the map.
 * @param {PickingGrid} grid
 * @param {number} at
 * @param {number} k
 * @returns {number[]} Nearest first; ties by position; fewer than k where there are fewer.
 */
export function nearestOnMap(grid, at, k) {
    const { x, y, count } = grid.points;
    const wanted = Math.min(k, count - 1);
    const distance = (/** @type {number} */ i) => (x[i] - x[at]) ** 2 + (y[i] - y[at]) ** 2;
    for (let reach = 2 / grid.side; ; reach *= 2) {
        const found = grid.within(x[at] - reach, y[at] - reach, x[at] + reach, y[at] + reach)
            .filter(i => i !== at && distance(i) <= reach * reach);
        // Every point of the square's inner circle is known; more than 4 covers the whole map.
        if (found.length >= wanted || reach > 4)
            return found.map(i => ({ i, d: distance(i) })).sort((a, b) => a.d - b.d || a.i - b.i).slice(0, wanted).map(entry => entry.i);
    }
}

/**
 * @param {PickingGrid} grid
 * @param {number} at
 * @param {number[]} neighbours The true ones.
 * @returns {boolean[]} Of each, whether it is among as many nearest on the map.
 */
export function keptOf(grid, at, neighbours) {
    const near = new Set(nearestOnMap(grid, at, neighbours.length));
    return neighbours.map(i => near.has(i));
}

/**
 * Of every point, the share of its true neighbours that the map keeps.
 * @param {PickingGrid} grid
 * @param {number[][]} neighbours
 * @returns {Float64Array} NaN for a point without neighbours.
 */
export function keptShares(grid, neighbours) {
    return Float64Array.from(neighbours, (list, at) => list.length === 0 ? NaN : keptOf(grid, at, list).filter(Boolean).length / list.length);
}

/**
 * Of every point, how many count it among their true neighbours: hubs are near to many.
 * @param {number[][]} neighbours
 */
export function hubness(neighbours) {
    const counts = new Float64Array(neighbours.length);
    for (const list of neighbours) {
        for (const i of list)
            counts[i]++;
    }
    return counts;
}
