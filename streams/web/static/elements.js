// Builds the page's elements. Text from articles only ever enters as text nodes, and links only with http(s).

import { standingChart } from "./charts.js";

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

export const day = (time) => (time ? DAY.format(new Date(time)) : "");
const many = (count, name) => `${count} ${name}${count === 1 ? "" : "s"}`;
export const words = (name) => name.replaceAll("_", " ");

function quote(evidence) {
  return element("blockquote", {}, evidence.before ?? "", element("mark", {}, evidence.text), evidence.after ?? "");
}

export function alertCard(alert, fresh = false) {
  const facts = element(
    "p",
    { class: "facts" },
    element("span", { class: "badge" }, alert.severity),
    ` ${words(alert.kind)} · `,
    element("b", {}, alert.watch),
    ` · ${day(alert.published_at)} · confidence ${Math.round(alert.confidence * 100)} %`,
  );
  const source = element("p", { class: "facts" }, `${alert.source}: `, link(alert.url, alert.title || "article"));
  const card = element("li", { class: `card ${alert.severity}${fresh ? " fresh" : ""}`, id: `alert-${alert.id}` });
  card.append(element("h3", {}, alert.headline), facts, quote(alert.evidence));
  if (alert.shift) card.append(element("p", { class: "facts" }, "Before:"), quote(alert.shift.before_evidence));
  card.append(source);
  return card;
}

export function eventCard(event) {
  const course = event.status_history.map((step) => `${step.status} (${day(step.published_at)})`).join(" → ");
  const with_ = event.mediators.length ? ` · with ${event.mediators.join(", ")}` : "";
  return element(
    "li",
    { class: "card" },
    element("h3", {}, `${event.parties.join(" – ")}: ${words(event.type)}, ${event.status}`),
    element("p", { class: "facts" }, element("b", {}, event.date ?? "no date"), `${with_} · ${course}`),
    element("p", { class: "facts" }, `${many(event.reports_total, "report")} by ${many(event.outlets, "independent outlet")} · last ${day(event.last_seen)}`),
  );
}

function history(position) {
  if (position.history.length < 2) return null;
  const list = element("ul", { class: "history" });
  for (const change of position.history) {
    list.append(element("li", {}, element("span", { class: change.stance }, change.stance), ` since ${day(change.since)}: “${change.evidence.text}”`));
  }
  return element("details", {}, element("summary", {}, `History: ${position.history.length} positions`), standingChart(position), list);
}

export function positionTable(positions) {
  // Drawn as a grid, so that the words get the whole width; the roles keep it a table for screen readers.
  const head = element("tr", { role: "row" }, ...["Actor", "Position", "In whose words"].map((title) => element("th", { scope: "col", role: "columnheader" }, title)));
  const body = element("tbody", { role: "rowgroup" });
  for (const position of positions) {
    body.append(
      element(
        "tr",
        { role: "row" },
        element("th", { scope: "row", role: "rowheader" }, position.name ?? position.holder, element("span", { class: "under" }, `on ${position.watch}`)),
        element("td", { role: "cell" }, element("span", { class: position.stance }, position.stance), element("span", { class: "under" }, `since ${day(position.since)}`)),
        element("td", { role: "cell" }, `“${position.evidence.text}” `, element("span", { class: "facts" }, "— ", link(position.url, position.source)), history(position)),
      ),
    );
  }
  return element("table", { role: "table" }, element("thead", { class: "unseen", role: "rowgroup" }, head), body);
}
