/**
 * Nodes, never markup: what comes from data enters the page as text only.
 * @module
 */

/** @typedef {Node | string | number | null | undefined | false | Child[]} Child Lists may hold lists. */

const SVG = "http://www.w3.org/2000/svg";

/**
 * Makes an HTML element.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, unknown>} [properties] `on…` is a listener, `class` and `data-…`/`aria-…` are attributes, the rest are properties; undefined is left out.
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function el(tag, properties = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(properties)) {
        if (value === undefined || value === null)
            continue;
        if (name.startsWith("on"))
            element.addEventListener(name.slice(2), /** @type {EventListener} */ (value));
        else if (name in element && name !== "list" && name !== "role" && !name.startsWith("aria"))
            Reflect.set(element, name, value);
        else
            element.setAttribute(name, value === true ? "" : String(value));
    }
    append(element, children);
    return element;
}

/**
 * Makes an SVG element; every property is an attribute.
 * @param {string} tag
 * @param {Record<string, unknown>} [attributes]
 * @param {...Child} children
 * @returns {SVGElement}
 */
export function svg(tag, attributes = {}, ...children) {
    const element = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) {
        if (value !== undefined && value !== null)
            element.setAttribute(name, String(value));
    }
    append(element, children);
    return element;
}

/**
 * Replaces all that is inside of an element.
 * @param {Element} element
 * @param {...Child} children
 */
export function fill(element, ...children) {
    element.replaceChildren();
    append(element, children);
}

/**
 * @param {Element} element
 * @param {Child[]} children
 */
function append(element, children) {
    for (const child of /** @type {(Node | string | number | null | undefined | false)[]} */ (children.flat(Infinity))) {
        if (child !== null && child !== undefined && child !== false)
            element.append(child instanceof Node ? child : String(child));
    }
}

let count = 0;

/**
 * An id that no other element of the page has.
 * @param {string} name
 */
export function uniqueId(name) {
    return `${name}-${++count}`;
}
