// Keeps the page in step with the address (filters) and with the stream of alerts.

import { indexChart, timelineChart } from "./charts.js";
import { alertCard, element, eventCard, positionTable } from "./elements.js";

const form = document.getElementById("filters");
const list = document.getElementById("alerts-list");
const MOST_SHOWN = 200; // Cards on the page: more make a phone slow, and the filters find the rest.
const REFRESH_MILLISECONDS = 5000; // Positions, events and index change with alerts; once in five seconds is enough.
let stream = null;
let pending = null;

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

function fill(id, content, empty) {
  document.getElementById(id).replaceChildren(content ?? element("p", { class: "empty" }, empty));
}

function count() {
  document.getElementById("alerts-count").textContent = list.children.length ? `(${list.children.length})` : "";
}

async function showAlerts() {
  const alerts = await get(`/api/alerts?${query()}`);
  list.replaceChildren(...alerts.slice(0, MOST_SHOWN).map((alert) => alertCard(alert)));
  if (!alerts.length) list.append(element("li", { class: "empty" }, "No alert fits these filters yet."));
  count();
}

async function showRest() {
  const watch = encodeURIComponent(query().get("watch") ?? "");
  const [positions, events, index] = await Promise.all(
    ["positions", "events", "index"].map((name) => get(`/api/${name}?watch=${watch}`)),
  );
  fill("positions", positions.length ? positionTable(positions) : null, "No position is known yet.");
  fill("index", index.length ? indexChart(index) : null, watch ? "No event has moved the index yet." : "Choose a watch to see its index.");
  fill("timeline", events.length ? timelineChart(events) : null, "No event is known yet.");
  document.getElementById("events-list").replaceChildren(...events.slice(0, MOST_SHOWN).map(eventCard));
}

async function showWatches() {
  const chosen = new URLSearchParams(location.search).get("watch") ?? "";
  const names = await get("/api/watches");
  const select = form.elements.watch;
  const current = select.value || chosen;
  if (current && !names.includes(current)) names.push(current);
  select.replaceChildren(element("option", { value: "" }, "All"), ...names.map((name) => element("option", { value: name }, name)));
  select.value = current;
}

function arrived(alert) {
  if (document.getElementById(`alert-${alert.id}`)) return;
  list.querySelector(".empty")?.remove();
  list.prepend(alertCard(alert, true));
  while (list.children.length > MOST_SHOWN) list.lastElementChild.remove();
  count();
  document.getElementById("news").textContent = `New alert: ${alert.headline}`;
  pending ??= setTimeout(async () => {
    pending = null;
    await Promise.all([showWatches(), showRest()]);
  }, REFRESH_MILLISECONDS);
}

function connect() {
  stream?.close();
  stream = new EventSource(`/api/stream?${query()}`);
  const status = document.getElementById("connection");
  stream.addEventListener("open", () => { status.textContent = "Live"; showAlerts(); });
  stream.addEventListener("error", () => { status.textContent = "Connection lost, trying again …"; });
  stream.addEventListener("alert", (message) => arrived(JSON.parse(message.data)));
}

async function apply() {
  const found = query();
  history.replaceState(null, "", found.size ? `?${found}` : location.pathname);
  document.getElementById("subscribe").href = `/alerts.atom?${found}`;
  connect();
  await showRest();
}

async function begin() {
  await showWatches();
  for (const [name, value] of new URLSearchParams(location.search)) {
    if (form.elements[name]) form.elements[name].value = value;
  }
  let typing = null;
  form.addEventListener("input", () => { clearTimeout(typing); typing = setTimeout(apply, 250); });
  form.addEventListener("submit", (submitted) => { submitted.preventDefault(); apply(); });
  await apply();
}

begin();
