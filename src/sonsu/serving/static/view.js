// What was read, beside what it was read from; which digit is looked at closely.

import { closeUp, verdict } from "./answer.js";
import * as api from "./api.js";
import { button, make, pngBlob } from "./dom.js";
import { say } from "./language.js";
import { cropOf, showPicture } from "./picture.js";
import { digitsOf, readingList, showBoxes } from "./reading.js";
import { showTrouble } from "./trouble.js";

const REST_MS = 400; // how long the pen rests before a screen reader hears what was read

const $ = (id) => document.getElementById(id);

/** Nothing asked, nothing read. */
export function blankState() {
  return { records: [], files: [], page: 0, chosen: -1, refusal: null, waiting: false };
}

export class View {
  /** @param drawing gives the picture of the digit that is written. */
  constructor(drawing) {
    this.drawing = drawing;
    this.states = { digit: blankState(), number: blankState(), picture: blankState() };
    this.mode = "digit";
    this.keepsCorrections = false;
  }

  get state() {
    return this.states[this.mode];
  }

  get record() {
    return this.state.records[this.state.page] ?? null;
  }

  /** Show the panel of a mode. */
  open(mode) {
    this.mode = mode;
    $("desk").dataset.mode = mode;
    this.show();
  }

  /** Change what is known of a mode. */
  update(mode, change) {
    Object.assign(this.states[mode], change);
    if (mode === this.mode) this.show();
  }

  show() {
    const { state, record, mode } = this;
    showTrouble($("trouble"), state.refusal ?? (record?.error ? new api.Refusal(422, record.error) : null));
    $("reading").hidden = mode === "digit";
    if (mode === "digit") this.#showDigit(record);
    else if (record && !record.error) this.#showPage(record, state.chosen);
    else this.#showNothing(say(state.waiting ? "waiting" : "nothingYet"));
  }

  #showDigit(record) {
    const correct = (_, label) => keep(this.drawing(), label);
    $("one").replaceChildren(closeUp(record, record?.notes ?? [], this.keepsCorrections ? correct : null));
  }

  #showNothing(said) {
    $(this.mode).querySelector(".overlay").replaceChildren();
    $("reading").replaceChildren(...this.#pager(), make("p", { class: "none-found" }, said));
    $("one").replaceChildren();
  }

  #showPage(record, chosen) {
    const choose = (index) => this.choose(index);
    showBoxes($(this.mode).querySelector(".overlay"), record, chosen, choose);
    $("reading").replaceChildren(...this.#pager(), ...readingList(record, chosen, choose));
    const all = digitsOf(record);
    if (chosen >= 0) $("one").replaceChildren(this.#closeUp(record, all[chosen].digit));
    else $("one").replaceChildren(...(all.length ? [make("p", { class: "muted hint" }, say("lookCloser"))] : []));
  }

  #closeUp(record, digit) {
    const correct = ({ ink_png }, label) => keep(pngBlob(ink_png), label);
    const crop = this.mode === "picture" ? cropOf($("picture"), record, digit) : null;
    return closeUp(digit, [], this.keepsCorrections ? correct : null, crop);
  }

  /** Look closely at a page's digit, counted over all its lines. */
  choose(index) {
    const hadFocus = $("reading").contains(document.activeElement);
    this.state.chosen = index;
    this.show();
    const shown = $("reading").querySelectorAll(".digit")[index];
    if (hadFocus) shown.focus();
    else shown.scrollIntoView({ block: "nearest" });
    const { digit, line, place } = digitsOf(this.record)[index];
    this.announce(`${say("inLine", digit.label ?? say("notDigit"), place, line)}, ${verdict(digit)}`);
  }

  #pager() {
    const { records, files, page } = this.state;
    if (records.length < 2) return [];
    const turn = (by) => () => {
      showPicture($("picture"), files[page + by], records[page + by]);
      this.update(this.mode, { page: page + by, chosen: -1 });
      const [before, after] = $("reading").querySelectorAll(".pager button");
      [by < 0 ? before : after, before, after].find((each) => !each.disabled).focus();
      this.announce(`${say("pageOf", page + by + 1, records.length)}, ${records[page + by].text || say("nothing")}`);
    };
    const told = `${say("pageOf", page + 1, records.length)} · ${records[page].source}`;
    return [
      make(
        "div",
        { class: "pager" },
        button("‹", turn(-1), { ariaLabel: say("before"), disabled: page === 0 }),
        make("span", {}, told),
        button("›", turn(1), { ariaLabel: say("after"), disabled: page === records.length - 1 }),
      ),
    ];
  }

  /** Tell a screen reader, once the pen rests. */
  announce(text) {
    clearTimeout(this.announcing);
    this.announcing = setTimeout(() => ($("said").textContent = text), REST_MS);
  }
}

/** Have a correction kept; gives what to say of it. */
async function keep(picture, label) {
  try {
    await api.correct(picture, label);
    return say("kept", label);
  } catch (error) {
    return error.status === 0 ? say("unreachable") : error.message;
  }
}
