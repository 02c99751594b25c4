/**
 * The map as an element: points, what stands above them, and what one does with it.
 * @module
 */
import { el } from "../dom.js";
import { fit, pan, resize, toMap, toScreen, zoomAt } from "./camera.js";
import { CanvasPoints } from "./canvas2d.js";
import { dimmed } from "./colours.js";
import { gestures } from "./gestures.js";
import { islands } from "./islands.js";
import { NO_MARKS, Overlay } from "./overlay.js";
import { isSoftware, Pace } from "./pace.js";
import { PickingGrid } from "./picking.js";
import { normalised, placement, radius } from "./points.js";
import { WebGlPoints } from "./webgl.js";

/** @typedef {import("./overlay.js").Marks} Marks */

/** So near a click must be, in CSS pixels. */
const REACH = 12;
/** With no more points than this in view each has its name. */
const NAMED = 70;
/** The map rests when it has not moved for so many milliseconds. */
const REST = 140;

/**
 * @typedef {object} Events
 * @property {(position: number) => void} select -1 for none.
 * @property {(positions: number[]) => void} choose By the lasso or from the view.
 * @property {() => void} change What the tools show has changed.
 */

export class MapView {
    /**
     * @param {Events} events
     * @param {{ gl: boolean | "auto" }} options `gl` false draws on a 2D canvas wherever it is, true by WebGL2 wherever there is one; "auto" by WebGL2 where
     *   that is drawn by a graphics card.
     */
    constructor(events, { gl }) {
        this.events = events;
        this.gl = gl;
        this.points = normalised([], []);
        this.placed = placement([], []);
        this.grid = new PickingGrid(this.points);
        this.camera = fit(this.points, 1, 1);
        /** @type {import("./colours.js").Colouring | null} */
        this.colouring = null;
        this.shown = -1;
        /** @type {string[]} */
        this.names = [];
        /** @type {Marks} */
        this.marks = NO_MARKS;
        /** @type {[number, number][]} */
        this.stroke = [];
        this.lassoing = false;
        this.frame = 0;
        this.frames = 0;
        this.moving = false;
        this.resting = 0;
        this.pace = new Pace();
        /** @type {import("./islands.js").Island[]} */
        this.middles = [];

        /** Catches mouse, finger and keyboard. Draws nothing, so it is no layer of its own. */
        this.over = el("div", { class: "map-over", tabIndex: 0, role: "application", "aria-roledescription": "map", "aria-label": "Map" });
        this.element = el("div", { class: "map-area" }, this.over);
        /** @type {HTMLCanvasElement[]} What is drawn on: points and what stands above them, or one for both. */
        this.canvases = [];
        /** @type {HTMLCanvasElement | null} */
        this.withContext = null;
        this.start();
        gestures(this.over, this.actions());
        this.over.addEventListener("focus", () => this.redraw());
        this.over.addEventListener("blur", () => this.redraw());
        this.observer = new ResizeObserver(() => this.fitBox());
        this.observer.observe(this.element);
    }

    /** Chooses how to draw. */
    start() {
        const canvas = layer(), marks = layer();
        const renderer = this.gl === false ? null : WebGlPoints.on(canvas);
        if (renderer === null || (this.gl === "auto" && isSoftware(renderer.gl))) {
            this.useCanvas();
            return;
        }
        this.use(renderer, [canvas, marks]);
        // While its context is lost nothing else holds it: a collected canvas would never hear that the context is back.
        this.withContext = canvas;
        canvas.addEventListener("webglcontextlost", event => {
            // Says that it may come back; until then the points are drawn without it.
            event.preventDefault();
            this.useCanvas();
            this.events.change();
        });
        canvas.addEventListener("webglcontextrestored", () => {
            renderer.prepare();
            this.use(renderer, [canvas, marks]);
            this.events.change();
        });
    }

    useCanvas() {
        const canvas = layer();
        this.use(new CanvasPoints(canvas), [canvas]);
    }

    /** @param {WebGlPoints | CanvasPoints} renderer @param {HTMLCanvasElement[]} canvases The last is that of what stands above the points. */
    use(renderer, canvases) {
        for (const canvas of this.canvases)
            canvas.remove();
        this.canvases = canvases;
        this.element.prepend(...canvases);
        this.renderer = renderer;
        this.overlay = new Overlay(canvases[canvases.length - 1]);
        this.sizeCanvases();
        this.upload();
    }

