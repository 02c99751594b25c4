/**
 * Dark or light: as the system has it, or as was chosen here.
 * @module
 */

const NAME = "prometheus-grid-theme";
const dark = matchMedia("(prefers-color-scheme: dark)");

/** @returns {"dark" | "light"} */
export function theme() {
    const chosen = localStorage.getItem(NAME);
    return chosen === "dark" || chosen === "light" ? chosen : dark.matches ? "dark" : "light";
}

export function toggleTheme() {
    const next = theme() === "dark" ? "light" : "dark";
    // Back at what the system has, the page follows it again.
    if (next === (dark.matches ? "dark" : "light"))
        localStorage.removeItem(NAME);
    else
        localStorage.setItem(NAME, next);
    apply();
}

function apply() {
    document.documentElement.dataset.theme = theme();
    dispatchEvent(new Event("themechange"));
}

/** @param {() => void} listener @returns {() => void} Ends it. */
export function onTheme(listener) {
    addEventListener("themechange", listener);
    return () => removeEventListener("themechange", listener);
}

dark.addEventListener("change", apply);
apply();
