// The page: its tabs, its switch, and who fills them.

import { openSignIn } from "./sign-in.mjs";
import { remember, remembered, room } from "./session.mjs";
import { openTasks } from "./tasks.mjs";
import { openTools } from "./tools.mjs";

const of = (id) => document.getElementById(id);
const tabs = [...document.querySelectorAll("[role=tab]")];
const named = () => tabs.find((tab) => `#${tab.getAttribute("aria-controls")}` === location.hash) ?? tabs[0];

/** Show a tab's panel; the address says which, so that it can be kept and gone back to. */
function show(chosen) {
  for (const tab of tabs) {
    const selected = tab === chosen;
    tab.setAttribute("aria-selected", String(selected));
    tab.tabIndex = selected ? 0 : -1;
    of(tab.getAttribute("aria-controls")).hidden = !selected;
  }
}

function choose(tab) {
  history.pushState(null, "", `#${tab.getAttribute("aria-controls")}`);
  show(tab);
  tab.focus();
}

const STEPS = { ArrowRight: 1, ArrowLeft: -1 };

tabs.forEach((tab, at) => {
  tab.addEventListener("click", () => choose(tab));
  tab.addEventListener("keydown", ({ key }) => {
    if (key in STEPS) choose(tabs[(at + STEPS[key] + tabs.length) % tabs.length]);
    if (key === "Home") choose(tabs[0]);
    if (key === "End") choose(tabs.at(-1));
  });
});
addEventListener("popstate", () => show(named()));
addEventListener("hashchange", () => show(named()));

const beside = of("beside");
beside.checked = Boolean(remembered().beside);
room.beside = beside.checked;
beside.addEventListener("change", () => {
  remember({ beside: beside.checked });
  room.show(beside.checked);
});

openSignIn(of("sign-in-panes"));
openTools(of("tools-said"), of("tools-chosen"), of("tools-panes"));
openTasks(of("tasks-said"), of("tasks-forms"), of("tasks-panes"));
show(named());
