// A chart as the book's figures draw it: same colours, dashes, levels and shading, in the page's own text colour.
const { element } = await import(`./page.mjs${new URL(import.meta.url).search}`);

// The run before, or one that is kept, lies under it as a ghost; then both have the same scale.
export function draw(Plot, chart, width, ghost = null, ghostName = "") {
  const figure = element("figure", { class: "panel-figure" });
  figure.append(element("figcaption", {}, chart.title));
  const last = Math.max(...chart.panels.flatMap((panel) => panel.series.flatMap((line) => line.points.map(([x]) => x))));
  chart.panels.forEach((panel, number) => {
    const before = ghost?.panels.find((other) => other.y === panel.y)?.series ?? [];
    const svg = axes(Plot, chart, panel, before, width, [0, last]);
    // One description for the whole figure, written by the same Python that describes the static one.
    if (number === 0) {
      svg.setAttribute("role", "img");
      svg.setAttribute("aria-label", chart.alt);
    } else {
      svg.setAttribute("aria-hidden", "true");
    }
    svg.querySelectorAll("[aria-label]").forEach((part) => part.removeAttribute("aria-label"));
    figure.append(svg);
    if (panel.series.length > 1) figure.append(legend(panel.series));
  });
  if (ghost) figure.append(legend([{ name: ghostName, colour: "currentColor", width: 1, dash: "1 3" }]));
  return figure;
}

function axes(Plot, chart, panel, before, width, [low, high]) {
  const drawn = [...panel.series, ...before];
  const highest = Math.max(...drawn.flatMap((line) => line.points.map(([, y]) => y ?? 0)), ...panel.levels.map(([y]) => y), 0);
  const ghosts = before.map((line) =>
    Plot.lineY(line.points.filter(([x]) => x <= high), {
      x: (point) => point[0],
      y: (point) => point[1] ?? NaN,
      stroke: "currentColor",
      strokeOpacity: 0.6,
      strokeWidth: 1,
      strokeDasharray: "1 3",
    }),
  );
  const lines = panel.series.map((line) =>
    Plot.lineY(line.points, {
      x: (point) => point[0],
      y: (point) => point[1] ?? NaN,
      stroke: line.colour,
      strokeWidth: line.width,
      strokeDasharray: line.dash || null,
    }),
  );
  const topmost = panel === chart.panels[0];
  return Plot.plot({
    width,
    height: topmost ? 260 : 200,
    marginLeft: 48,
    marginTop: 26,
    marginBottom: 36,
    style: { background: "none", color: "inherit", fontFamily: "var(--figure-font, sans-serif)", fontSize: "12px" },
    x: { label: chart.x, domain: [low, high], labelAnchor: "center", labelArrow: "none" },
    // A line at zero is seen whole.
    y: { label: panel.y, domain: [0, highest * 1.05 || 1], grid: true, labelArrow: "none", insetBottom: 3 },
    marks: [
      Plot.rectX(chart.spans, { x1: (span) => span[0], x2: (span) => span[1], fill: "currentColor", fillOpacity: 0.1, clip: true }),
      ...(topmost ? [Plot.text(chart.spans, { x: (span) => (span[0] + span[1]) / 2, text: (span) => span[2], frameAnchor: "top", dy: -12 })] : []),
      Plot.ruleY(panel.levels, { y: (level) => level[0], strokeDasharray: "2 3", strokeWidth: 0.8 }),
      Plot.text(panel.levels, { y: (level) => level[0], text: (level) => level[1], frameAnchor: "right", textAnchor: "end", dy: -7 }),
      ...ghosts,
      ...lines,
    ],
  });
}

function legend(series) {
  const list = element("ul", { class: "panel-legend" });
  for (const line of series) {
    const key = `<svg width="34" height="8" aria-hidden="true"><line x1="0" x2="34" y1="4" y2="4" stroke="${line.colour}"
      stroke-width="${line.width}" stroke-dasharray="${line.dash}"/></svg>`;
    const item = element("li");
    item.innerHTML = key;
    item.append(line.name);
    list.append(item);
  }
  return list;
}
