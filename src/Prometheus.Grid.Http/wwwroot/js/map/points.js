/**
 * Points of a map in one scale: the middle at 0 and the longer side from -1 to 1, whatever the method's coordinates were.
 * @module
 */

/**
 * @typedef {object} Points
 * @property {number} count
 * @property {Float32Array} x
 * @property {Float32Array} y
 * @property {number} halfWidth Of what the points fill, at most 1.
 * @property {number} halfHeight
 */

/**
 * How coordinates of the method become those of the map.
 * @param {ArrayLike<number>} x
 * @param {ArrayLike<number>} y
 * @returns {(x: number, y: number) => { x: number, y: number }}
 */
export function placement(x, y) {
    const { left, right, bottom, top, half } = bounds(x, y);
    return (px, py) => ({ x: (px - (left + right) / 2) / half, y: (py - (bottom + top) / 2) / half });
}

/**
 * @param {ArrayLike<number>} x
 * @param {ArrayLike<number>} y
 * @returns {Points}
 */
export function normalised(x, y) {
    const count = x.length;
    const { left, right, bottom, top, half } = bounds(x, y);
    const points = { count, x: new Float32Array(count), y: new Float32Array(count), halfWidth: (right - left) / 2 / half, halfHeight: (top - bottom) / 2 / half };
    for (let i = 0; i < count; i++) {
        points.x[i] = (x[i] - (left + right) / 2) / half;
        points.y[i] = (y[i] - (bottom + top) / 2) / half;
    }
    return points;
}

/** @param {ArrayLike<number>} x @param {ArrayLike<number>} y */
function bounds(x, y) {
    if (x.length === 0)
        return { left: 0, right: 0, bottom: 0, top: 0, half: 1 };
    let left = Infinity, right = -Infinity, bottom = Infinity, top = -Infinity;
    for (let i = 0; i < x.length; i++) {
        left = Math.min(left, x[i]);
        right = Math.max(right, x[i]);
        bottom = Math.min(bottom, y[i]);
        top = Math.max(top, y[i]);
    }
    // One point, or all at one place, still have a scale.
    return { left, right, bottom, top, half: Math.max(right - left, top - bottom) / 2 || 1 };
}

/**
 * Radius of a point on the screen: smaller where there are many, larger as one comes nearer.
 * @param {number} count
 * @param {number} width CSS pixels of the map.
 * @param {number} height
 * @param {number} zoom 1 where all points are in view.
 * @returns {number} CSS pixels.
 */
export function radius(count, width, height, zoom) {
    const apart = Math.sqrt(width * height / Math.max(1, count));
    return Math.min(7, Math.max(1.1, Math.min(3.6, apart * 0.13)) * zoom ** 0.3);
}
