/**
 * The little arithmetic on vectors that the page does itself.
 * @module
 */

/**
 * Cosine of two vectors of one length.
 * @param {ArrayLike<number>} a
 * @param {ArrayLike<number>} b
 * @returns {number | null} Null where one of them is zero.
 */
export function cosine(a, b) {
    let ab = 0, aa = 0, bb = 0;
    for (let i = 0; i < a.length; i++) {
        ab += a[i] * b[i];
        aa += a[i] * a[i];
        bb += b[i] * b[i];
    }
    return aa === 0 || bb === 0 ? null : ab / Math.sqrt(aa * bb);
}

/**
 * Median, least and greatest.
 * @param {number[]} values
 */
export function spread(values) {
    const sorted = values.filter(Number.isFinite).sort((a, b) => a - b);
    const n = sorted.length;
    if (n === 0)
        return null;
    return { n, least: sorted[0], median: (sorted[(n - 1) >> 1] + sorted[n >> 1]) / 2, greatest: sorted[n - 1] };
}

/**
 * A series as multiples of its first value, so that two of them can be compared.
 * @param {(number | null)[]} values
 * @returns {(number | null)[]}
 */
export function rebased(values) {
    const first = values.find(value => value !== null && value > 0) ?? null;
    return values.map(value => value === null || first === null ? null : value / first);
}
