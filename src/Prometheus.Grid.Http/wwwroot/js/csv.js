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
 * The columns of a table with their kinds: numbers where every cell that there is is one, dates where every one is a day, else texts.
 * @param {string[]} header
 * @param {unknown[][]} rows
 * @returns {{ name: string, numbers?: (number | null)[], dates?: (string | null)[], texts?: (string | null)[] }[]}
 */
export function typedColumns(header, rows) {
    return header.map((name, at) => {
        const cells = rows.map(row => row[at] === undefined || row[at] === "" || (typeof row[at] === "number" && !Number.isFinite(row[at])) ? null : row[at]);
        const there = cells.filter(value => value !== null);
        if (there.length > 0 && there.every(value => typeof value === "number"))
            return { name, numbers: /** @type {(number | null)[]} */ (cells) };
        const texts = cells.map(value => value === null ? null : String(value));
        return there.length > 0 && there.every(value => /^\d{4}-\d\d-\d\d$/.test(String(value))) ? { name, dates: texts } : { name, texts };
    });
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
