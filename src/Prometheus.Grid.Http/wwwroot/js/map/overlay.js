/**
 * What stands above the points: labels, the selection and its lines to the true neighbours, the lasso. Both ways of drawing points share it.
 * @module
 */
import { toScreen } from "./camera.js";
import { placeLabels } from "./labels.js";

/** @typedef {import("./camera.js").Camera} Camera */
/** @typedef {import("./points.js").Points} Points */

/**
 * @typedef {object} Marks
 * @property {number} selected Position of the point, or -1.
 * @property {number[]} neighbours Its true nearest neighbours.
 * @property {boolean[]} kept Of each, whether it is near on the map too.
 * @property {number[]} chosen Points of the lasso.
 * @property {number[]} pinned
 * @property {{ x: number, y: number, label: string }[]} path Where the selected was on other dates, the first first.
 */

/**
 * @typedef {object} Labels In map units.
 * @property {{ text: string, at: number }[]} first Points that are named before all others.
 * @property {{ text: string, x: number, y: number, half: number }[]} groups
 * @property {{ text: string, at: number }[]} points
 */

/** @typedef {{ ground: string, ink: string, soft: string, accent: string, warn: string, font: string }} Look */

/** @type {Marks} */
export const NO_MARKS = { selected: -1, neighbours: [], kept: [], chosen: [], pinned: [], path: [] };

const HEIGHT = 14;
/** Islands of one group that are nearer than this have one name. */
const APART = 110;
/** Under the point, or above it. */
const POINT_PLACES = /** @type {[number, number][]} */ ([[0, 0.7], [0, -0.7]]);

export class Overlay {
    /** @param {HTMLCanvasElement} canvas */
    constructor(canvas) {
        this.canvas = canvas;
        this.context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
        /** @type {Map<string, number>} Widths of texts, which do not change. */
        this.widths = new Map();
    }

    /**
     * @param {Camera} camera
     * @param {Points} points
     * @param {number} radius
     * @param {Marks} marks
     * @param {Labels} labels
     * @param {[number, number][]} lasso CSS pixels.
     * @param {boolean} cross Whether a cross stands in the middle, for the keyboard.
     * @param {Look} look
     * @param {number} ratio
     * @param {boolean} alone Whether the canvas is its own; else the points were drawn on it before.
     */
    draw(camera, points, radius, marks, labels, lasso, cross, look, ratio, alone) {
        const { context } = this;
        context.setTransform(ratio, 0, 0, ratio, 0, 0);
        if (alone)
            context.clearRect(0, 0, camera.width, camera.height);
        const at = (/** @type {number} */ i) => toScreen(camera, points.x[i], points.y[i]);
        this.links(at, marks, look);
        for (const i of marks.chosen)
            this.ring(at(i), radius + 1.5, look.ink, 1);
        for (const i of marks.pinned)
            this.ring(at(i), radius + 2.5, look.warn, 1.5);
        marks.neighbours.forEach((i, n) => this.ring(at(i), radius + 2, marks.kept[n] ? look.accent : look.soft, 1.5));
        context.font = look.font;
        const taken = this.path(camera, marks, look);
        if (marks.selected >= 0) {
            this.ring(at(marks.selected), radius + 3.5, look.ground, 4);
            this.ring(at(marks.selected), radius + 3.5, look.ink, 2);
        }
        this.labels(camera, points, radius, labels, look, taken);
        this.lasso(lasso, look);
        if (cross)
            this.cross(camera, look);
    }

    /** @param {[number, number]} place @param {number} radius @param {string} colour @param {number} width */
    ring([x, y], radius, colour, width) {
        const { context } = this;
        context.beginPath();
        context.arc(x, y, radius, 0, 2 * Math.PI);
        context.strokeStyle = colour;
        context.lineWidth = width;
        context.stroke();
    }

    /** Lines to the true neighbours: whole where the map keeps them, broken where it does not. @param {(i: number) => [number, number]} at @param {Marks} marks @param {Look} look */
    links(at, marks, look) {
        if (marks.selected < 0)
            return;
        const { context } = this;
        const from = at(marks.selected);
        marks.neighbours.forEach((i, n) => {
            context.beginPath();
            context.moveTo(...from);
            context.lineTo(...at(i));
            context.strokeStyle = marks.kept[n] ? look.accent : look.soft;
            context.lineWidth = 1;
            context.setLineDash(marks.kept[n] ? [] : [3, 3]);
            context.stroke();
        });
        context.setLineDash([]);
    }

