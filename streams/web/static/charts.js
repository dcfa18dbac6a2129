// The charts, drawn by Observable Plot (SVG: real text, sharp on any screen) at the width that they have.
// Each has a title and a description for screen readers, who find the same in words in the lists beside them.

const { Plot } = window;
const DAY = 86400000;
const FONT = { fontSize: "12px", fontFamily: "inherit", overflow: "visible" };
const RANGES = { "5y": 1826, "1y": 365, "90d": 90, "30d": 30 }; // days
const COLOURS = ["#2f7f9e", "#b4622d", "#4f8a3c", "#8a5bb0", "#b0487a", "#7d7a2a"];
const OPEN = new Set(["planned", "proposed"]);

const date = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
const told = (time) => date.format(time);

// Plot measures in pixels: below 300 the axis has no room for its text.
const width = (place) => Math.max(300, Math.floor(place.clientWidth || 640));

// The times to show: the chosen span up to the newest, or all from the first on.
export function span(range, times) {
  if (!times.length) return null;
  const last = Math.max(...times);
  const first = Math.floor(Math.min(...times) / DAY) * DAY; // dates have no hour
  return [RANGES[range] ? Math.max(first, last - RANGES[range] * DAY) : first, last + DAY];
}

// Plot names its groups for whoever reads the code; for a screen reader a group without a role has no name.
function tidy(svg) {
  for (const group of svg.querySelectorAll("g[aria-label]")) {
    group.dataset.mark = group.getAttribute("aria-label");
    group.removeAttribute("aria-label");
    group.removeAttribute("aria-description");
  }
  for (const dot of svg.querySelectorAll("a > [aria-label]")) {
    dot.parentNode.setAttribute("aria-label", dot.getAttribute("aria-label"));
    dot.removeAttribute("aria-label");
  }
}

function described(svg, title, description, role = "img") {
  tidy(svg);
  const text = document.createElementNS(svg.namespaceURI, "desc");
  text.textContent = description;
  svg.prepend(text);
  svg.setAttribute("role", role);
  svg.setAttribute("aria-label", `${title}. ${description}`);
  return svg;
}

// Lines and their legend's colours: [{ watch, points }], one line a watch.
export function indexChart(place, courses, range) {
  const all = courses.flatMap(({ watch, points }) => points.map(([time, value]) => ({ time: Date.parse(time), value, watch: watch.title })));
  const shown = span(range, all.map((point) => point.time));
  const points = all.filter((point) => point.time >= shown[0]);
  const names = courses.map(({ watch }) => watch.title);
  const svg = Plot.plot({
    width: width(place), height: 220, marginLeft: 36, marginRight: 12, style: FONT,
    x: { type: "utc", domain: shown, label: null },
    y: { label: null, grid: true, nice: true, zero: true, ticks: 5 },
    color: { domain: names, range: COLOURS },
    marks: [
      Plot.ruleY([0], { strokeOpacity: 0.4 }),
      Plot.lineY(points, { x: "time", y: "value", stroke: "watch", strokeWidth: 2, sort: "time" }),
      Plot.tip(points, Plot.pointerX({ x: "time", y: "value", fill: "var(--card)", title: (point) => `${names.length > 1 ? `${point.watch}\n` : ""}${told(point.time)}: ${point.value.toFixed(1)}` })),
    ],
  });
  const words = courses.map(({ watch, points: line }) => `${watch.title}: ${line.at(-1)[1].toFixed(1)} on ${told(Date.parse(line.at(-1)[0]))}`);
  return described(svg, "Rapprochement index", `${words.join("; ")}.`);
}

export const colourOf = (number) => COLOURS[number % COLOURS.length];

const timeOf = (event) => Date.parse(event.date && event.date.length >= 7 ? `${event.date}-01`.slice(0, 10) : event.first_seen);

// Steps by type and date; a dot leads to the step in the list below.
export function timelineChart(place, events, range) {
  const dated = events.map((event) => ({ ...event, time: timeOf(event), kind: event.type.replaceAll("_", " ") }));
  const firsts = events.map((event) => Date.parse(event.first_seen));
  const shown = span(range, firsts); // what is told as background lies decades back: the range begins with the first report
  shown[1] = Math.max(shown[1], ...dated.map((event) => event.time + DAY));
  const points = dated.filter((event) => event.time >= shown[0]);
  const kinds = [...new Set(points.map((event) => event.kind))].sort();
  const svg = Plot.plot({
    width: width(place), height: 40 + 26 * Math.max(1, kinds.length), marginLeft: 108, marginRight: 12, style: FONT,
    x: { type: "utc", domain: shown, label: null, grid: true },
    y: { type: "point", domain: kinds, label: null, tickSize: 0 },
    marks: [
      Plot.dot(points, {
        x: "time", y: "kind", r: 5, strokeWidth: 1.6, href: (event) => `#event-${event.event_id}`,
        fill: (event) => (OPEN.has(event.status) ? "var(--card)" : event.status === "denied" ? "var(--against)" : "var(--accent)"),
        stroke: (event) => (event.status === "denied" ? "var(--against)" : "var(--accent)"),
        ariaLabel: (event) => `${event.parties.join(" and ")}: ${event.kind}, ${event.status}, ${event.date ?? "no date"}`,
      }),
      Plot.tip(points, Plot.pointer({ x: "time", y: "kind", fill: "var(--card)", title: (event) => `${event.parties.join(" – ")}\n${event.kind}, ${event.status}\n${event.date ?? `told ${told(Date.parse(event.first_seen))}`}` })),
    ],
  });
  const earlier = dated.length - points.length;
  const rest = earlier ? `; ${earlier} of an earlier time in the list only` : "";
  return { svg: described(svg, "Steps by type over time", `${points.length} steps${rest}.`, "group"), earlier, shown: points.length };
}

// One actor's positions as a strip over the time that all strips share.
export function strip(position, [from, until]) {
  const width_ = 400;
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const x = (time) => ((Math.max(from, time) - from) / (until - from || 1)) * width_;
  const changes = position.history.length ? position.history : [position];
  changes.forEach((change, i) => {
    const next = changes[i + 1];
    const end = next ? Date.parse(next.since) : until;
    if (end < from) return;
    const bar = document.createElementNS(svg.namespaceURI, "rect");
    const at = x(Date.parse(change.since));
    const parts = { class: change.stance, x: at.toFixed(1), y: 0, width: Math.max(2, x(end) - at).toFixed(1), height: 10 };
    for (const [name, value] of Object.entries(parts)) bar.setAttribute(name, value);
    svg.append(bar);
  });
  svg.setAttribute("viewBox", `0 0 ${width_} 10`);
  svg.setAttribute("preserveAspectRatio", "none");
  return described(svg, "Positions over time", changes.map((change) => `${change.stance} since ${told(Date.parse(change.since))}`).join(", then "));
}
