/**
 * The map with its neighbours: controls on the left, the map in the middle, lists on the right.
 * @module
 */
import { key } from "../api.js";
import { curl } from "../curl.js";
import * as data from "../data.js";
import { el, fill } from "../dom.js";
import { buildCommands, empty } from "../parts/states.js";
import { tabs } from "../parts/tabs.js";
import { change } from "../store.js";
import { Controls } from "./controls.js";
import { HistoryPanel } from "./history.js";
import { MapPanel } from "./map-panel.js";
import { NeighboursPanel } from "./neighbours.js";
import { ProfilePanel } from "./profile.js";
import { SelectionPanel } from "./selection.js";

export class ExploreView {
    constructor() {
        this.controls = new Controls();
        this.map = new MapPanel({
            choose: ids => {
                this.selection.show(ids);
                change({ tab: "selection" }, { replace: true });
            },
            loaded: map => this.controls.showMap(map),
        });
        this.neighbours = new NeighboursPanel({ found: hits => this.map.showHits(hits), point: id => this.map.point(id) });
        this.history = new HistoryPanel({ path: steps => this.map.showPath(steps), map: () => this.map.answer });
        this.profile = new ProfilePanel();
        this.selection = new SelectionPanel({ entities: () => this.map.answer, point: id => this.map.point(id) });
        this.tabs = tabs("Lists", [
            { name: "neighbours", title: "Neighbours", panel: this.neighbours.element },
            { name: "history", title: "History", panel: this.history.element },
            { name: "profile", title: "Details", panel: this.profile.element },
            { name: "selection", title: "Selection", panel: this.selection.element },
        ], tab => change({ tab }, { replace: true }));
        this.nothing = el("div", { class: "nothing", hidden: true });
        this.parts = el("div", { class: "explore" }, this.controls.element, this.map.element, this.tabs.element);
        this.element = el("div", { class: "view" }, this.nothing, this.parts);
    }

    /** @param {import("../url-state.js").State} state @param {import("../main.js").Context} context */
    update(state, context) {
        const none = context.dates.length === 0;
        this.nothing.hidden = !none;
        this.parts.hidden = none;
        if (none) {
            fill(this.nothing, nothingBuilt(context.space));
            return;
        }
        this.tabs.show(state.tab);
        this.controls.update(state, context);
        this.map.update(state, context);
        this.neighbours.update(state, context);
        this.history.update(state, context);
        this.profile.update(state, context);
    }

    dispose() {
        this.map.dispose();
    }
}

/** @param {import("../data.js").Space} space */
export function nothingBuilt(space) {
    return empty(`${space.model_id} has no vectors yet. Build them for a date that your prices reach, here or under Jobs:`, [
        ...buildCommands(space, "2024-03-28"),
        curl({ method: "GET", path: `/v1/spaces/${space.model_id}/dates` }, { origin: location.origin, withKey: key() !== null }),
    ]);
}

/** @typedef {data.MapAnswer} MapAnswer */
