/**
 * Says what has happened to those who hear the page.
 * @module
 */

/** @param {string} text */
export function announce(text) {
    const live = document.getElementById("announcer");
    if (live !== null)
        live.textContent = text;
}
