// Reads what any other tool may read: /_millrace/health and the metrics for Prometheus.

const REFRESH_MS = 2000;

const DURABILITY = { durable: "durable: on stable storage before it is acknowledged", memory: "in memory: nothing survives the process" };
const AUTHENTICATION = {
  keys: "keys: every request must be signed",
  dev: "dev: any credentials, from this machine only",
  none: "none: anybody who reaches the port",
};

/** @param {string} text in Prometheus' text format; @returns one row an action, summed over its statuses. */
export function actionsOf(text) {
  const rows = new Map();
  for (const [, kind, labels, value] of text.matchAll(/^millrace_request_seconds_(bucket|sum|count)\{([^}]*)\} (\S+)$/gm)) {
    const { service, action, status, le } = Object.fromEntries(
      [...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, label]) => [name, label]),
    );
    if (service === "own") continue;
    const key = `${service} ${action}`;
    const row = rows.get(key) ?? { service, action, count: 0, refused: 0, failed: 0, sumS: 0, within: new Map() };
    rows.set(key, row);
    if (kind === "sum") row.sumS += Number(value);
    if (kind === "bucket") row.within.set(le, (row.within.get(le) ?? 0) + Number(value));
    if (kind !== "count") continue;
    row.count += Number(value);
    if (status >= "500") row.failed += Number(value);
    else if (status >= "400") row.refused += Number(value);
  }
  return [...rows.values()].toSorted((a, b) => b.count - a.count);
}

/** The upper end of the first bucket that holds 99 of 100, in seconds; Infinity beyond the last. */
export function within99(row) {
  const enough = row.count * 0.99;
  const ends = [...row.within].map(([end, count]) => [end === "+Inf" ? Infinity : Number(end), count]);
  return ends.toSorted(([a], [b]) => a - b).find(([, count]) => count >= enough)?.[0] ?? Infinity;
}

function duration(seconds) {
  if (!Number.isFinite(seconds)) return "over 20 s";
  return seconds < 1 ? `${Number((seconds * 1000).toPrecision(2))} ms` : `${Number(seconds.toPrecision(2))} s`;
}

function element(name, text, className = "") {
  const made = document.createElement(name);
  made.textContent = text;
  made.className = className;
  return made;
}

function showServer(health) {
  const facts = {
    Endpoint: location.origin,
    Version: health.version,
    Services: health.services.join(", "),
    Storage: DURABILITY[health.durability] ?? health.durability,
    Authentication: AUTHENTICATION[health.authentication] ?? health.authentication,
  };
  const parts = Object.entries(facts).flatMap(([name, value]) => [element("dt", name), element("dd", value)]);
  document.querySelector("#server").replaceChildren(...parts);
}

function showRequests(rows) {
  const cells = (row) => [
    element("td", `${row.service} ${row.action}`.trim()),
    element("td", row.count.toLocaleString("en"), "number"),
    element("td", row.refused.toLocaleString("en"), "number"),
    element("td", row.failed.toLocaleString("en"), row.failed > 0 ? "number wrong" : "number"),
    element("td", duration(row.sumS / row.count), "number"),
    element("td", duration(within99(row)), "number"),
  ];
  const lines = rows.map((row) => {
    const line = document.createElement("tr");
    line.replaceChildren(...cells(row));
    return line;
  });
  document.querySelector("#requests tbody").replaceChildren(...lines);
  document.querySelector("#requests").hidden = rows.length === 0;
  for (const id of ["none", "connect"]) document.querySelector(`#${id}`).hidden = rows.length > 0;
}

async function refresh() {
  const state = document.querySelector("#state");
  try {
    const [health, metrics] = await Promise.all([fetch("/_millrace/health"), fetch("/metrics")]);
    if (!health.ok || !metrics.ok) throw new Error(`HTTP ${health.ok ? metrics.status : health.status}`);
    showServer(await health.json());
    showRequests(actionsOf(await metrics.text()));
    state.textContent = "Serving.";
    state.className = "";
  } catch (failure) {
    state.textContent = `No answer (${failure.message}). Trying again.`;
    state.className = "lost";
  }
  setTimeout(refresh, REFRESH_MS);
}

if (typeof document !== "undefined") {
  document.querySelector("#connect").textContent = [
    `export AWS_ENDPOINT_URL=${location.origin}`,
    "export AWS_REGION=us-east-1 AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test",
    "aws sqs create-queue --queue-name jobs",
  ].join("\n");
  await refresh();
}
