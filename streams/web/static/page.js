// Keeps the page in step with the address (filters) and with the stream of alerts.

import { colourOf, indexChart, timelineChart } from "./charts.js";
import { alertCard, element, eventCard, positionTable, standingSummary } from "./elements.js";

const form = document.getElementById("filters");
const byId = (id) => document.getElementById(id);
const REFRESH_MILLISECONDS = 5000; // Positions, events and index change with alerts; once in five seconds is enough.
const TYPING_MILLISECONDS = 250; // The pause after which a word is taken for written.
const PAGE_OF_CARDS = 25; // Cards at first and with each "more": what lies below them must stay in reach on a phone.
const MOST_ALERTS = 500; // What the server answers at most.
let stream = null;
let pending = null;
let titles = new Map();
let drawn = null; // What the charts were drawn from, to draw them again at another width.

const get = async (path) => {
  const response = await fetch(path);
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return response.json();
};

function query() {
  const found = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (value) found.set(name, value);
  return found;
}

const said = (name) => query().get(name) ?? "";

function fill(id, content, empty) {
  byId(id).replaceChildren(content ?? element("p", { class: "empty" }, empty));
}

// A list that shows its first cards, and more when asked.
class Cards {
  constructor(name, empty, card) {
    [this.list, this.button, this.counter] = ["list", "more", "count"].map((part) => byId(`${name}-${part}`));
    this.empty = empty;
    this.card = card;
    this.items = [];
    this.button.addEventListener("click", () => this.show(this.shown + PAGE_OF_CARDS, this.list.children.length));
  }

  set(items) {
    const kept = Math.max(PAGE_OF_CARDS, Math.min(this.shown ?? 0, items.length));
    this.items = items;
    this.list.replaceChildren();
    this.show(kept);
  }

  show(count, focus = -1) {
    this.shown = Math.min(count, this.items.length);
    for (const item of this.items.slice(this.list.querySelectorAll(".card").length, this.shown)) this.list.append(this.card(item));
    if (!this.items.length) this.list.replaceChildren(element("li", { class: "empty" }, this.empty));
    this.tell();
    const card = this.list.children[focus];
    if (card) {
      card.tabIndex = -1; // the button may be gone: the keyboard goes on where the new cards begin
      card.focus({ preventScroll: true });
    }
  }

  add(item, card) {
    this.list.querySelector(".empty")?.remove();
    this.items.unshift(item);
    this.shown += 1;
    this.list.prepend(card);
    this.tell();
  }

  tell() {
    const left = this.items.length - this.shown;
    const all = `${this.items.length}${this.items.length >= MOST_ALERTS ? " or more" : ""}`;
    this.counter.textContent = this.items.length ? (left ? `(${this.shown} of ${all})` : `(${all})`) : "";
    this.button.hidden = !left;
    this.button.textContent = `Show ${Math.min(left, PAGE_OF_CARDS)} more`;
  }
}

const alerts = new Cards("alerts", "No alert fits these filters yet.", (alert) => alertCard(alert, titles));
const events = new Cards("events", "No step fits these filters yet.", eventCard);

async function showAlerts() {
  alerts.shown = 0;
  alerts.set(await get(`/api/alerts?${query()}`));
}

async function showRest() {
  const asked = new URLSearchParams({ watch: said("watch"), q: said("q") });
  const [positions, steps, courses] = await Promise.all(["positions", "events", "index"].map((name) => get(`/api/${name}?${asked}`)));
  drawn = { positions, steps, courses };
  events.set(steps);
  draw();
}

function draw() {
  const { positions, steps, courses } = drawn;
  const range = said("range");
  fill("standing", positions.length ? standingSummary(positions) : null, "No position is known yet.");
  byId("positions").replaceChildren(...(positions.length ? [positionTable(positions, titles, range, !said("watch"))] : []));
  byId("positions").hidden = !positions.length;
  fill("index", courses.length ? indexChart(byId("index"), courses, range) : null, "No step has moved the index yet.");
  byId("index-names").replaceChildren(...courses.map(({ watch, points }, i) => indexName(watch, points, i)));
  const line = steps.length ? timelineChart(byId("timeline"), steps, range) : null;
  fill("timeline", line?.svg, "No step is known yet.");
  byId("timeline-note").textContent = line?.earlier ? `Not drawn, but in the list: ${line.earlier} of an earlier time.` : "";
}

function indexName(watch, points, number) {
  const key = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const bar = document.createElementNS(key.namespaceURI, "rect");
  for (const [name, value] of Object.entries({ width: 14, height: 4, y: 4, fill: colourOf(number) })) bar.setAttribute(name, value);
  for (const [name, value] of Object.entries({ viewBox: "0 0 14 12", class: "swatch", "aria-hidden": "true" })) key.setAttribute(name, value);
  key.append(bar);
  return element("li", {}, key, `${watch.title}: ${points.at(-1)[1].toFixed(1)}`);
}

async function showWatches() {
  const watches = await get("/api/watches");
  titles = new Map(watches.map(({ id, title }) => [id, title]));
  const select = form.elements.watch;
  const current = select.value || new URLSearchParams(location.search).get("watch") || "";
  if (current && !titles.has(current)) titles.set(current, current);
  select.replaceChildren(new Option("All", ""), ...[...titles].map(([id, title]) => new Option(title, id)));
  select.value = current;
}

function arrived(alert) {
  if (byId(`alert-${alert.id}`) || alerts.items.some((known) => known.id === alert.id)) return;
  alerts.add(alert, alertCard(alert, titles, true));
  byId("news").textContent = `New alert: ${alert.headline}`;
  pending ??= setTimeout(async () => {
    pending = null;
    await showWatches();
    await showRest();
  }, REFRESH_MILLISECONDS);
}

function connect() {
  stream?.close();
  stream = new EventSource(`/api/stream?${query()}`);
  const status = byId("connection");
  stream.addEventListener("open", () => { status.textContent = "Live"; showAlerts(); });
  stream.addEventListener("error", () => { status.textContent = "Connection lost, trying again …"; });
  stream.addEventListener("alert", (message) => arrived(JSON.parse(message.data)));
}

async function apply() {
  const found = query();
  history.replaceState(null, "", (found.size ? `?${found}` : location.pathname) + location.hash);
  byId("subscribe").href = `/alerts.atom?${found}`;
  byId("clear").hidden = !found.size;
  connect();
  await showRest();
}

// A dot of the timeline leads to a card that may not be shown yet.
function reveal() {
  if (!location.hash.startsWith("#event-")) return;
  if (!byId(location.hash.slice(1))) events.show(events.items.length);
  const card = byId(location.hash.slice(1));
  card?.querySelector("details")?.setAttribute("open", "");
  card?.scrollIntoView({ block: "center" });
  card?.focus({ preventScroll: true });
}

async function begin() {
  await showWatches();
  for (const [name, value] of new URLSearchParams(location.search)) {
    if (form.elements[name]) form.elements[name].value = value;
  }
  let typing = null;
  const changed = () => { clearTimeout(typing); typing = setTimeout(apply, TYPING_MILLISECONDS); };
  form.addEventListener("input", changed);
  form.elements.range.addEventListener("input", changed); // stands outside the form's element
  form.addEventListener("reset", changed);
  form.addEventListener("submit", (submitted) => { submitted.preventDefault(); apply(); });
  window.addEventListener("hashchange", reveal);
  let resizing = null;
  window.addEventListener("resize", () => { clearTimeout(resizing); resizing = setTimeout(() => drawn && draw(), TYPING_MILLISECONDS); });
  await apply();
  reveal();
}

begin();
