// One digit looked at closely: what it was read as, what the network saw, how likely each digit is, what it should be.

import { button, make, pngUrl } from "./dom.js";
import { say, translateNote } from "./language.js";

const LIKELY = 0.005; // a digit below it is not named as another way to read

/** The digits, likeliest first, that it might be. */
function others({ probabilities }) {
  const order = probabilities.map((_, digit) => digit).sort((a, b) => probabilities[b] - probabilities[a]);
  return order.filter((digit) => probabilities[digit] >= LIKELY).slice(0, 3);
}

/** How sure it is, in words. */
export function verdict(digit) {
  if (digit.label === null) return say("notDigit");
  if (digit.status === "read") return say("sure", digit.confidence);
  const near = others(digit);
  return near.length > 1 ? say("unsure", near) : say("unsureAlone", digit.confidence);
}

/** "read", "unsure" or "none", for the colours. */
export const kind = (digit) => (digit.label === null ? "none" : digit.status);

/**
 * All there is to see of a digit.
 * @param digit as the API gives it; null shows an empty form.
 * @param correct keeps a picture of it with the label that it is given; null where nothing is kept.
 * @param crop shows it as it is in the picture.
 */
export function closeUp(digit, notes, correct, crop = null) {
  const shown = digit !== null && digit.probabilities !== null && digit.confidence + Math.max(...digit.probabilities) > 0;
  const remarks = notes.filter((note) => note !== "not a digit"); // which the verdict says already
  return make(
    "div",
    { class: `close-up ${shown ? kind(digit) : "empty"}` },
    make(
      "div",
      { class: "head" },
      make("p", { class: "label", ariaHidden: "true" }, shown ? (digit.label ?? "–") : ""),
      make(
        "div",
        { class: "told" },
        make("p", { class: "verdict" }, shown ? verdict(digit) : say("nothingYet")),
        shown && remarks.length ? make("p", { class: "muted notes" }, remarks.map(translateNote).join(" · ")) : null,
      ),
      crop ? figure(crop, say("inPicture")) : null,
      glyph(shown ? digit.glyph_png : null),
    ),
    bars(shown ? digit : null),
    shown && correct ? correction(digit, correct) : null,
  );
}

function glyph(png) {
  const picture = png
    ? make("img", { src: pngUrl(png), alt: say("saw"), width: 28, height: 28 })
    : make("div", { class: "nothing" });
  return figure(picture, say("saw"), say("size"));
}

function figure(picture, ...captions) {
  return make("figure", {}, picture, make("figcaption", {}, ...captions.map((text) => make("span", {}, text))));
}

function bars(digit) {
  const best = digit && digit.label !== null ? digit.label : -1;
  const items = Array.from({ length: 10 }, (_, label) => {
    const share = digit?.probabilities[label] ?? 0;
    const told = digit ? say("percent", share) : "";
    return make(
      "li",
      { class: label === best ? "best" : "", style: { "--share": share.toFixed(3) } },
      make("span", { class: "share", textContent: share >= LIKELY ? told : "" }),
      make("i", {}),
      make("b", { textContent: label }),
      make("span", { class: "unseen", textContent: share >= LIKELY || !digit ? "" : told }),
    );
  });
  return make("ol", { class: "bars", ariaLabel: say("chances"), role: "list" }, ...items);
}

function correction(digit, correct) {
  const thanks = make("p", { class: "thanks muted", role: "status" });
  const choose = async (label, chosen) => {
    for (const other of choices.children) other.ariaPressed = String(other === chosen);
    thanks.textContent = await correct(digit, label);
  };
  const choices = make("div", { class: "choices", role: "group", ariaLabel: say("wrong") });
  for (const label of [...Array(10).keys(), null]) {
    const text = label === null ? say("none") : String(label);
    const name = label === null ? say("isNone") : say("is", label);
    const one = button(text, () => choose(label, one), { ariaLabel: name, ariaPressed: "false" });
    choices.append(one);
  }
  return make("div", { class: "correction" }, make("p", {}, say("wrong")), choices, thanks);
}
