/**
 * Points without a graphics card: discs are blended into the pixels of an image, which is faster than the paths of a 2D canvas by far.
 * @module
 */

/** Places within a pixel for which a disc is kept, along each axis. */
const STEPS = 4;

/** @typedef {{ dx: number, dy: number, alpha: number }[]} Disc Pixels and how much of them is covered. */

/**
 * Discs for every place within a pixel.
 * @param {number} radius Pixels.
 * @returns {Disc[]}
 */
export function discs(radius) {
    const reach = Math.ceil(radius + 1);
    return Array.from({ length: STEPS * STEPS }, (_, place) => {
        const fx = (place % STEPS + 0.5) / STEPS, fy = (Math.floor(place / STEPS) + 0.5) / STEPS;
        /** @type {Disc} */
        const disc = [];
        for (let dy = -reach; dy <= reach; dy++) {
            for (let dx = -reach; dx <= reach; dx++) {
                // From the middle of the pixel to the middle of the disc.
                const apart = Math.hypot(dx + 0.5 - fx, dy + 0.5 - fy);
                const alpha = Math.min(1, Math.max(0, radius + 0.5 - apart));
                if (alpha > 0)
                    disc.push({ dx, dy, alpha });
            }
        }
        return disc;
    });
}

/** Draws what {@link import("./webgl.js").WebGlPoints} draws, on a 2D canvas, and what stands above the points goes on the same: each layer of a page costs a machine
 * without a graphics card a frame, and one that can be seen through another. */
