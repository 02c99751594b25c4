/**
 * A request as a line for a shell, so that what the page shows can be had without it.
 * @module
 */

/** @param {string} text */
function quote(text) {
    return `'${text.replaceAll("'", "'\\''")}'`;
}

/**
 * @param {import("./api.js").ApiRequest} request
 * @param {{ origin: string, withKey: boolean }} server `withKey` names the variable that holds the key; the key itself is never shown.
 */
export function curl(request, { origin, withKey }) {
    const parts = ["curl"];
    if (request.method !== "GET")
        parts.push(`-X ${request.method}`);
    parts.push(quote(origin + request.path));
    if (withKey)
        parts.push("-H \"Authorization: Bearer $GRID_API_KEY\"");
    if (request.body !== undefined)
        parts.push("-H 'Content-Type: application/json'", `-d ${quote(JSON.stringify(request.body))}`);
    return parts.join(" ");
}
