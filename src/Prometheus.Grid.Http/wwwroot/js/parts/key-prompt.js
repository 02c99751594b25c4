/**
 * Asks for the key where the server wants one.
 * @module
 */
import { Problem, key } from "../api.js";
import { el } from "../dom.js";

/** @returns {Promise<string>} Rejects when it is closed without one. */
export function askForKey() {
    return new Promise((resolve, reject) => {
        const field = el("input", { type: "password", id: "api-key", autocomplete: "off", required: true });
        const dialog = el("dialog", { class: "prompt", "aria-labelledby": "api-key-title" },
            el("form", { method: "dialog" },
                el("h2", { id: "api-key-title" }, key() === null ? "This server wants a key" : "The server does not know this key"),
                el("label", { htmlFor: "api-key" }, "API key"), field,
                el("p", { class: "soft" }, "Kept until this tab is closed, and sent to this server only. Whoever runs the server makes keys."),
                el("div", { class: "buttons" }, el("button", { type: "submit", value: "use", class: "main" }, "Use key"),
                    el("button", { type: "button", onclick: () => dialog.close("") }, "Cancel"))));
        dialog.addEventListener("close", () => {
            dialog.remove();
            const value = field.value.trim();
            if (dialog.returnValue === "use" && value !== "")
                resolve(value);
            else
                reject(new Problem(401, { detail: "The server answers only with a key. Reload the page to give one." }));
        });
        document.body.append(dialog);
        dialog.showModal();
    });
}
