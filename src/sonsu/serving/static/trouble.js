// What goes wrong, said in the page's language; the key's form where the server asks for one.

import * as api from "./api.js";
import { button, make } from "./dom.js";
import { say } from "./language.js";

const SAID = { 0: "unreachable", 413: "tooLarge", 422: "unreadable", 503: "busy" };

/** Say why there is no answer; null takes it away. */
export function showTrouble(place, refusal) {
  place.hidden = !refusal;
  if (!refusal) place.replaceChildren();
  else if (refusal.status === 401) place.replaceChildren(...keyForm());
  else if (refusal.status in SAID && !refusal.type.endsWith("too-slow")) {
    const told = [413, 422].includes(refusal.status) ? make("small", {}, refusal.message) : "";
    place.replaceChildren(make("span", {}, say(SAID[refusal.status])), told);
  } else place.replaceChildren(refusal.message);
}

function keyForm() {
  const field = make("input", { type: "password", id: "key", autocomplete: "off" });
  const use = () => {
    api.useKey(field.value);
    location.reload();
  };
  field.addEventListener("keydown", (event) => event.key === "Enter" && use());
  return [make("label", { htmlFor: "key" }, say("key")), field, button(say("useKey"), use)];
}
