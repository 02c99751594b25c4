/**
 * Which point is where: a uniform grid of cells over the points, so that a click, a lasso and a view look at few of them.
 * @module
 */

/** @typedef {import("./points.js").Points} Points */

const PER_CELL = 2;

export class PickingGrid {
    /** @param {Points} points */
    constructor(points) {
        this.points = points;
        this.side = Math.max(1, Math.ceil(Math.sqrt(points.count / PER_CELL)));
        /** Where the points of a cell begin in `order`; one longer than there are cells. */
        this.start = new Int32Array(this.side * this.side + 1);
        this.order = new Int32Array(points.count);
        const cells = new Int32Array(points.count);
        for (let i = 0; i < points.count; i++) {
            cells[i] = this.column(points.y[i]) * this.side + this.column(points.x[i]);
            this.start[cells[i] + 1]++;
        }
        for (let cell = 0; cell < this.side * this.side; cell++)
            this.start[cell + 1] += this.start[cell];
        const next = this.start.slice();
        for (let i = 0; i < points.count; i++)
            this.order[next[cells[i]]++] = i;
    }

    /** Row or column of a coordinate; what lies outside counts to the border. @param {number} value */
    column(value) {
        return Math.min(this.side - 1, Math.max(0, Math.floor((value + 1) / 2 * this.side)));
    }

    /**
     * The point nearest to a place; of equally near ones, that drawn last, because it lies on top.
     * @param {number} x
     * @param {number} y
     * @param {number} most Greatest distance.
     * @returns {number} Its position, or -1.
     */
    nearest(x, y, most) {
        let found = -1, least = most * most;
        this.visit(x - most, y - most, x + most, y + most, i => {
            const distance = (this.points.x[i] - x) ** 2 + (this.points.y[i] - y) ** 2;
            if (distance < least || (distance === least && i > found)) {
                least = distance;
                found = i;
            }
        });
        return found;
    }

    /** @param {number} left @param {number} bottom @param {number} right @param {number} top @returns {number[]} Positions in a rectangle, ascending. */
    within(left, bottom, right, top) {
        /** @type {number[]} */
        const found = [];
        this.visit(left, bottom, right, top, i => void found.push(i));
        return found.sort((a, b) => a - b);
    }

    /**
     * Those in a rectangle, if they are few: looks no further than that, and so costs nothing when a view is full.
     * @param {number} left @param {number} bottom @param {number} right @param {number} top
     * @param {number} most
     * @returns {number[]} Ascending; empty where there are more than that.
     */
    few(left, bottom, right, top, most) {
        /** @type {number[]} */
        const found = [];
        this.visit(left, bottom, right, top, i => found.push(i) > most);
        return found.length > most ? [] : found.sort((a, b) => a - b);
    }

    /**
     * @param {[number, number][]} polygon Closed by itself; where it crosses itself, odd is inside.
     * @returns {number[]} Positions inside, ascending.
     */
    inside(polygon) {
        if (polygon.length < 3)
            return [];
        const xs = polygon.map(corner => corner[0]), ys = polygon.map(corner => corner[1]);
        return this.within(Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys))
            .filter(i => contains(polygon, this.points.x[i], this.points.y[i]));
    }

    /** @param {number} left @param {number} bottom @param {number} right @param {number} top @param {(i: number) => unknown} action True ends it. */
    visit(left, bottom, right, top, action) {
        const { x, y } = this.points;
        const firstRow = this.column(bottom), lastRow = this.column(top), first = this.column(left), last = this.column(right);
        for (let row = firstRow; row <= lastRow; row++) {
            // The cells of a row lie side by side.
            const end = this.start[row * this.side + last + 1];
            for (let at = this.start[row * this.side + first]; at < end; at++) {
                const i = this.order[at];
                if (x[i] >= left && x[i] <= right && y[i] >= bottom && y[i] <= top && action(i) === true)
                    return;
            }
        }
    }
}

/**
 * Whether a place is inside of a polygon: a ray from it crosses an odd number of sides.
 * @param {[number, number][]} polygon
 * @param {number} x
 * @param {number} y
 */
export function contains(polygon, x, y) {
    let inside = false;
    for (let i = 0, j = polygon.length - 1; i < polygon.length; j = i++) {
        const [xi, yi] = polygon[i], [xj, yj] = polygon[j];
        if ((yi > y) !== (yj > y) && x < (xj - xi) * (y - yi) / (yj - yi) + xi)
            inside = !inside;
    }
    return inside;
}
