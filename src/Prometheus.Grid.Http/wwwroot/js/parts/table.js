/**
 * A table of the page: sorted by a click on its header, walked with the arrows, copied as CSV, downloaded as CSV or Parquet, with the request that gives it.
 * @module
 */
import { blob, key, request } from "../api.js";
import { toCsv, typedColumns } from "../csv.js";
import { curl } from "../curl.js";
import { el, fill } from "../dom.js";
import { plural } from "../format.js";
import { copyText, download, save, say } from "./take.js";

/**
 * @template Row
 * @typedef {object} Column
 * @property {string} name Stands in the header and in the CSV.
 * @property {(row: Row) => unknown} value For the CSV and the order.
 * @property {(row: Row) => import("../dom.js").Child} [show] What stands in the cell; the value, unless said.
 * @property {boolean} [numeric] Stands right.
 * @property {boolean} [bare] Controls: neither sorted nor in the CSV.
 * @property {string} [title] What the column means.
 * @property {"main" | "short" | "long"} [fit] How a text fits: takes what is left and is cut, is cut at a short width, or runs over lines.
 * @property {boolean} [wide] Left out where the table is narrow.
 * @property {boolean} [unseen] Stands in the CSV only.
 */

/**
 * @template Row
 * @typedef {object} TableOptions
 * @property {string} caption What the table is, for those who do not see where it stands.
 * @property {string} noun What a row is, in the singular.
 * @property {string} file Name of the download, without .csv.
 * @property {Column<Row>[]} columns
 * @property {(row: Row) => string} rowKey
 * @property {(row: Row) => void} [select] On a click.
 * @property {(row: Row) => void} [open] On a double click or Enter.
 * @property {string} [openTitle] What Enter does.
 * @property {(row: Row) => string} [mark] A class of the row.
 */

/** @template Row */
export class Table {
    /** @param {TableOptions<Row>} options */
    constructor(options) {
        this.options = options;
        /** @type {Row[]} */
        this.rows = [];
        /** @type {import("../api.js").ApiRequest | null} */
        this.request = null;
        this.selected = "";
        this.order = { column: -1, up: true };
        /** Those that are seen. */
        this.columns = options.columns.filter(column => !column.unseen);
        this.body = el("tbody", { onclick: event => this.click(event, false), ondblclick: event => this.click(event, true), onkeydown: event => this.key(event) });
        this.head = el("tr", {});
        this.count = el("span", { class: "count" });
        this.line = el("code", {});
        this.shown = el("details", { class: "request" }, el("summary", {}, "Request"), el("div", { class: "request-line" }, this.line,
            el("button", { type: "button", onclick: event => copyText(this.line.textContent ?? "", event.currentTarget) }, "Copy")));
        this.scroll = el("div", { class: "table-scroll", role: "region", "aria-label": options.caption, tabIndex: 0 },
            el("table", {}, el("caption", { class: "unseen" }, options.caption), el("thead", {}, this.head), this.body));
        this.foot = el("div", { class: "table-foot" }, this.count,
            el("button", { type: "button", onclick: event => copyText(this.csv(), event.currentTarget) }, "Copy CSV"),
            el("button", { type: "button", onclick: () => download(`${options.file}.csv`, this.csv()) }, "Download CSV"),
            el("button", { type: "button", title: "Download Parquet: columns with their types", onclick: event => this.parquet(/** @type {HTMLButtonElement} */ (event.currentTarget)) }, "Parquet"),
            this.shown);
        this.element = el("div", { class: "table" }, this.scroll, this.foot);
        this.header();
    }

    /** @param {Row[]} rows @param {import("../api.js").ApiRequest | null} [request] */
    show(rows, request = null) {
        this.rows = rows;
        this.request = request;
        this.shown.hidden = request === null;
        if (request !== null)
            this.line.textContent = curl(request, { origin: location.origin, withKey: key() !== null });
        this.draw();
    }

    /** Marks a row; the list does not move. @param {string} rowKey */
    select(rowKey) {
        this.selected = rowKey;
        for (const row of this.body.rows)
            row.setAttribute("aria-selected", String(row.dataset.key === rowKey));
    }

    /** @returns {Row[]} In the order in which they stand. */
    sorted() {
        const { column, up } = this.order;
        if (column < 0)
            return this.rows;
        const { value } = this.columns[column];
        const sign = up ? 1 : -1;
        return this.rows.map((row, at) => ({ row, at, value: value(row) }))
            .sort((a, b) => compare(a.value, b.value, sign) || a.at - b.at).map(entry => entry.row);
    }

    csv() {
        const { header, rows } = this.cells();
        return toCsv(header, rows);
    }

    /** The table as it stands, for files. */
    cells() {
        const columns = this.options.columns.filter(column => !column.bare);
        return { header: columns.map(column => column.name), rows: this.sorted().map(row => columns.map(column => column.value(row))) };
    }

    /** The server writes it: what stands here is sent, and comes back as a file. @param {HTMLButtonElement} button */
    async parquet(button) {
        const { header, rows } = this.cells();
        const { file } = this.options;
        button.disabled = true;
        try {
            save(`${file}.parquet`, await blob(request("POST", "/v1/tables/parquet", {}, { name: file, columns: typedColumns(header, rows) })));
        } catch (error) {
            say(button, error instanceof Error ? error.message : String(error));
        } finally {
            button.disabled = false;
        }
    }

