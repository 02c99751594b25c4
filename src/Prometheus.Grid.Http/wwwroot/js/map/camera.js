/**
 * Where the map is looked at from: the point in the middle and how many CSS pixels a unit is.
 * @module
 */

/** @typedef {{ x: number, y: number, scale: number, width: number, height: number, fitted: number }} Camera `fitted` is the scale at which everything is in view. */

const MARGIN = 24;
const LEAST_ZOOM = 0.5;
const MOST_ZOOM = 400;

/**
 * A camera that sees all.
 * @param {{ halfWidth: number, halfHeight: number }} points
 * @param {number} width
 * @param {number} height
 * @returns {Camera}
 */
export function fit(points, width, height) {
    const scale = Math.min(
        Math.max(1, width - 2 * MARGIN) / (2 * Math.max(points.halfWidth, 1e-6)),
        Math.max(1, height - 2 * MARGIN) / (2 * Math.max(points.halfHeight, 1e-6)));
    // All at one place would be infinitely near.
    const fitted = Math.min(scale, Math.max(width, height));
    return { x: 0, y: 0, scale: fitted, width, height, fitted };
}

/** @param {Camera} camera @param {number} x @param {number} y @returns {[number, number]} */
export function toScreen(camera, x, y) {
    return [(x - camera.x) * camera.scale + camera.width / 2, camera.height / 2 - (y - camera.y) * camera.scale];
}

/** @param {Camera} camera @param {number} px @param {number} py @returns {[number, number]} */
export function toMap(camera, px, py) {
    return [(px - camera.width / 2) / camera.scale + camera.x, (camera.height / 2 - py) / camera.scale + camera.y];
}

/** @param {Camera} camera @param {number} dx CSS pixels to the right. @param {number} dy Down. @returns {Camera} */
export function pan(camera, dx, dy) {
    // Never so far that nothing is left to see.
    const limit = (/** @type {number} */ value) => Math.min(1.2, Math.max(-1.2, value));
    return { ...camera, x: limit(camera.x - dx / camera.scale), y: limit(camera.y + dy / camera.scale) };
}

/**
 * Zooms; what is under the point stays there.
 * @param {Camera} camera
 * @param {number} factor
 * @param {number} px
 * @param {number} py
 * @returns {Camera}
 */
export function zoomAt(camera, factor, px, py) {
    const scale = Math.min(camera.fitted * MOST_ZOOM, Math.max(camera.fitted * LEAST_ZOOM, camera.scale * factor));
    const [x, y] = toMap(camera, px, py);
    return { ...camera, scale, x: x - (px - camera.width / 2) / scale, y: y - (camera.height / 2 - py) / scale };
}

/** @param {Camera} camera @param {number} x @param {number} y @returns {Camera} With a point in the middle. */
export function centre(camera, x, y) {
    return { ...camera, x, y };
}

/** @param {Camera} camera @param {number} width @param {number} height @param {{ halfWidth: number, halfHeight: number }} points @returns {Camera} */
export function resize(camera, width, height, points) {
    const { fitted } = fit(points, width, height);
    return { ...camera, width, height, fitted, scale: camera.scale / camera.fitted * fitted };
}
