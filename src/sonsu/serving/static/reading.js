// A page that was read: its lines, each digit to be chosen; boxes over the picture; copies of it.

import { kind, verdict } from "./answer.js";
import { button, make } from "./dom.js";
import { say, translateNote } from "./language.js";

/** All digits of a page with their places. */
export function digitsOf(record) {
  return record.lines.flatMap((line, l) => line.digits.map((digit, d) => ({ digit, line: l + 1, place: d + 1 })));
}

/** The lines as text, each digit a button; how much is in doubt; copies. */
export function readingList(record, chosen, choose) {
  const all = digitsOf(record);
  if (!all.length) return [make("p", { class: "none-found" }, say("nothing")), notes(record)];
  let index = -1;
  const lines = record.lines.map((line, l) => {
    const digits = line.digits.map((digit, d) => {
      const i = ++index;
      const name = `${say("inLine", digit.label ?? say("notDigit"), d + 1, l + 1)}, ${verdict(digit)}`;
      return button(digit.label ?? "·", () => choose(i), {
        class: `digit ${kind(digit)}`,
        ariaLabel: name,
        ariaPressed: String(i === chosen),
      });
    });
    return make(
      "li",
      {},
      make("span", { class: "digits", role: "group", ariaLabel: say("line", l + 1) }, ...digits),
      make("span", { class: "muted confidence" }, say("lineSure", line.confidence)),
    );
  });
  const doubts = all.map(({ digit }, i) => (digit.status === "unsure" ? i : -1)).filter((i) => i >= 0);
  const next = () => choose(doubts.find((i) => i > chosen) ?? doubts[0]);
  return [
    make("ol", { class: record.lines.length === 1 ? "lines single" : "lines", role: "list" }, ...lines),
    make(
      "div",
      { class: "summary" },
      make("p", { class: "muted" }, say("summary", all.length, doubts.length)),
      doubts.length ? button(say("nextDoubt"), next, { class: "plain doubt" }) : null,
      copies(record),
    ),
    notes(record),
  ];
}

function notes(record) {
  return record.notes.length ? make("p", { class: "muted notes" }, record.notes.map(translateNote).join(" · ")) : "";
}

function copies(record) {
  const done = make("span", { class: "muted", role: "status" });
  const copy = async (text) => {
    await copyText(text);
    done.textContent = say("copied");
    setTimeout(() => (done.textContent = ""), 2000);
  };
  return make(
    "div",
    { class: "copies" },
    make("span", { class: "muted" }, say("copyAs")),
    button(say("text"), () => copy(record.text)),
    button("CSV", () => copy(asCsv(record))),
    button("JSON", () => copy(asJson(record))),
    done,
  );
}

/** One row a line, in the columns of `sonsu read --csv`. */
export function asCsv(record) {
  const cell = (value) => (/[",\n]/.test(value) ? `"${String(value).replaceAll('"', '""')}"` : value);
  const head = ["source", "line", "text", "confidence", "unsure", "x", "y", "width", "height", "error"];
  const rows = record.lines.map((line, l) => {
    const unsure = line.digits.filter((digit) => digit.status === "unsure").length;
    return [record.source, l + 1, line.text, line.confidence, unsure, ...line.box_px, ""].map(cell);
  });
  return [head, ...rows].map((row) => row.join(",")).join("\n");
}

/** The record as the API gives it, without the pictures that the page asked for. */
function asJson(record) {
  const pictures = ["glyph_png", "ink_png", "picture_jpeg"];
  return JSON.stringify(record, (key, value) => (pictures.includes(key) ? undefined : value), 1);
}

async function copyText(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const field = make("textarea", { value: text, class: "unseen" }); // where the page did not come by HTTPS
  document.body.append(field);
  field.select();
  document.execCommand("copy");
  field.remove();
}

/** Boxes over the picture, in percent of it, so that they stay in place at any size. */
export function showBoxes(overlay, record, chosen, choose) {
  const across = (value) => `${(100 * value) / record.width_px}%`;
  const down = (value) => `${(100 * value) / record.height_px}%`;
  overlay.replaceChildren(
    ...digitsOf(record).map(({ digit }, i) => {
      const [x, y, width, height] = digit.box_px;
      const box = make("div", {
        class: `box ${kind(digit)}${i === chosen ? " chosen" : ""}`,
        style: { left: across(x), top: down(y), width: across(width), height: down(height) },
        onclick: () => choose(i),
      });
      box.append(make("span", { textContent: digit.label ?? "?" }));
      return box;
    }),
  );
}