    header() {
        fill(this.head, this.columns.map((column, at) => {
            const direction = this.order.column !== at ? "none" : this.order.up ? "ascending" : "descending";
            const kind = kindOf(column);
            if (column.bare)
                return el("th", { scope: "col", class: kind }, el("span", { class: "unseen" }, column.name));
            return el("th", { scope: "col", class: kind, "aria-sort": direction, title: column.title },
                el("button", { type: "button", onclick: () => this.sort(at) }, column.name, el("span", { "aria-hidden": "true" }, { none: "", ascending: " ▲", descending: " ▼" }[direction])));
        }));
    }

    /** Up, down, and as they came. @param {number} column */
    sort(column) {
        const { order } = this;
        const first = !this.columns[column].numeric;
        if (order.column !== column)
            this.order = { column, up: first };
        else if (order.up === first)
            this.order = { column, up: !first };
        else
            this.order = { column: -1, up: true };
        const focused = this.head.contains(document.activeElement);
        this.header();
        if (focused)
            this.head.cells[column].querySelector("button")?.focus();
        this.draw();
    }

    draw() {
        const { rowKey, select, open, openTitle, mark } = this.options;
        const active = document.activeElement instanceof HTMLElement && this.body.contains(document.activeElement) ? document.activeElement.closest("tr")?.dataset.key : undefined;
        const rows = this.sorted();
        fill(this.body, rows.map((row, at) => el("tr", {
            "data-key": rowKey(row), class: mark?.(row) || undefined, "aria-selected": select ? String(rowKey(row) === this.selected) : undefined,
            tabIndex: select || open ? (at === 0 ? 0 : -1) : undefined, title: open ? openTitle : undefined,
        }, this.columns.map(column => {
            const value = column.show ? column.show(row) : /** @type {string} */ (column.value(row));
            const isCut = column.fit === "main" || column.fit === "short";
            return el("td", { class: kindOf(column), title: isCut && !open ? String(column.value(row) ?? "") : undefined }, value);
        }))));
        this.count.textContent = plural(rows.length, this.options.noun);
        if (active !== undefined)
            [...this.body.rows].find(row => row.dataset.key === active)?.focus();
    }

    /** @param {EventTarget | null} target @returns {Row | undefined} The row that an event is about, unless a control in it is. */
    rowOf(target) {
        if (!(target instanceof Element) || target.closest("button, a, input"))
            return undefined;
        const found = target.closest("tr")?.dataset.key;
        return this.rows.find(row => this.options.rowKey(row) === found);
    }

    /** @param {MouseEvent} event @param {boolean} twice */
    click(event, twice) {
        const row = this.rowOf(event.target);
        if (row === undefined)
            return;
        this.rove(/** @type {Element} */ (event.target).closest("tr"), false);
        this.select(this.options.rowKey(row));
        if (twice)
            this.options.open?.(row);
        else
            this.options.select?.(row);
    }

    /** @param {KeyboardEvent} event */
    key(event) {
        const at = event.target instanceof HTMLTableRowElement ? event.target : null;
        if (at === null)
            return;
        const rows = [...this.body.rows], here = rows.indexOf(at);
        const next = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: rows.length - 1, PageDown: here + 10, PageUp: here - 10 }[event.key];
        const row = this.rowOf(at);
        if (next !== undefined)
            this.rove(rows[Math.min(rows.length - 1, Math.max(0, next))], true);
        else if (event.key === "Enter" && row !== undefined)
            this.options.open?.(row);
        else if (event.key === " " && row !== undefined)
            this.options.select?.(row);
        else
            return;
        event.preventDefault();
    }

    /** One row of the table is reached by Tab, the others by the arrows. @param {HTMLTableRowElement | null} row @param {boolean} focus */
    rove(row, focus) {
        if (row === null || (!this.options.select && !this.options.open))
            return;
        for (const other of this.body.rows)
            other.tabIndex = -1;
        row.tabIndex = 0;
        if (!focus)
            return;
        row.focus();
        const found = this.rowOf(row);
        if (found !== undefined) {
            this.select(this.options.rowKey(found));
            this.options.select?.(found);
        }
    }
}

/** @param {Column<any>} column @returns {string | undefined} */
function kindOf(column) {
    return [column.numeric ? "numeric" : "", column.wide ? "wide" : "", column.bare ? "bare" : "", column.fit ? `fit-${column.fit}` : ""].filter(Boolean).join(" ") || undefined;
}

/** What is missing stands last, whichever way. @param {unknown} a @param {unknown} b @param {number} sign */
function compare(a, b, sign) {
    const none = (/** @type {unknown} */ value) => value === null || value === undefined || value === "";
    if (none(a) || none(b))
        return Number(none(a)) - Number(none(b));
    if (typeof a === "number" && typeof b === "number")
        return sign * (a - b);
    return sign * (String(a) < String(b) ? -1 : String(a) > String(b) ? 1 : 0);
}
