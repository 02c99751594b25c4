/**
 * How quickly frames follow each other while the map is moved: tells a graphics card from a processor that plays one.
 * @module
 */

/** So many gaps in a row are looked at; a single one may be somebody else's. */
const GAPS = 12;
/** Half of them longer than this, in milliseconds, is slow: fewer than 30 frames a second. */
const SLOW = 34;
/** A longer one is no gap between frames of one movement. */
const PAUSE = 400;

/** Names of drivers that draw by the processor. */
const SOFTWARE = /swiftshader|llvmpipe|softpipe|software|basic render/i;

/**
 * Whether a context is drawn by the processor, as far as it says so.
 * @param {WebGL2RenderingContext} gl
 */
export function isSoftware(gl) {
    const names = gl.getExtension("WEBGL_debug_renderer_info");
    return SOFTWARE.test(String(gl.getParameter(names === null ? gl.RENDERER : names.UNMASKED_RENDERER_WEBGL)));
}

export class Pace {
    constructor() {
        /** @type {number[]} */
        this.gaps = [];
        this.last = -Infinity;
    }

    /**
     * Notes a frame of a movement.
     * @param {number} now Milliseconds.
     * @returns {boolean} Whether the last frames were slow; the count then begins again.
     */
    isSlow(now) {
        const gap = now - this.last;
        this.last = now;
        if (gap > PAUSE) {
            this.gaps = [];
            return false;
        }
        this.gaps.push(gap);
        if (this.gaps.length < GAPS)
            return false;
        const middle = this.gaps.sort((a, b) => a - b)[GAPS >> 1];
        this.gaps = [];
        return middle > SLOW;
    }
}
