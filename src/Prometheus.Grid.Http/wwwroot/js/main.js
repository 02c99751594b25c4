/**
 * Starts the page: reads the address, shows the view that it names, and follows it.
 * @module
 */
import { onKeyWanted } from "./api.js";
import { fill } from "./dom.js";
import { Header } from "./header.js";
import { askForKey } from "./parts/key-prompt.js";
import { failed, waiting } from "./parts/states.js";
import { resolve, settle } from "./session.js";
import { current, subscribe } from "./store.js";
import "./theme.js";
import { CompareView } from "./views/compare.js";
import { EvaluateView } from "./views/evaluate.js";
import { ExploreView } from "./views/explore.js";
import { JobsView } from "./views/jobs.js";
import { PortfolioView } from "./views/portfolio.js";

/**
 * @typedef {{ space: import("./data.js").Space, spaces: import("./data.js").Space[], dates: string[], date: string }} Context
 * @typedef {{ element: HTMLElement, update: (state: import("./url-state.js").State, context: Context) => void, dispose?: () => void }} View
 */

/** @type {Record<string, { title: string, make: () => View, entity: "portfolio" | null }>} */
const VIEWS = {
    explore: { title: "Map", make: () => new ExploreView(), entity: null },
    compare: { title: "Compare", make: () => new CompareView(), entity: null },
    portfolio: { title: "Portfolio", make: () => new PortfolioView(), entity: "portfolio" },
    evaluate: { title: "Evaluate", make: () => new EvaluateView(), entity: null },
    jobs: { title: "Jobs", make: () => new JobsView(), entity: null },
};

const main = /** @type {HTMLElement} */ (document.getElementById("main"));
const header = new Header(/** @type {HTMLElement} */ (document.getElementById("header")), Object.entries(VIEWS).map(([name, { title }]) => ({ name, title })));

/** @type {View | null} */
let view = null;
let shown = "";
let turn = 0;

async function refresh() {
    const mine = ++turn;
    const state = current();
    const wanted = VIEWS[state.view];
    document.title = `${wanted.title} · Prometheus.Grid`;
    header.mark(state.view);
    try {
        if (view === null)
            fill(main, waiting("Reading the spaces…"));
        const context = await resolve(wanted.entity);
        if (mine !== turn)
            return;
        // What the address left open is written into it, which comes back here.
        if (settle(context))
            return;
        header.show(current(), context);
        if (shown !== state.view || view === null) {
            view?.dispose?.();
            view = wanted.make();
            shown = state.view;
            fill(main, view.element);
        }
        view.update(current(), context);
    } catch (error) {
        if (mine !== turn)
            return;
        view?.dispose?.();
        view = null;
        fill(main, failed(error, refresh));
    }
}

// Links within the page carry their state in the part behind #, so the way to the content needs another way.
document.getElementById("skip")?.addEventListener("click", event => {
    event.preventDefault();
    main.focus();
});
document.addEventListener("keydown", event => {
    const typing = event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement || event.target instanceof HTMLSelectElement;
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
        event.preventDefault();
        header.focusSearch();
    }
});
onKeyWanted(askForKey);
subscribe(refresh);
refresh();
