/**
 * Backfills: those that ran, those that run with how far they are, and a new one.
 * @module
 */
import { aborted, call, part, request, stream } from "../api.js";
import * as data from "../data.js";
import { el, fill } from "../dom.js";
import { count, time } from "../format.js";
import { announce } from "../parts/announce.js";
import { empty, failed } from "../parts/states.js";
import { Table } from "../parts/table.js";
import { jobForm } from "./job-form.js";

/**
 * @typedef {{ model_id: string, as_of_date: string, entities_done: number, entities_total: number, dates_done: number, dates_total: number }} Progress
 * @typedef {{ as_of_date: string, written: number, unchanged: number, resumed: number, beyond_limit: number, skipped: { entity_id: string, reason: string, detail: string }[] }} Day
 * @typedef {{ table: string, what: string, count: number, examples: string[] }} Note Something in a table that was not used.
 * @typedef {object} Job
 * @property {string} backfill_id
 * @property {"running" | "succeeded" | "failed" | "cancelled"} status
 * @property {{ kind: string, model_id: string, start: string, end: string }} request
 * @property {string} created_at
 * @property {string | null} [finished_at]
 * @property {Progress | null} [progress]
 * @property {{ written: number, unchanged: number, days: Day[], notes?: Note[] } | null} [report]
 * @property {{ title?: string, detail?: string } | null} [problem]
 */

export class JobsView {
    constructor() {
        this.form = el("aside", { class: "controls", "aria-label": "New job" });
        this.list = el("div", { class: "jobs" });
        this.report = el("div", { class: "report" });
        this.element = el("div", { class: "view split" }, this.form, el("div", { class: "result" }, this.list, this.report));
        /** @type {Map<string, Job>} */
        this.jobs = new Map();
        this.ended = new AbortController();
        /** @type {Set<string>} */
        this.followed = new Set();
        this.shown = "";
        this.drawn = "";
        this.table = this.makeTable();
        this.load();
    }

    dispose() {
        this.ended.abort();
    }

    /** @param {import("../url-state.js").State} state @param {import("../main.js").Context} context */
    async update(state, context) {
        const drawn = [context.space.model_id, context.date].join(" ");
        if (drawn === this.drawn)
            return;
        this.drawn = drawn;
        try {
            const who = await call(request("GET", "/v1/whoami"), { signal: this.ended.signal });
            fill(this.form, jobForm(context, await data.models(), who.role === "write", body => this.start(body)));
        } catch (error) {
            if (!aborted(error))
                fill(this.form, failed(error));
        }
    }

    async load() {
        try {
            const answer = await call(request("GET", "/v1/backfills"), { signal: this.ended.signal });
            this.jobs = new Map(answer.backfills.map((/** @type {Job} */ job) => [job.backfill_id, job]));
            this.draw();
            for (const job of this.jobs.values())
                this.follow(job);
        } catch (error) {
            if (!aborted(error))
                fill(this.list, failed(error, () => this.load()));
        }
    }

    /** @param {Record<string, unknown>} body */
    async start(body) {
        const job = /** @type {Job} */ (await call(request("POST", "/v1/backfills", {}, body)));
        this.jobs = new Map([[job.backfill_id, job], ...this.jobs]);
        this.shown = job.backfill_id;
        this.draw();
        announce("Started");
        this.follow(job);
    }

    /** Shows a running job as it goes on. @param {Job} job */
    async follow(job) {
        if (job.status !== "running" || this.followed.has(job.backfill_id))
            return;
        this.followed.add(job.backfill_id);
        const { signal } = this.ended;
        try {
            await stream(request("GET", `/v1/backfills/${part(job.backfill_id)}/events`), event => {
                if (event.event === "backfill")
                    this.take(JSON.parse(event.data));
            }, signal);
            // The stream may have ended with the server; what the job is now, it says itself.
            this.take(await call(request("GET", `/v1/backfills/${part(job.backfill_id)}`), { signal }));
        } catch (error) {
            if (!aborted(error) && !signal.aborted)
                fill(this.report, failed(error, () => this.load()));
        } finally {
            this.followed.delete(job.backfill_id);
        }
    }

    /** @param {Job} job */
    take(job) {
        const before = this.jobs.get(job.backfill_id);
        this.jobs.set(job.backfill_id, job);
        if (before?.status === "running" && job.status !== "running") {
            announce(`${job.request.kind} ${job.status}`);
            // What was read before it wrote may be another thing now.
            data.forget();
        }
        this.draw();
    }

    draw() {
        if (this.jobs.size === 0) {
            fill(this.list, el("h2", {}, "Jobs"), empty("No job has run on this server yet. Start one here, or with a command of ./grid such as the following:", ["./grid backfill-numeric-embeddings --as-of 2024-03-28 --model-id num-profile-core-v2"]));
            return;
        }
        if (!this.table.element.isConnected)
            fill(this.list, el("h2", {}, "Jobs"), this.table.element);
        this.table.show([...this.jobs.values()], request("GET", "/v1/backfills"));
        this.table.select(this.shown);
        const shown = this.jobs.get(this.shown);
        if (shown !== undefined)
            this.drawReport(shown);
    }