export class CanvasPoints {
    /** @param {HTMLCanvasElement} canvas */
    constructor(canvas) {
        this.name = "2D canvas";
        this.canvas = canvas;
        this.context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { alpha: false, desynchronized: true }));
        /** @type {ImageData | null} */
        this.image = null;
        /** @type {import("./points.js").Points | null} */
        this.points = null;
        this.rgba = new Uint8Array(0);
        /** Pixels of the points over their ground; made for the ground of the first quick picture. */
        this.inks = new Uint32Array(0);
        this.inksOf = -1;
        this.radius = -1;
        this.reach = 0;
        /** @type {Int32Array[]} */
        this.offsets = [];
        /** @type {Int32Array[]} */
        this.covers = [];
        /** @type {Int32Array[]} Those of each disc that it covers by half or more. */
        this.cores = [];
    }

    /** @param {import("./points.js").Points} points @param {Uint8Array} rgba */
    set(points, rgba) {
        this.points = points;
        this.rgba = rgba;
        this.inksOf = -1;
    }

    /**
     * @param {import("./camera.js").Camera} camera
     * @param {number} radius CSS pixels.
     * @param {import("./colours.js").Rgb} ground
     * @param {number} ratio Pixels of the screen in a CSS pixel.
     * @param {boolean} [quick] While the map moves: every point, without the soft rims that nobody sees then, in an eighth of the time.
     */
    draw(camera, radius, ground, ratio, quick = false) {
        const { width, height } = this.canvas;
        if (this.points === null || width === 0 || height === 0)
            return;
        this.prepare(width, height, radius * ratio);
        const image = /** @type {ImageData} */ (this.image);
        // Bytes of a pixel stand as R, G, B, A, which a 32-bit number holds from its low end.
        const pixels = new Uint32Array(image.data.buffer);
        const under = pixel(ground[0], ground[1], ground[2]);
        pixels.fill(under);
        if (quick)
            this.dab(pixels, width, height, camera, ratio, under);
        else
            this.blend(pixels, width, height, camera, ratio);
        this.context.putImageData(image, -this.reach, -this.reach);
    }

    /**
     * The image, with a border as wide as a disc so that none has to be cut, and the discs as offsets in it and coverages of 256.
     * @param {number} width
     * @param {number} height
     * @param {number} radius Pixels.
     */
    prepare(width, height, radius) {
        const reach = Math.ceil(radius + 1);
        const wide = width + 2 * reach, high = height + 2 * reach;
        if (this.image?.width === wide && this.image.height === high && this.radius === radius)
            return;
        if (this.image?.width !== wide || this.image.height !== high)
            this.image = this.context.createImageData(wide, high);
        this.radius = radius;
        this.reach = reach;
        const all = discs(radius);
        this.offsets = all.map(disc => Int32Array.from(disc, pixel => pixel.dy * wide + pixel.dx));
        this.covers = all.map(disc => Int32Array.from(disc, pixel => Math.round(pixel.alpha * 256)));
        this.cores = all.map(disc => Int32Array.from(disc.filter(pixel => pixel.alpha >= 0.5), pixel => pixel.dy * wide + pixel.dx));
    }

    /** @param {Uint32Array} pixels @param {number} width @param {number} height @param {import("./camera.js").Camera} camera @param {number} ratio @param {number} under */
    dab(pixels, width, height, camera, ratio, under) {
        if (this.inksOf !== under)
            this.mix(under);
        const { points, inks, reach, cores } = this;
        const { x, y, count } = /** @type {import("./points.js").Points} */ (points);
        const wide = width + 2 * reach;
        const scale = camera.scale * ratio, left = width / 2 - camera.x * scale, top = height / 2 + camera.y * scale;
        for (let i = 0; i < count; i++) {
            const px = x[i] * scale + left, py = top - y[i] * scale;
            const column = Math.floor(px), row = Math.floor(py);
            if (column < 0 || row < 0 || column >= width || row >= height)
                continue;
            const core = cores[Math.floor((py - row) * STEPS) * STEPS + Math.floor((px - column) * STEPS)];
            const at = (row + reach) * wide + column + reach, ink = inks[i];
            for (let j = 0; j < core.length; j++)
                pixels[at + core[j]] = ink;
        }
    }

    /** What each point is over the ground. @param {number} under */
    mix(under) {
        const { rgba } = this;
        const count = rgba.length / 4;
        if (this.inks.length !== count)
            this.inks = new Uint32Array(count);
        const ground = [under & 255, under >> 8 & 255, under >> 16 & 255];
        for (let i = 0; i < count; i++) {
            const a = rgba[4 * i + 3];
            const over = (/** @type {number} */ c) => (rgba[4 * i + c] * a + ground[c] * (255 - a)) / 255;
            this.inks[i] = pixel(over(0), over(1), over(2));
        }
        this.inksOf = under;
    }

    /** @param {Uint32Array} pixels @param {number} width @param {number} height @param {import("./camera.js").Camera} camera @param {number} ratio */
    blend(pixels, width, height, camera, ratio) {
        const { points, rgba, reach, offsets, covers } = this;
        const { x, y, count } = /** @type {import("./points.js").Points} */ (points);
        const wide = width + 2 * reach;
        const scale = camera.scale * ratio, left = width / 2 - camera.x * scale, top = height / 2 + camera.y * scale;
        for (let i = 0; i < count; i++) {
            const px = x[i] * scale + left, py = top - y[i] * scale;
            const column = Math.floor(px), row = Math.floor(py);
            if (column < 0 || row < 0 || column >= width || row >= height)
                continue;
            const place = Math.floor((py - row) * STEPS) * STEPS + Math.floor((px - column) * STEPS);
            const offset = offsets[place], cover = covers[place];
            const r = rgba[4 * i], g = rgba[4 * i + 1], b = rgba[4 * i + 2], a = rgba[4 * i + 3] + 1;
            const at = (row + reach) * wide + column + reach;
            for (let j = 0; j < offset.length; j++) {
                const alpha = cover[j] * a >> 8, rest = 256 - alpha, under = pixels[at + offset[j]];
                pixels[at + offset[j]] = (255 << 24
                    | ((under >> 16 & 255) * rest + b * alpha >> 8) << 16
                    | ((under >> 8 & 255) * rest + g * alpha >> 8) << 8
                    | (under & 255) * rest + r * alpha >> 8) >>> 0;
            }
        }
    }
}

/** @param {number} r @param {number} g @param {number} b From 0 to 255. */
function pixel(r, g, b) {
    return (255 << 24 | b << 16 | g << 8 | r) >>> 0;
}
