/**
 * Numbers and names as they stand in tables: fixed decimals, so that digits line up.
 * @module
 */

const DASH = "–";

/**
 * @param {number | null | undefined} value
 * @param {number} [digits] Decimals.
 */
export function number(value, digits = 4) {
    if (value === null || value === undefined || !Number.isFinite(value))
        return DASH;
    // A minus is as wide as a digit, a hyphen is not.
    return value.toFixed(digits).replace("-", "\u2212");
}

/**
 * @param {number | null | undefined} value A share from 0 to 1.
 * @param {number} [digits]
 */
export function percent(value, digits = 1) {
    return value === null || value === undefined || !Number.isFinite(value) ? DASH : `${number(value * 100, digits)}%`;
}

/** @param {number | null | undefined} value */
export function count(value) {
    return value === null || value === undefined ? DASH : value.toLocaleString("en-US");
}

/** @param {string | null | undefined} value */
export function text(value) {
    return value === null || value === undefined || value === "" ? DASH : value;
}

/**
 * A word of the API as people read it: `max_drawdown_63d` is "max drawdown 63d".
 * @param {string} name
 */
export function words(name) {
    return name.replaceAll("_", " ");
}

/**
 * "1 issuer", "3 issuers".
 * @param {number} n
 * @param {string} noun
 */
export function plural(n, noun) {
    const many = /[^aeiou]y$/.test(noun) ? `${noun.slice(0, -1)}ies` : /(s|x|ch|sh)$/.test(noun) ? `${noun}es` : `${noun}s`;
    return `${count(n)} ${n === 1 ? noun : many}`;
}

/**
 * An RFC 3339 time to the second, in UTC.
 * @param {string | null | undefined} value
 */
export function time(value) {
    return value ? value.slice(0, 19).replace("T", " ") : DASH;
}
