// Run in a page: lists what a reader would miss. Shared by all browsers that open the pages.
(async () => {
  await Promise.race([document.fonts.ready, new Promise((done) => setTimeout(done, 5000))]);
  const seen = (element) => element !== null && element.getBoundingClientRect().height > 0;
  const look = () => {
    const wrong = [];
    const expect = (holds, what) => holds || wrong.push(what);
    const headings = [...document.querySelectorAll("h1")].filter(seen);
    expect(headings.length === 1, `${headings.length} titles`);
    const root = document.documentElement;
    expect(root.scrollWidth <= root.clientWidth, `scrolls sideways: ${root.scrollWidth} of ${root.clientWidth}`);
    for (const image of document.images) expect(!image.src || image.loading === "lazy" || image.naturalWidth > 0 || !seen(image), `no picture: ${image.src}`);
    for (const formula of document.querySelectorAll("math")) expect(seen(formula), `a formula is not drawn: ${formula.textContent}`);
    for (const figure of document.querySelectorAll(".book-figure svg")) expect(seen(figure), "a figure is not drawn");
    if (document.querySelector(".bd-article")) {
      expect(["light", "dark"].includes(root.dataset.theme), `theme ${root.dataset.theme}`);
      expect(getComputedStyle(document.querySelector(".bd-article")).fontFamily.includes("Source Serif"), "the stylesheet is not there");
      expect(seen(document.querySelector(".theme-switch-button")), "no switch for the theme");
    }
    for (const panel of document.querySelectorAll(".sim-panel .panel-start")) expect(seen(panel), "a panel does not offer to run");
    for (const place of document.querySelectorAll(".exercise-answer")) expect(seen(place), "an exercise has no place for an answer");
    return wrong;
  };
  const soon = async (holds) => {
    for (let tries = 0; tries < 300 && !holds(); tries++) await new Promise((done) => setTimeout(done, 100));
    return holds();
  };
  // modules come after the page has loaded
  await soon(() => look().length === 0);
  const wrong = look();
  // A run moves while it is seen, so each is looked at by itself.
  for (const part of document.querySelectorAll(".player")) {
    part.scrollIntoView({ block: "center" });
    const moves = () => part.player?.trace && part.player.time > part.player.trace.start;
    if (!(await soon(moves)) && !matchMedia("(prefers-reduced-motion: reduce)").matches) wrong.push("a recorded run does not move");
  }
  return wrong;
})()
