/**
 * Tables as CSV (RFC 4180) and back.
 * @module
 */

/**
 * A cell that a spreadsheet takes as text: one that begins like a formula gets an apostrophe before it. A plain number stays a number.
 * @param {unknown} value
 */
export function cell(value) {
    if (value === null || value === undefined)
        return "";
    let text = String(value);
    if (typeof value !== "number" && /^[=+\-@\t\r]/.test(text))
        text = `'${text}`;
    return /[",\r\n]/.test(text) ? `"${text.replaceAll("\"", "\"\"")}"` : text;
}

/**
 * @param {string[]} header
 * @param {unknown[][]} rows
 * @returns {string} Lines that end with CR LF.
 */
export function toCsv(header, rows) {
    return [header, ...rows].map(row => row.map(cell).join(",") + "\r\n").join("");
}

/**
 * Reads CSV with quoted cells; blank lines are left out.
 * @param {string} text
 * @returns {string[][]} Rows of cells.
 */
export function parseCsv(text) {
    /** @type {string[][]} */
    const rows = [];
    /** @type {string[]} */
    let row = [];
    let value = "";
    let quoted = false;
    const end = () => {
        row.push(value);
        value = "";
        if (row.length > 1 || row[0] !== "")
            rows.push(row);
        row = [];
    };
    for (let i = 0; i < text.length; i++) {
        const c = text[i];
        if (quoted) {
            if (c !== "\"")
                value += c;
            else if (text[i + 1] === "\"")
                value += text[++i];
            else
                quoted = false;
        } else if (c === "\"" && value === "") {
            quoted = true;
        } else if (c === ",") {
            row.push(value);
            value = "";
        } else if (c === "\n") {
            end();
        } else if (c !== "\r" && c !== "\ufeff") {
            value += c;
        }
    }
    if (value !== "" || row.length > 0)
        end();
    return rows;
}
