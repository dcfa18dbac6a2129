// Builds the page's elements. Text from articles only ever enters as text nodes, and links only with http(s).

import { span, strip } from "./charts.js";

export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== null && value !== "") made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return made;
}

export function link(url, text) {
  return /^https?:\/\//i.test(url ?? "")
    ? element("a", { href: url, rel: "noopener noreferrer external" }, text)
    : document.createTextNode(text);
}

const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
const MONTH = new Intl.DateTimeFormat("en-GB", { month: "short", year: "numeric", timeZone: "UTC" });
const STANCES = ["favor", "conditional", "against"];
const NAMES = { favor: "in favour", conditional: "on conditions", against: "against" };

export const day = (time) => (time ? DAY.format(new Date(time)) : "");
const many = (count, name) => `${count} ${name}${count === 1 ? "" : "s"}`;
export const words = (name) => name.replaceAll("_", " ");
const facts = (...children) => element("p", { class: "facts" }, ...children);
const stanceMark = (stance) => element("span", { class: `stance ${stance}` }, NAMES[stance] ?? stance);

function quote({ before, text, after }) {
  return element("blockquote", {}, before ? `${before} ` : "", element("mark", {}, text), after ? ` ${after}` : "");
}

export function alertCard(alert, titles, fresh = false) {
  const card = element("li", { class: `card ${alert.severity}${fresh ? " fresh" : ""}`, id: `alert-${alert.id}` });
  card.append(
    element("h3", {}, alert.headline),
    facts(
      element("span", { class: "badge" }, alert.severity),
      ` ${words(alert.kind)} · `,
      element("b", { title: titles.get(alert.watch) }, alert.watch),
      ` · ${day(alert.published_at)} · confidence ${Math.round(alert.confidence * 100)}\u00a0%`,
    ),
    quote(alert.evidence),
  );
  if (alert.shift) card.append(facts("Before that, it was ", stanceMark(alert.shift.before), ":"), quote(alert.shift.before_evidence));
  card.append(facts(`${alert.source}: `, link(alert.url, alert.title || "article")));
  return card;
}

function reports(event) {
  if (!event.reports.length) return null;
  const list = element("ul", { class: "history" });
  for (const report of event.reports) {
    list.append(element("li", {}, `“${report.text}” `, element("span", { class: "facts" }, `${day(report.published_at)}, ${report.source}: `, link(report.url, report.title || "article"))));
  }
  const of = event.reports_total > event.reports.length ? `Newest ${event.reports.length} of ${many(event.reports_total, "report")}` : many(event.reports_total, "report");
  return element("details", {}, element("summary", {}, `${of} by ${many(event.outlets, "independent outlet")}`), list);
}

export function eventCard(event) {
  const course = event.history.map((step) => `${step.status} (${day(step.published_at)})`).join(" → ");
  const mediated = event.mediators.length ? ` · mediated by ${event.mediators.join(", ")}` : "";
  return element(
    "li",
    { class: `card ${event.status}`, id: `event-${event.event_id}`, tabindex: "-1" },
    element("h3", {}, `${event.parties.join(" – ")}: ${words(event.type)}, ${event.status}`),
    facts(element("b", {}, event.date ?? "no date"), `${mediated} · ${course} · last told ${day(event.last_seen)}`),
    reports(event),
  );
}

function history(position) {
  const list = element("ul", { class: "history" });
  const changes = position.history.length ? position.history : [position];
  for (const change of [...changes].reverse()) {
    list.append(element("li", {}, stanceMark(change.stance), ` since ${day(change.since)}: “${change.text}” `, element("span", { class: "facts" }, "— ", link(change.url, change.source || "article"))));
  }
  const title = changes.length > 1 ? `In whose words, and ${many(changes.length - 1, "earlier position")}` : "In whose words";
  return element("details", {}, element("summary", {}, title), list);
}

// How many stand where, in one line.
export function standingSummary(positions) {
  const counts = STANCES.map((stance) => [stance, positions.filter((position) => position.stance === stance).length]);
  const line = element("p", { class: "standing" });
  for (const [stance, count] of counts) if (count) line.append(element("span", { class: `stance ${stance}` }, `${count} ${NAMES[stance]}`));
  return line;
}

const cell = (role, ...children) => element("td", { role }, ...children);

// The matrix: an actor a row, its positions over time as a strip on one axis for all, and where it stands now.
export function positionTable(positions, titles, range, several) {
  const since = positions.flatMap((position) => (position.history.length ? position.history : [position]).map((change) => Date.parse(change.since)));
  const shown = span(range, [...since, ...positions.map((position) => Date.parse(position.last_seen))]);
  const sorted = [...positions].sort((a, b) => STANCES.indexOf(a.stance) - STANCES.indexOf(b.stance) || a.name.localeCompare(b.name));
  // Drawn as a grid, so that the words get the whole width; the roles keep it a table for screen readers.
  const axis = element("span", { class: "axis" }, element("span", {}, MONTH.format(shown[0])), element("span", {}, MONTH.format(shown[1])));
  const heads = ["Actor", axis, "Now", element("span", { class: "unseen" }, "Words")];
  const head = element("tr", { role: "row" }, ...heads.map((title) => element("th", { scope: "col", role: "columnheader" }, title)));
  const body = element("tbody", { role: "rowgroup" });
  for (const position of sorted) {
    const name = element("th", { scope: "row", role: "rowheader" }, position.name);
    if (several) name.append(element("span", { class: "under" }, titles.get(position.watch) ?? position.watch));
    const now = cell("cell", stanceMark(position.stance), element("span", { class: "under" }, `since ${day(position.since)}`));
    body.append(element("tr", { role: "row" }, name, cell("cell", strip(position, shown)), now, cell("cell", history(position))));
  }
  return element("table", { role: "table" }, element("thead", { role: "rowgroup" }, head), body);
}