    /** @returns {Table<Job>} */
    makeTable() {
        return new Table({
            caption: "Jobs", noun: "job", file: "jobs", rowKey: job => job.backfill_id, openTitle: "Click or Enter shows its report",
            select: job => this.open(job), open: job => this.open(job),
            columns: [
                { name: "backfill_id", value: job => job.backfill_id, unseen: true },
                { name: "status", value: job => job.status, show: job => el("span", { class: `status ${job.status}` }, job.status) },
                { name: "kind", value: job => job.request.kind }, { name: "model_id", value: job => job.request.model_id },
                { name: "start", value: job => job.request.start }, { name: "end", value: job => job.request.end, wide: true },
                { name: "progress", value: job => share(job), show: progress },
                { name: "written", numeric: true, value: job => job.report?.written, show: job => count(job.report?.written) },
                { name: "unchanged", numeric: true, wide: true, value: job => job.report?.unchanged, show: job => count(job.report?.unchanged) },
                { name: "created", value: job => job.created_at, show: job => time(job.created_at), wide: true },
                { name: "actions", bare: true, value: () => "", show: job => job.status !== "running" ? null
                    : el("button", { type: "button", class: "quiet", "aria-label": `Cancel ${job.request.kind} of ${job.request.model_id}`, onclick: () => this.cancel(job) }, "Cancel") },
            ],
        });
    }

    /** @param {Job} job */
    async cancel(job) {
        try {
            const answer = await call(request("DELETE", `/v1/backfills/${part(job.backfill_id)}`));
            if (answer !== undefined)
                this.take(answer);
        } catch (error) {
            fill(this.report, failed(error));
        }
    }

    /** @param {Job} job */
    open(job) {
        this.shown = job.backfill_id;
        this.drawReport(job);
    }

    /** @param {Job} job */
    drawReport(job) {
        const days = job.report?.days ?? [];
        const table = new Table({
            caption: "Days of the job", noun: "day", file: `job-${job.backfill_id}`, rowKey: day => day.as_of_date,
            columns: [
                { name: "as_of_date", value: day => day.as_of_date },
                ...(/** @type {const} */ (["written", "unchanged", "resumed", "beyond_limit"])).map(name => ({ name: name.replace("_", " "), numeric: true, value: (/** @type {Day} */ day) => day[name], show: (/** @type {Day} */ day) => count(day[name]) })),
                { name: "skipped", fit: "long", value: (/** @type {Day} */ day) => reasons(day.skipped) },
            ],
        });
        table.show(days, request("GET", `/v1/backfills/${part(job.backfill_id)}`));
        fill(this.report, el("h2", {}, `${job.request.kind} of ${job.request.model_id}`),
            job.problem ? el("div", { class: "state error", role: "alert" }, job.problem.detail ?? job.problem.title ?? "It failed.") : null,
            notes(job.report?.notes ?? []),
            days.length > 0 ? table.element : el("p", { class: "soft" }, job.status === "running" ? "Its report comes when it ends." : "It left no report."));
    }
}

/** What of the tables was not used. @param {Note[]} list */
function notes(list) {
    return list.length === 0 ? null : el("div", { class: "notes", role: "group", "aria-label": "Not used of the tables" }, el("h3", {}, "Not used of the tables"),
        el("ul", {}, list.map(note => el("li", {}, `${note.table}: ${note.what}${note.examples.length > 0 ? `: ${count(note.count)}` : ""}`,
            note.examples.length > 0 ? el("span", { class: "soft" }, ` (${note.examples.join("; ")}${note.count > note.examples.length ? "; …" : ""})`) : null))));
}

/** How many were skipped for each reason. @param {Day["skipped"]} skipped */
function reasons(skipped) {
    const counts = new Map();
    for (const { reason } of skipped)
        counts.set(reason, (counts.get(reason) ?? 0) + 1);
    return [...counts].map(([reason, n]) => `${n} ${reason}`).join("; ");
}

/** @param {Job} job From 0 to 1. */
function share(job) {
    const { progress: now } = job;
    if (job.status === "succeeded")
        return 1;
    if (!now)
        return 0;
    const inDate = now.entities_total > 0 ? now.entities_done / now.entities_total : 0;
    return now.dates_total > 0 ? Math.min(1, (now.dates_done + (now.dates_done < now.dates_total ? inDate : 0)) / now.dates_total) : inDate;
}

/** @param {Job} job */
function progress(job) {
    const done = share(job);
    const label = `${Math.round(done * 100)}%${job.progress && job.status === "running" ? `, ${job.progress.as_of_date}: ${count(job.progress.entities_done)} of ${count(job.progress.entities_total)}` : ""}`;
    return [el("progress", { max: 1, value: done, "aria-label": `Progress: ${label}` }), el("span", { class: "digits" }, label)];
}