    sizeCanvases() {
        for (const canvas of this.canvases) {
            canvas.width = Math.round(this.camera.width * devicePixelRatio);
            canvas.height = Math.round(this.camera.height * devicePixelRatio);
        }
    }

    /** Ends what would go on without the page. */
    dispose() {
        this.observer.disconnect();
        cancelAnimationFrame(this.frame);
        clearTimeout(this.resting);
    }

    /**
     * @param {ArrayLike<number>} x
     * @param {ArrayLike<number>} y
     * @param {string[]} names
     * @param {boolean} keep Whether the camera stays where it is.
     */
    show(x, y, names, keep = false) {
        this.points = normalised(x, y);
        this.placed = placement(x, y);
        this.grid = new PickingGrid(this.points);
        this.names = names;
        this.colouring = null;
        this.marks = NO_MARKS;
        this.camera = keep ? resize(this.camera, this.camera.width, this.camera.height, this.points) : fit(this.points, this.camera.width, this.camera.height);
        this.redraw();
    }

    /** @param {import("./colours.js").Colouring} colouring @param {number} shown The one group that is not dimmed, or -1. */
    colour(colouring, shown) {
        if (colouring !== this.colouring)
            this.middles = colouring.group === null ? [] : islands(this.points, colouring.group, colouring.groups.length);
        this.colouring = colouring;
        this.shown = shown;
        this.upload();
    }

    /** @param {{ x: number, y: number, label: string }[]} steps In the coordinates that {@link show} was given. */
    showPath(steps) {
        this.mark({ path: steps.map(step => ({ ...this.placed(step.x, step.y), label: step.label })) });
    }

    /** @param {Partial<Marks>} marks */
    mark(marks) {
        this.marks = { ...this.marks, ...marks };
        this.redraw();
    }

    upload() {
        if (this.colouring !== null)
            this.renderer.set(this.points, dimmed(this.colouring, this.shown));
        this.redraw();
    }

    fitBox() {
        const { clientWidth: width, clientHeight: height } = this.element;
        if (width === 0 || height === 0)
            return;
        const first = this.camera.width <= 1;
        this.camera = first ? fit(this.points, width, height) : resize(this.camera, width, height, this.points);
        this.sizeCanvases();
        // At once: a canvas that was given a size is empty, and would flicker until the next frame.
        this.paint();
    }

    redraw() {
        if (this.frame === 0)
            this.frame = requestAnimationFrame(now => {
                // A card that is slower than the processor is none.
                if (this.moving && this.gl === "auto" && this.renderer instanceof WebGlPoints && this.pace.isSlow(now)) {
                    this.gl = false;
                    this.useCanvas();
                    this.events.change();
                }
                this.paint();
            });
    }

    paint() {
        cancelAnimationFrame(this.frame);
        this.frame = 0;
        this.frames++;
        const { camera } = this;
        if (camera.width <= 1)
            return;
        const look = this.look();
        const size = this.pointRadius();
        const ratio = this.canvases[0].width / camera.width;
        this.renderer.draw(camera, size, look.groundRgb, ratio, this.moving);
        const cross = document.activeElement === this.over && this.over.matches(":focus-visible");
        this.overlay.draw(camera, this.points, size, this.marks, this.labels(), this.stroke, cross, look, ratio, this.canvases.length > 1);
    }

    pointRadius() {
        return radius(this.points.count, this.camera.width, this.camera.height, this.camera.scale / this.camera.fitted);
    }

    /** Names of groups from afar, of points from near. */
    labels() {
        const { camera, colouring } = this;
        const groups = colouring === null ? [] : this.middles
            .filter(middle => this.shown < 0 || middle.group === this.shown)
            .slice(0, 40)
            .map(middle => ({ text: colouring.groups[middle.group].name, x: middle.x, y: middle.y, half: middle.half }));
        const [left, top] = toMap(camera, 0, 0), [right, bottom] = toMap(camera, camera.width, camera.height);
        const near = this.grid.few(left, bottom, right, top, NAMED);
        const name = (/** @type {number} */ i) => ({ text: this.names[i], at: i });
        // The target has its name, whatever else has none.
        const selected = this.marks.selected < 0 ? [] : [this.marks.selected];
        const others = [...new Set([...(selected.length > 0 ? this.marks.neighbours : []), ...near])].filter(i => i !== this.marks.selected);
        return { first: selected.map(name), groups: near.length > 0 ? [] : groups, points: others.map(name) };
    }

