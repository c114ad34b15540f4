// What the theme leaves undone for readers of the accessible tree.
document.addEventListener("DOMContentLoaded", () => {
  // A label that says other words than the visible ones cannot be spoken to a voice interface.
  document
    .querySelectorAll(".search-button-field[aria-label], .theme-switch-button[aria-label], details.hide > summary[aria-label]")
    .forEach((element) => element.removeAttribute("aria-label"));
  const sidebar = document.querySelector("#pst-primary-sidebar");
  if (sidebar) {
    sidebar.setAttribute("role", "complementary");
    sidebar.setAttribute("aria-label", "Table of contents");
  }
  // The role that docutils gives to an entry of the bibliography has left the standard.
  document.querySelectorAll('.citation[role="doc-biblioentry"]').forEach((entry) => entry.setAttribute("role", "listitem"));
  // What scrolls sideways must be reachable by keyboard, on a phone that is turned round, too.
  const watch = new ResizeObserver((changes) => {
    for (const { target } of changes) {
      if (target.scrollWidth > target.clientWidth || target.scrollHeight > target.clientHeight) target.tabIndex = 0;
      else target.removeAttribute("tabindex");
    }
  });
  document
    .querySelectorAll(".bd-article :is(pre, .book-figure, .cell_output .output, .cell_output .text_html, .pst-scrollable-table-container, div.math)")
    .forEach((element) => watch.observe(element));
});

// Paper is white, whatever the screen is.
addEventListener("beforeprint", () => {
  const { dataset } = document.documentElement;
  const before = dataset.theme;
  dataset.theme = "light";
  addEventListener("afterprint", () => (dataset.theme = before), { once: true });
});
