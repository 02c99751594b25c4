/**
 * Lines over dates, as SVG.
 * @module
 */
import { el, svg } from "../dom.js";
import { number } from "../format.js";

/**
 * @typedef {{ name: string, values: (number | null)[] }} Series
 * @typedef {{ label: string, dates: string[], series: Series[], digits?: number, width?: number, height?: number, mark?: string, dots?: boolean }} Chart `mark` is a date with a line.
 */

const LEFT = 52;
const RIGHT = 10;
const BOTTOM = 20;
const TOP = 8;

/** @param {Chart} chart */
export function lineChart({ label, dates, series, digits = 2, width: most = 640, height = 170, mark, dots = false }) {
    // A picture that is made smaller has smaller letters.
    const width = Math.min(most, Math.max(320, innerWidth - 24));
    const values = series.flatMap(line => line.values).filter(value => value !== null);
    if (dates.length === 0 || values.length === 0)
        return el("p", { class: "state" }, "Nothing to draw.");
    const ticks = niceTicks(Math.min(...values), Math.max(...values), 4);
    const low = Math.min(ticks[0], ...values), high = Math.max(ticks[ticks.length - 1], ...values);
    const days = dates.map(date => Date.parse(date));
    const x = (/** @type {number} */ day) => LEFT + (days.length === 1 ? 0.5 : (day - days[0]) / (days[days.length - 1] - days[0])) * (width - LEFT - RIGHT);
    const y = (/** @type {number} */ value) => TOP + (high === low ? 0.5 : (high - value) / (high - low)) * (height - TOP - BOTTOM);
    const picture = svg("svg", { class: "chart", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label },
        ticks.map(tick => [svg("line", { class: "grid", x1: LEFT, x2: width - RIGHT, y1: y(tick), y2: y(tick) }),
            svg("text", { x: LEFT - 6, y: y(tick) + 4, "text-anchor": "end" }, number(tick, digits))]).flat(),
        dateTicks(dates).map((at, n, all) => svg("text", { x: x(days[at]), y: height - 5, "text-anchor": n === 0 ? "start" : n === all.length - 1 ? "end" : "middle" }, dates[at])));
    if (mark && Date.parse(mark) >= days[0] && Date.parse(mark) <= days[days.length - 1])
        picture.append(svg("line", { class: "mark", x1: x(Date.parse(mark)), x2: x(Date.parse(mark)), y1: TOP, y2: height - BOTTOM }));
    series.forEach((line, n) => {
        picture.append(svg("path", { class: `line l${n}`, d: path(line.values, days, x, y) }));
        if (dots)
            line.values.forEach((value, at) => value !== null && picture.append(svg("circle", { class: `dot l${n}`, cx: x(days[at]), cy: y(value), r: 2.5 })));
    });
    const last = (/** @type {Series} */ line) => line.values.findLast(value => value !== null) ?? null;
    return el("figure", { class: "chart-box" }, el("figcaption", {}, series.map((line, n) =>
        el("span", {}, el("i", { class: `stroke l${n}`, "aria-hidden": "true" }), line.name, " ", el("b", {}, number(last(line), digits))))), picture);
}

/** A gap stays a gap. @param {(number | null)[]} values @param {number[]} days @param {(day: number) => number} x @param {(value: number) => number} y */
function path(values, days, x, y) {
    let on = false;
    return values.map((value, at) => {
        if (value === null) {
            on = false;
            return "";
        }
        const step = `${on ? "L" : "M"}${x(days[at]).toFixed(1)} ${y(value).toFixed(1)}`;
        on = true;
        return step;
    }).join("");
}

/** First, middle and last. @param {string[]} dates */
function dateTicks(dates) {
    return [...new Set(dates.length < 3 ? dates.keys() : [0, Math.floor((dates.length - 1) / 2), dates.length - 1])];
}

/**
 * Round values inside of a range.
 * @param {number} low
 * @param {number} high
 * @param {number} about How many are wanted.
 */
export function niceTicks(low, high, about) {
    if (high === low)
        return [low];
    const rough = (high - low) / about, power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].map(factor => factor * power).find(candidate => candidate >= rough) ?? 10 * power;
    const ticks = [];
    for (let n = Math.ceil(low / step - 1e-9); n * step <= high + step * 1e-9; n++)
        ticks.push(n * step);
    return ticks.length > 0 ? ticks : [low];
}
