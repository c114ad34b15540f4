// A chart as the book's figures draw it: same colours, dashes, levels and shading, in the page's own text colour.
const { element } = await import(`./page.mjs${new URL(import.meta.url).search}`);

export function draw(Plot, chart, width) {
  const figure = element("figure", { class: "panel-figure" });
  figure.append(element("figcaption", {}, chart.title));
  const last = Math.max(...chart.panels.flatMap((panel) => panel.series.flatMap((line) => line.points.map(([x]) => x))));
  chart.panels.forEach((panel, number) => {
    const svg = axes(Plot, chart, panel, width, [0, last]);
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
  return figure;
}

function axes(Plot, chart, panel, width, [low, high]) {
  const highest = Math.max(...panel.series.flatMap((line) => line.points.map(([, y]) => y ?? 0)), ...panel.levels.map(([y]) => y), 0);
  const lines = panel.series.map((line) =>
    Plot.lineY(line.points, {
      x: (point) => point[0],
      y: (point) => point[1] ?? NaN,
      stroke: line.colour,
      strokeWidth: line.width,
      strokeDasharray: line.dash || null,
      clip: true,
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
    y: { label: panel.y, domain: [0, highest * 1.05 || 1], grid: true, labelArrow: "none" },
    marks: [
      Plot.rectX(chart.spans, { x1: (span) => span[0], x2: (span) => span[1], fill: "currentColor", fillOpacity: 0.1, clip: true }),
      ...(topmost ? [Plot.text(chart.spans, { x: (span) => (span[0] + span[1]) / 2, text: (span) => span[2], frameAnchor: "top", dy: -12 })] : []),
      Plot.ruleY(panel.levels, { y: (level) => level[0], strokeDasharray: "2 3", strokeWidth: 0.8 }),
      Plot.text(panel.levels, { y: (level) => level[0], text: (level) => level[1], frameAnchor: "right", textAnchor: "end", dy: -7 }),
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
