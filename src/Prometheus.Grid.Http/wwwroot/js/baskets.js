/**
 * Named lists of ids, kept in this browser.
 * @module
 */

const NAME = "prometheus-grid-baskets";

/** @returns {Record<string, string[]>} */
export function baskets() {
    try {
        const kept = JSON.parse(localStorage.getItem(NAME) ?? "{}");
        return typeof kept === "object" && kept !== null && !Array.isArray(kept) ? kept : {};
    } catch {
        return {};
    }
}

/** @param {string} name @param {string[] | null} ids Null removes it. */
export function keepBasket(name, ids) {
    const all = baskets();
    if (ids === null)
        delete all[name];
    else
        all[name] = ids;
    localStorage.setItem(NAME, JSON.stringify(all));
}
