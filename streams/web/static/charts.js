// Two small charts as SVG. A charting library was weighed: the smallest is larger than this whole page and
// draws on a canvas, which a screen reader cannot read; these have a title, a description and real text.

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 640;
const MARGIN = { left: 44, right: 12, top: 12, bottom: 24 };
const DAY = 86400000;

function shape(name, attributes, text) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

function frame(height, title, description, width = WIDTH) {
  const svg = shape("svg", { viewBox: `0 0 ${width} ${height}`, role: "img" });
  svg.append(shape("title", {}, title), shape("desc", {}, description));
  return svg;
}

function scale(low, high, from, to) {
  const span = high - low || 1;
  return (value) => from + ((value - low) / span) * (to - from);
}

function years(svg, x, low, high, height) {
  const first = new Date(low).getUTCFullYear();
  const last = new Date(high).getUTCFullYear();
  const step = Math.max(1, Math.ceil((last - first) / 8));
  for (let year = first + 1; year <= last; year += step) {
    const at = x(Date.UTC(year, 0, 1));
    svg.append(shape("line", { class: "axis", x1: at, x2: at, y1: MARGIN.top, y2: height - MARGIN.bottom }));
    svg.append(shape("text", { x: at + 3, y: height - 8 }, year));
  }
}

export function indexChart(points) {
  const height = 200;
  const times = points.map(([time]) => Date.parse(time));
  const values = points.map(([, value]) => value);
  const low = Math.min(0, ...values);
  const high = Math.max(1, ...values);
  const x = scale(times[0], times.at(-1) + DAY, MARGIN.left, WIDTH - MARGIN.right);
  const y = scale(low, high, height - MARGIN.bottom, MARGIN.top);
  const svg = frame(height, "Rapprochement index by day", `From ${values[0].toFixed(1)} to ${values.at(-1).toFixed(1)}, highest ${high.toFixed(1)}.`);
  years(svg, x, times[0], times.at(-1), height);
  for (const mark of new Set([low, 0, high])) {
    svg.append(shape("line", { class: "axis", x1: MARGIN.left, x2: WIDTH - MARGIN.right, y1: y(mark), y2: y(mark) }));
    svg.append(shape("text", { x: MARGIN.left - 6, y: y(mark) + 4, "text-anchor": "end" }, mark.toFixed(1)));
  }
  const path = times.map((time, i) => `${i ? "L" : "M"}${x(time).toFixed(1)} ${y(values[i]).toFixed(1)}`).join("");
  svg.append(shape("path", { class: "curve", d: path }));
  return svg;
}

export function timelineChart(events) {
  const dated = events.map((event) => [Date.parse(event.date && event.date.length >= 7 ? `${event.date}-01`.slice(0, 10) : event.first_seen), event]);
  const kinds = [...new Set(events.map((event) => event.type))].sort();
  const height = MARGIN.top + MARGIN.bottom + 24 * kinds.length;
  const times = dated.map(([time]) => time);
  const left = 130;
  const x = scale(Math.min(...times), Math.max(...times) + DAY, left, WIDTH - MARGIN.right);
  const svg = frame(height, "Events by type over time", `${events.length} events; the list below has them in words.`);
  years(svg, x, Math.min(...times), Math.max(...times), height);
  kinds.forEach((kind, row) => {
    const y = MARGIN.top + 24 * row + 12;
    svg.append(shape("text", { x: left - 10, y: y + 4, "text-anchor": "end" }, kind.replaceAll("_", " ")));
    for (const [time, event] of dated.filter(([, each]) => each.type === kind)) {
      const dot = shape("circle", { class: `dot ${event.status}`, cx: x(time).toFixed(1), cy: y, r: 5 });
      dot.append(shape("title", {}, `${event.parties.join(" – ")}: ${event.status}, ${event.date ?? "no date"}`));
      svg.append(dot);
    }
  });
  return svg;
}

// One actor's positions as a bar over time; the list below it has them in words.
export function standingChart(position) {
  const height = 34;
  const width = WIDTH / 2;
  const points = position.history.map((change) => [Date.parse(change.since), change.stance]);
  const end = Math.max(Date.parse(position.last_seen), points.at(-1)[0]) + DAY;
  const x = scale(points[0][0], end, 0, width);
  const course = points.map(([, stance]) => stance).join(", then ");
  const svg = frame(height, "Positions over time", course, width);
  points.forEach(([since, stance], i) => {
    const until = points[i + 1]?.[0] ?? end;
    svg.append(shape("rect", { class: stance, x: x(since).toFixed(1), y: 2, width: Math.max(2, x(until) - x(since)).toFixed(1), height: 12 }));
  });
  svg.append(shape("text", { x: 0, y: height - 4 }, new Date(points[0][0]).getUTCFullYear()));
  svg.append(shape("text", { x: width, y: height - 4, "text-anchor": "end" }, new Date(end).getUTCFullYear()));
  return svg;
}
