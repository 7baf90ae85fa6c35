// The page's language: the browser's, until another one is chosen.

import { WORDS } from "./words.js";

const KEY = "sonsu-language";
const listeners = new Set();
let language = "en";

/** A word of the page in its language, with what it speaks of. */
export function say(word, ...of) {
  const found = WORDS[language][word];
  return typeof found === "function" ? found(...of) : found;
}

/** A remark of the server's in the page's language. */
export function translateNote(note) {
  const rule = WORDS[language].notes.find(([pattern]) => pattern.test(note));
  return rule ? note.replace(rule[0], rule[1]) : note;
}

/** Have something done now and whenever the language changes. */
export function whenSpoken(listener) {
  listeners.add(listener);
  listener();
}

/** Start in the language that was chosen before, or the browser's first one that there is. */
export function startLanguage() {
  const wished = [stored(), ...navigator.languages].filter(Boolean).map((tag) => tag.slice(0, 2));
  for (const button of document.querySelectorAll("[data-language]")) {
    button.addEventListener("click", () => {
      localStorage.setItem(KEY, button.dataset.language);
      speak(button.dataset.language);
    });
  }
  speak(wished.find((tag) => tag in WORDS) ?? "en");
}

function stored() {
  return localStorage.getItem(KEY);
}

function speak(chosen) {
  language = chosen;
  document.documentElement.lang = chosen;
  for (const node of document.querySelectorAll("[data-word]")) node.textContent = say(node.dataset.word);
  for (const node of document.querySelectorAll("[data-label]")) node.ariaLabel = say(node.dataset.label);
  for (const button of document.querySelectorAll("[data-language]"))
    button.ariaPressed = String(button.dataset.language === chosen);
  for (const listener of listeners) listener();
}
