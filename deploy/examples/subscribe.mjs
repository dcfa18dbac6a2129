// Follows the alerts as they come, from the live page's stream (server-sent events); Node 20 or later, no packages.
//   node subscribe.mjs [ADDRESS OF THE LIVE PAGE] [FILTERS, such as "watch=syria&severity=urgent"]
// In a browser, `new EventSource(address + "api/stream")` and its event "alert" do the same.

const address = process.argv[2] ?? "http://127.0.0.1:6066/";
const filters = process.argv[3] ?? "";
const seen = new Set(); // an id that comes twice is the same alert

function tell(alert) {
  if (seen.has(alert.id)) return;
  seen.add(alert.id);
  console.log(`${alert.severity.toUpperCase()}  ${alert.headline}\n  “${alert.evidence.text}”\n  ${alert.source}  ${alert.url ?? ""}`);
}

// The stream has what comes from now on: ask for it first, then for what is there, so that nothing falls between.
const stream = await fetch(new URL(`api/stream?${filters}`, address));
const present = await (await fetch(new URL(`api/alerts?${filters}`, address))).json();
present.reverse().forEach(tell);

let buffer = "";
for await (const text of stream.body.pipeThrough(new TextDecoderStream())) {
  buffer += text;
  const messages = buffer.split("\n\n");
  buffer = messages.pop();
  for (const message of messages) {
    const data = message.split("\n").find((line) => line.startsWith("data: "));
    if (data) tell(JSON.parse(data.slice("data: ".length)));
  }
}
