// Tabs, as ARIA's authoring practices have them: arrows go round, one of them is in the tab order.

/** Show the panel of a tab whenever one is chosen; gives a function that chooses one by its panel's id. */
export function startTabs(list, chosen) {
  const tabs = [...list.querySelectorAll("[role=tab]")];
  const choose = (tab, focus) => {
    for (const other of tabs) {
      const selected = other === tab;
      other.ariaSelected = String(selected);
      other.tabIndex = selected ? 0 : -1;
      document.getElementById(other.getAttribute("aria-controls")).hidden = !selected;
    }
    if (focus) tab.focus();
    chosen(tab.getAttribute("aria-controls"));
  };
  for (const [i, tab] of tabs.entries()) {
    tab.addEventListener("click", () => choose(tab));
    tab.addEventListener("keydown", (event) => {
      const turn = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (turn) choose(tabs[(i + turn + tabs.length) % tabs.length], true);
    });
  }
  return (id) => choose(tabs.find((tab) => tab.getAttribute("aria-controls") === id));
}