    /** Colours and fonts, from the style sheet. */
    look() {
        const style = getComputedStyle(this.element);
        const get = (/** @type {string} */ name) => style.getPropertyValue(name).trim();
        const ground = get("--map");
        return {
            ground, groundRgb: /** @type {[number, number, number]} */ ([1, 3, 5].map(at => Number.parseInt(ground.slice(at, at + 2), 16))),
            ink: get("--ink"), soft: get("--soft"), accent: get("--accent"), warn: get("--mark"), font: `11px ${style.fontFamily}`,
        };
    }

    /** @returns {import("./gestures.js").Actions} */
    actions() {
        return {
            pan: (dx, dy) => this.move(pan(this.camera, dx, dy)),
            zoom: (factor, x, y) => this.move(zoomAt(this.camera, factor, x, y)),
            click: (x, y) => this.pick(x, y, REACH),
            lassoing: () => this.lassoing,
            lasso: (stroke, done) => this.drawLasso(stroke, done),
            key: name => this.key(name),
        };
    }

    /** @param {import("./camera.js").Camera} camera */
    move(camera) {
        this.camera = camera;
        this.moving = true;
        clearTimeout(this.resting);
        this.resting = setTimeout(() => {
            this.moving = false;
            this.redraw();
        }, REST);
        this.redraw();
    }

    fit() {
        this.move(fit(this.points, this.camera.width, this.camera.height));
    }

    /** @param {number} factor */
    zoom(factor) {
        this.move(zoomAt(this.camera, factor, this.camera.width / 2, this.camera.height / 2));
    }

    /** @param {number} x CSS pixels. @param {number} y @param {number} reach */
    pick(x, y, reach) {
        const [mx, my] = toMap(this.camera, x, y);
        this.events.select(this.grid.nearest(mx, my, reach / this.camera.scale));
    }

    /** @param {[number, number][]} stroke @param {boolean} done */
    drawLasso(stroke, done) {
        this.stroke = done ? [] : stroke;
        if (done) {
            this.setLasso(false);
            this.events.choose(this.grid.inside(stroke.map(([x, y]) => toMap(this.camera, x, y))));
        }
        this.redraw();
    }

    /** @param {boolean} on */
    setLasso(on) {
        this.lassoing = on;
        this.stroke = [];
        this.element.classList.toggle("lassoing", on);
        this.events.change();
        this.redraw();
    }

    /** What is in view goes to the list: the lasso of those who use no mouse. */
    chooseView() {
        const [left, top] = toMap(this.camera, 0, 0), [right, bottom] = toMap(this.camera, this.camera.width, this.camera.height);
        this.events.choose(this.grid.within(left, bottom, right, top));
    }

    /** Brings a point into view, if it is not. @param {number} position */
    reveal(position) {
        const { camera, points } = this;
        const [x, y] = toScreen(camera, points.x[position], points.y[position]);
        if (x < 0 || y < 0 || x > camera.width || y > camera.height)
            this.move({ ...camera, x: points.x[position], y: points.y[position] });
    }

    /** @param {Parameters<import("./gestures.js").Actions["key"]>[0]} name @returns {boolean} Whether it meant something. */
    key(name) {
        const { camera } = this;
        const steps = { left: [60, 0], right: [-60, 0], up: [0, 60], down: [0, -60] };
        if (name in steps)
            this.move(pan(camera, .../** @type {[number, number]} */ (Reflect.get(steps, name))));
        else if (name === "in" || name === "out")
            this.zoom(name === "in" ? 1.3 : 1 / 1.3);
        else if (name === "fit")
            this.fit();
        else if (name === "pick")
            this.pick(camera.width / 2, camera.height / 2, Math.hypot(camera.width, camera.height) / 2);
        else if (name === "lasso")
            this.setLasso(!this.lassoing);
        else if (this.lassoing)
            this.setLasso(false);
        else
            return false;
        return true;
    }
}

function layer() {
    return el("canvas", { class: "map-layer", "aria-hidden": "true" });
}