    /** @param {Camera} camera @param {Marks} marks @param {Look} look @returns {import("./labels.js").Label[]} Its labels. */
    path(camera, marks, look) {
        if (marks.path.length < 2)
            return [];
        const { context } = this;
        const places = marks.path.map(step => toScreen(camera, step.x, step.y));
        context.beginPath();
        places.forEach(place => context.lineTo(...place));
        context.strokeStyle = look.warn;
        context.lineWidth = 1.5;
        context.stroke();
        const shown = placeLabels(marks.path.map((step, n) => ({ text: step.label, x: places[n][0] + 36, y: places[n][1], width: this.width(step.label), height: HEIGHT })).reverse(), camera, [[0, 0], [0, 1]]);
        places.forEach(([x, y]) => {
            context.beginPath();
            context.arc(x, y, 2.5, 0, 2 * Math.PI);
            context.fillStyle = look.warn;
            context.fill();
        });
        shown.forEach(label => this.write(label, look.warn, look));
        return shown;
    }

    /**
     * @param {Camera} camera @param {Points} points @param {number} radius @param {Labels} labels @param {Look} look
     * @param {import("./labels.js").Label[]} taken
     */
    labels(camera, points, radius, labels, look, taken) {
        const ofPoint = (/** @type {{ text: string, at: number }} */ label) => {
            const [x, y] = toScreen(camera, points.x[label.at], points.y[label.at]);
            return { text: label.text, x, y, width: this.width(label.text), height: HEIGHT + 2 * radius };
        };
        const first = placeLabels(labels.first.map(ofPoint), camera, POINT_PLACES, taken);
        /** @type {import("./labels.js").Label[]} */
        const groups = [];
        for (const label of labels.groups) {
            const [x, y] = toScreen(camera, label.x, label.y);
            if (groups.some(other => other.text === label.text && Math.hypot(other.x - x, other.y - y) < APART))
                continue;
            // On a cloud that is larger than its name, else beside it, so that the points are seen.
            const beside = (label.half * camera.scale + radius) / HEIGHT + 0.6;
            const places = /** @type {[number, number][]} */ (beside > 2.5 ? [[0, 0], [0, -1.2], [0, 1.2], [0, -2.4], [0, 2.4]] : [[0, -beside], [0, beside], [0, -beside - 1], [0, beside + 1]]);
            groups.push(...placeLabels([{ text: label.text, x, y, width: this.width(label.text), height: HEIGHT }], camera, places, [...taken, ...first, ...groups]));
        }
        const others = placeLabels(labels.points.map(ofPoint), camera, POINT_PLACES, [...taken, ...first, ...groups]);
        for (const label of [...others, ...groups, ...first])
            this.write(label, look.ink, look);
    }

    /** @param {import("./labels.js").Label} label @param {string} colour @param {Look} look */
    write(label, colour, look) {
        const { context } = this;
        context.textAlign = "center";
        context.textBaseline = "middle";
        context.lineJoin = "round";
        context.lineWidth = 3;
        context.strokeStyle = look.ground;
        context.strokeText(label.text, label.x, label.y);
        context.fillStyle = colour;
        context.fillText(label.text, label.x, label.y);
    }

    /** @param {[number, number][]} lasso @param {Look} look */
    lasso(lasso, look) {
        if (lasso.length < 2)
            return;
        const { context } = this;
        context.beginPath();
        lasso.forEach(place => context.lineTo(...place));
        context.closePath();
        context.globalAlpha = 0.12;
        context.fillStyle = look.accent;
        context.fill();
        context.globalAlpha = 1;
        context.strokeStyle = look.accent;
        context.lineWidth = 1.5;
        context.stroke();
    }

    /** @param {Camera} camera @param {Look} look */
    cross(camera, look) {
        const { context } = this;
        const x = Math.round(camera.width / 2) + 0.5, y = Math.round(camera.height / 2) + 0.5;
        context.beginPath();
        for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
            context.moveTo(x + 4 * dx, y + 4 * dy);
            context.lineTo(x + 10 * dx, y + 10 * dy);
        }
        context.strokeStyle = look.ink;
        context.lineWidth = 1;
        context.stroke();
    }

    /** @param {string} text */
    width(text) {
        let width = this.widths.get(text);
        if (width === undefined) {
            width = this.context.measureText(text).width;
            this.widths.set(text, width);
        }
        return width;
    }
}
