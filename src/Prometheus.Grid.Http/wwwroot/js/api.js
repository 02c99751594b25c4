/**
 * Calls of the HTTP API: one place for the key, for errors and for giving up.
 * @module
 */
import { eventParser } from "./sse.js";

/** @typedef {{ method: string, path: string, body?: unknown }} ApiRequest A request as anyone can run it. */

/** What the API says when it refuses (RFC 9457), as an exception. */
export class Problem extends Error {
    /**
     * @param {number} status 0 where no answer came.
     * @param {{ title?: string, detail?: string, kind?: string, field?: string, allowed?: string, request_id?: string }} problem
     */
    constructor(status, problem) {
        super(problem.detail || problem.title || `The server answered ${status}.`);
        this.status = status;
        this.kind = problem.kind ?? "";
        this.field = problem.field ?? "";
        this.allowed = problem.allowed ?? "";
        this.requestId = problem.request_id ?? "";
    }
}

const KEY = "prometheus-grid-key";

/** @type {() => Promise<string>} */
let askForKey = () => Promise.reject(new Problem(401, { detail: "The server wants a key." }));

/** @param {() => Promise<string>} ask Called when the server wants a key that it was not given. */
export function onKeyWanted(ask) {
    askForKey = ask;
}

/** @returns {string | null} */
export function key() {
    return sessionStorage.getItem(KEY);
}

/** @param {string | null} value Null forgets it. Kept until the tab is closed, and nowhere else. */
export function setKey(value) {
    if (value === null)
        sessionStorage.removeItem(KEY);
    else
        sessionStorage.setItem(KEY, value);
}

/** @type {Promise<string> | null} One question, whoever asks. */
let asking = null;

/**
 * @param {ApiRequest} request
 * @param {{ signal?: AbortSignal, accept?: string }} options
 * @returns {Promise<Response>} With a status of success.
 */
async function send(request, { signal, accept = "application/json" }) {
    for (;;) {
        const used = key();
        /** @type {Record<string, string>} */
        const headers = { Accept: accept };
        if (request.body !== undefined)
            headers["Content-Type"] = "application/json";
        if (used !== null)
            headers.Authorization = `Bearer ${used}`;
        let response;
        try {
            response = await fetch(request.path, { method: request.method, headers, signal, body: request.body === undefined ? undefined : JSON.stringify(request.body) });
        } catch (error) {
            if (signal?.aborted)
                throw error;
            throw new Problem(0, { detail: "The server does not answer. Is `./grid serve` running?", kind: "fault" });
        }
        if (response.status === 401) {
            // Another call may have got the key in the meantime.
            if (key() === used) {
                asking ??= askForKey().finally(() => asking = null);
                setKey(await asking);
            }
            continue;
        }
        if (!response.ok)
            throw await problemOf(response);
        return response;
    }
}

/** @param {Response} response */
async function problemOf(response) {
    try {
        const problem = await response.json();
        const wait = response.headers.get("Retry-After");
        if (wait && (response.status === 429 || response.status === 503))
            problem.detail = `${problem.detail ?? problem.title ?? "The server is busy."} Try again in ${wait} s.`;
        return new Problem(response.status, problem);
    } catch {
        return new Problem(response.status, {});
    }
}

/**
 * A request as its parts; the query leaves out what is empty.
 * @param {string} method
 * @param {string} path Begins with /v1; the parts of it are escaped by the caller, see {@link part}.
 * @param {Record<string, string | number | undefined | null>} [query]
 * @param {unknown} [body]
 * @returns {ApiRequest}
 */
export function request(method, path, query = {}, body) {
    const pairs = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) {
        if (value !== undefined && value !== null && value !== "")
            pairs.set(name, String(value));
    }
    const text = pairs.toString();
    return { method, path: text === "" ? path : `${path}?${text}`, body };
}

/** An id as a part of a path. @param {string} id */
export function part(id) {
    return encodeURIComponent(id);
}

/**
 * Sends a request and reads its JSON.
 * @param {ApiRequest} wanted
 * @param {{ signal?: AbortSignal }} [options]
 * @returns {Promise<any>} The body; undefined where there is none.
 */
export async function call(wanted, options = {}) {
    const response = await send(wanted, options);
    return response.status === 204 ? undefined : response.json();
}

/**
 * Sends a request whose answer is a file.
 * @param {ApiRequest} wanted
 * @returns {Promise<Blob>}
 */
export async function blob(wanted) {
    return (await send(wanted, { accept: "*/*" })).blob();
}

/**
 * Follows a stream of events until it ends or the signal is given.
 * @param {ApiRequest} wanted
 * @param {(event: import("./sse.js").ServerEvent) => void} receive
 * @param {AbortSignal} signal
 */
export async function stream(wanted, receive, signal) {
    const response = await send(wanted, { signal, accept: "text/event-stream" });
    const reader = /** @type {ReadableStream<Uint8Array>} */ (response.body).getReader();
    const decoder = new TextDecoder();
    const parse = eventParser();
    for (;;) {
        const { done, value } = await reader.read();
        for (const event of parse(done ? "\n\n" : decoder.decode(value, { stream: true })))
            receive(event);
        if (done)
            return;
    }
}

/** Whether a call ended because nobody waits for it any more. @param {unknown} error */
export function aborted(error) {
    return error instanceof DOMException && error.name === "AbortError";
}
