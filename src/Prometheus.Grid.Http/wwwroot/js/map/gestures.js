/**
 * Mouse, finger and keyboard on the map. Moving over it does nothing; a click selects.
 * @module
 */

/**
 * @typedef {object} Actions
 * @property {(dx: number, dy: number) => void} pan
 * @property {(factor: number, x: number, y: number) => void} zoom
 * @property {(x: number, y: number) => void} click
 * @property {() => boolean} lassoing Whether a stroke draws the lasso.
 * @property {(stroke: [number, number][], done: boolean) => void} lasso
 * @property {(name: "left" | "right" | "up" | "down" | "in" | "out" | "fit" | "pick" | "lasso" | "escape") => boolean} key
 */

/** A press that moves less is a click. */
const CLICK = 4;
const KEYS = /** @type {const} */ ({
    ArrowLeft: "left", ArrowRight: "right", ArrowUp: "up", ArrowDown: "down", "+": "in", "=": "in", "-": "out", "0": "fit", Enter: "pick", " ": "pick", l: "lasso", Escape: "escape",
});

/**
 * @param {HTMLElement} element
 * @param {Actions} actions
 */
export function gestures(element, actions) {
    /** @type {Map<number, [number, number]>} */
    const down = new Map();
    let moved = 0;
    /** @type {[number, number][]} */
    let stroke = [];
    const place = (/** @type {MouseEvent} */ event) => {
        const box = element.getBoundingClientRect();
        return /** @type {[number, number]} */ ([event.clientX - box.left, event.clientY - box.top]);
    };

    element.addEventListener("pointerdown", event => {
        if (event.button !== 0)
            return;
        element.setPointerCapture(event.pointerId);
        down.set(event.pointerId, place(event));
        moved = down.size === 1 ? 0 : Infinity;
        stroke = [place(event)];
    });
    element.addEventListener("pointermove", event => {
        const before = down.get(event.pointerId);
        if (before === undefined)
            return;
        const now = place(event);
        const dx = now[0] - before[0], dy = now[1] - before[1];
        moved += Math.hypot(dx, dy);
        down.set(event.pointerId, now);
        if (down.size === 2) {
            pinch(event.pointerId, before, now);
        } else if (actions.lassoing()) {
            stroke.push(now);
            actions.lasso(stroke, false);
        } else if (moved > CLICK) {
            actions.pan(dx, dy);
        }
    });
    /** Two fingers: what was under the other one stays. @param {number} id @param {[number, number]} before @param {[number, number]} now */
    function pinch(id, before, now) {
        const other = [...down].find(([key]) => key !== id)?.[1];
        if (other === undefined)
            return;
        const was = Math.hypot(before[0] - other[0], before[1] - other[1]), is = Math.hypot(now[0] - other[0], now[1] - other[1]);
        if (was > 0)
            actions.zoom(is / was, other[0], other[1]);
    }
    const up = (/** @type {PointerEvent} */ event) => {
        if (!down.delete(event.pointerId) || event.type === "pointercancel")
            return;
        if (actions.lassoing() && moved > CLICK && moved < Infinity)
            actions.lasso(stroke, true);
        else if (moved <= CLICK)
            actions.click(...place(event));
        stroke = [];
    };
    element.addEventListener("pointerup", up);
    element.addEventListener("pointercancel", up);
    element.addEventListener("wheel", event => {
        event.preventDefault();
        const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
        actions.zoom(Math.exp(-Math.min(200, Math.max(-200, event.deltaY * lines)) * 0.002), ...place(event));
    }, { passive: false });
    element.addEventListener("keydown", event => {
        const name = KEYS[/** @type {keyof typeof KEYS} */ (event.key)];
        if (name === undefined || event.ctrlKey || event.metaKey || event.altKey)
            return;
        if (actions.key(name)) {
            event.preventDefault();
            event.stopPropagation();
        }
    });
}
