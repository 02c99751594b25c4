/**
 * Server-sent events out of a response: the key is a header, which EventSource cannot send.
 * @module
 */

/** @typedef {{ event: string, data: string, id: string }} ServerEvent */

/**
 * Takes text as it comes, in any pieces, and gives the events that are whole.
 * @returns {(piece: string) => ServerEvent[]}
 */
export function eventParser() {
    let rest = "";
    let event = "", id = "";
    /** @type {string[]} */
    let data = [];
    return piece => {
        /** @type {ServerEvent[]} */
        const events = [];
        const lines = (rest + piece).split(/\r\n|\n|\r(?!$)/);
        rest = /** @type {string} */ (lines.pop());
        for (const line of lines) {
            if (line === "") {
                if (data.length > 0)
                    events.push({ event: event || "message", data: data.join("\n"), id });
                event = "";
                data = [];
                continue;
            }
            const colon = line.indexOf(":");
            const field = colon < 0 ? line : line.slice(0, colon);
            const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
            if (field === "event")
                event = value;
            else if (field === "data")
                data.push(value);
            else if (field === "id")
                id = value;
        }
        return events;
    };
}
