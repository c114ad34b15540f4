// What scripts add to the numbers that the book computes. Without them everything is there, and opens by a click.

// A number that is followed to its claim opens the code behind it.
function openTarget() {
  const place = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  place?.closest("details.claims")?.setAttribute("open", "");
}
addEventListener("hashchange", openTarget);
document.addEventListener("click", (event) => {
  // the same number a second time changes no address
  if (event.target.closest?.('a[href*="#claim-"]')) setTimeout(openTarget);
});

// Over a number stand all its digits and what other seeds gave: by mouse and by keyboard, until Escape.
const tip = Object.assign(document.createElement("div"), { id: "claim-tip", role: "tooltip", hidden: true });
let shown = null;
let leaving = 0;

function show(link, at) {
  clearTimeout(leaving);
  if (shown === link) return;
  hide();
  shown = link;
  tip.textContent = link.dataset.computed;
  tip.hidden = false;
  link.setAttribute("aria-describedby", tip.id);
  place(link, at);
}

function place(link, at) {
  const lines = [...link.getClientRects()]; // a link may be broken over two lines
  const line = lines.find((box) => at && at.clientY >= box.top - 1 && at.clientY <= box.bottom + 1) ?? lines[0];
  const size = tip.getBoundingClientRect();
  const above = line.top - size.height - 6;
  tip.style.left = `${Math.max(8, Math.min(line.left, document.documentElement.clientWidth - size.width - 8))}px`;
  tip.style.top = `${above > 8 ? above : line.bottom + 6}px`;
}

function hide() {
  clearTimeout(leaving);
  shown?.removeAttribute("aria-describedby");
  shown = null;
  tip.hidden = true;
}

function leave() {
  clearTimeout(leaving);
  leaving = setTimeout(hide, 200); // long enough to move the mouse onto what it says
}

// The list of all numbers: a row stays when it, with its chapter, has every word.
function filterRows(words, said) {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  let rows = 0;
  let left = 0;
  document.querySelectorAll("table.numbers").forEach((table) => {
    const section = table.closest("section");
    const chapter = section.querySelector("h2").textContent;
    let here = 0;
    table.querySelectorAll("tbody tr").forEach((row) => {
      const text = `${chapter} ${row.textContent}`.toLowerCase();
      row.hidden = !wanted.every((word) => text.includes(word));
      here += !row.hidden;
      rows += 1;
    });
    section.hidden = here === 0;
    left += here;
  });
  said.textContent = `${left} of ${rows} numbers`;
}

function start() {
  openTarget();
  document.body.append(tip);
  document.querySelectorAll("a.claim-link[title]").forEach((link) => {
    link.dataset.computed = link.title;
    link.removeAttribute("title"); // or the browser would show it a second time
    link.addEventListener("mouseenter", (event) => show(link, event));
    link.addEventListener("focus", () => show(link));
    link.addEventListener("mouseleave", leave);
    link.addEventListener("blur", hide);
  });
  tip.addEventListener("mouseenter", () => clearTimeout(leaving));
  tip.addEventListener("mouseleave", leave);
  document.addEventListener("keydown", (event) => event.key === "Escape" && hide());
  addEventListener("scroll", () => shown && place(shown), { passive: true });
  const filter = document.querySelector(".numbers-filter");
  if (filter) {
    const words = filter.querySelector("input");
    const said = filter.querySelector("output");
    words.addEventListener("input", () => filterRows(words.value, said));
    filter.hidden = false;
    filterRows(words.value, said);
  }
}
if (document.readyState === "loading") addEventListener("DOMContentLoaded", start);
else start();
