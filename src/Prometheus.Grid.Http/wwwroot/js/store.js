/**
 * The state of the page and who wants to know when it changes. The address is its only other copy.
 * @module
 */
import { formatState, parseState } from "./url-state.js";

/** @typedef {import("./url-state.js").State} State */
/** @typedef {(state: State, before: State) => void} Listener */

/** @type {State} */
let state = parseState(location.hash);

/** @type {Set<Listener>} */
const listeners = new Set();

/** @returns {Readonly<State>} */
export function current() {
    return state;
}

/**
 * Changes the state and the address.
 * @param {Partial<State>} patch
 * @param {{ replace?: boolean }} [options] `replace` makes no entry in the browser's history: for what changes with every move of a slider.
 */
export function change(patch, { replace = false } = {}) {
    const before = state;
    state = { ...state, ...patch };
    const hash = formatState(state);
    if (hash === formatState(before))
        return;
    history[replace ? "replaceState" : "pushState"](null, "", hash);
    tell(before);
}

/**
 * @param {Listener} listener
 * @returns {() => void} Ends it.
 */
export function subscribe(listener) {
    listeners.add(listener);
    return () => listeners.delete(listener);
}

/** @param {State} before */
function tell(before) {
    for (const listener of [...listeners])
        listener(state, before);
}

// Back, forward, a link of the page, an address typed in.
function follow() {
    const hash = formatState(parseState(location.hash));
    if (hash === formatState(state))
        return;
    const before = state;
    state = parseState(location.hash);
    tell(before);
}
addEventListener("popstate", follow);
addEventListener("hashchange", follow);
