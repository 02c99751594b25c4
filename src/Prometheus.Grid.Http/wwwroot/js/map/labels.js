/**
 * Where labels stand so that none covers another.
 * @module
 */

/** @typedef {{ text: string, x: number, y: number, width: number, height: number }} Label `x`, `y` is the middle, in CSS pixels. */

const GAP = 3;
/** Places that are tried, in heights of the label: at the point, then above and below, then beside. */
const PLACES = [[0, 0], [0, -1.2], [0, 1.2], [0, -2.4], [0, 2.4], [0.6, 0], [-0.6, 0]];

/**
 * Places labels one after the other; one that finds no room is left out. The order given is the order of importance.
 * @param {Label[]} wanted
 * @param {{ width: number, height: number }} area
 * @param {[number, number][]} [places] Offsets that are tried: widths and heights of the label.
 * @param {Label[]} [taken] Labels that stand already.
 * @returns {Label[]} With the middle where it stands.
 */
export function placeLabels(wanted, area, places = /** @type {[number, number][]} */ (PLACES), taken = []) {
    /** @type {Label[]} */
    const placed = [];
    for (const label of wanted) {
        for (const [dx, dy] of places) {
            // At the sides of the area a label moves in, rather than being left out.
            const half = label.width / 2;
            const x = Math.min(area.width - half, Math.max(half, label.x + dx * label.width));
            const moved = { ...label, x, y: label.y + dy * label.height };
            if (isIn(moved, area) && ![...taken, ...placed].some(other => overlap(moved, other))) {
                placed.push(moved);
                break;
            }
        }
    }
    return placed;
}

/** @param {Label} label @param {{ width: number, height: number }} area */
function isIn(label, area) {
    return label.x - label.width / 2 >= 0 && label.x + label.width / 2 <= area.width && label.y - label.height / 2 >= 0 && label.y + label.height / 2 <= area.height;
}

/** @param {Label} a @param {Label} b */
export function overlap(a, b) {
    return Math.abs(a.x - b.x) * 2 < a.width + b.width + 2 * GAP && Math.abs(a.y - b.y) * 2 < a.height + b.height + 2 * GAP;
}
