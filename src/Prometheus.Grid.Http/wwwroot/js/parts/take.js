/**
 * Taking something away from the page: to the clipboard or as a file.
 * @module
 */
import { el } from "../dom.js";
import { announce } from "./announce.js";

/**
 * @param {string} text
 * @param {EventTarget | null} [button] Says for a moment that it was done.
 */
export async function copyText(text, button) {
    let said = "Copied";
    try {
        await navigator.clipboard.writeText(text);
    } catch {
        // Only pages of https and of this machine have a clipboard.
        said = copyOld(text) ? said : "The browser refuses the clipboard; download it";
    }
    say(button, said);
}

/** Tells what became of a button's doing, on itself and to those who do not see it. @param {EventTarget | null | undefined} button @param {string} said */
export function say(button, said) {
    announce(said);
    if (button instanceof HTMLButtonElement && !button.dataset.said) {
        const before = button.textContent ?? "";
        button.dataset.said = "1";
        button.textContent = said;
        setTimeout(() => {
            button.textContent = before;
            delete button.dataset.said;
        }, 1200);
    }
}

/** @param {string} text */
function copyOld(text) {
    const area = el("textarea", { class: "unseen", value: text, "aria-hidden": "true" });
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
}

/** @param {string} name @param {string} text */
export function download(name, text) {
    // Excel reads UTF-8 only behind this mark.
    save(name, new Blob(["\ufeff", text], { type: "text/csv;charset=utf-8" }));
}

/** @param {string} name @param {Blob} content */
export function save(name, content) {
    const address = URL.createObjectURL(content);
    el("a", { href: address, download: name.replace(/[^\w.-]+/g, "_") }).click();
    setTimeout(() => URL.revokeObjectURL(address), 1000);
}
