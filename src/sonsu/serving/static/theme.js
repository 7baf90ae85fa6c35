// Light or dark: as the system has it, until somebody chooses.

import { say, whenSpoken } from "./language.js";

const KEY = "sonsu-theme";
const THEMES = ["auto", "light", "dark"];

/** Make the button go through the themes. */
export function startTheme(button) {
  let theme = THEMES.includes(localStorage.getItem(KEY)) ? localStorage.getItem(KEY) : "auto";
  const show = () => {
    document.documentElement.dataset.theme = theme;
    button.querySelector("span").textContent = say("theme")[theme];
    button.title = say("theme")[theme];
    document.dispatchEvent(new Event("recoloured"));
  };
  button.addEventListener("click", () => {
    theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
    localStorage.setItem(KEY, theme);
    show();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", show);
  whenSpoken(show);
}
