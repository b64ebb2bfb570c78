import { stripVTControlCharacters } from "node:util";
import type { RunRecord } from "../../examples/photos/src/runs.ts";
import type { SeenPhoto } from "./client.ts";
import type { Order } from "./orders.ts";

const BAR_CHARACTERS = 36;

const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;

/** A bar that redraws itself on a terminal, and a line for each tenth where there is none. */
export class ProgressBar {
  readonly #out: NodeJS.WriteStream;
  #tenth = -1;

  constructor(out: NodeJS.WriteStream) {
    this.#out = out;
  }

  show(done: number, total: number): void {
    const part = total === 0 ? 0 : done / total;
    const full = Math.round(part * BAR_CHARACTERS);
    const line = `  ${"█".repeat(full)}${"░".repeat(BAR_CHARACTERS - full)} ${done} of ${total} photos`;
    if (this.#out.isTTY) this.#out.write(`\r\u001b[K${line}`);
    else if (Math.floor(part * 10) > this.#tenth) this.#out.write(`${line}\n`);
    this.#tenth = Math.floor(part * 10);
  }

  /** Says something above the bar. */
  say(text: string): void {
    this.#out.write(this.#out.isTTY ? `\r\u001b[K${text}\n` : `${text}\n`);
  }

  end(): void {
    if (this.#out.isTTY) this.#out.write("\n");
  }
}

/** `2` runs, or `2, 1 cut off` where a worker died in the middle of one. */
function runsText(runs: readonly RunRecord[]): string {
  const cut = runs.filter(({ outcome }) => outcome === undefined).length;
  if (runs.length === 0) return "–";
  return cut === 0 ? String(runs.length) : `${runs.length}, ${cut} cut off`;
}

/** What was processed, how often each job ran, how long each took. */
export function tableOf(orders: readonly Order[], photos: readonly SeenPhoto[], runs: readonly RunRecord[]): string {
  const rows = orders.map(({ name, operations }, place): string[] => {
    const photo = photos[place];
    const own = runs.filter(({ photoId }) => photoId === photo?.photoId);
    const spentMs = own.reduce((sum, { durationMs = 0 }) => sum + durationMs, 0);
    const results = (photo?.results ?? []).map(({ width, height }) => `${width}×${height}`).join(" ");
    const byServer = (server: "a" | "b") => runsText(own.filter((run) => run.server === server));
    return [name, Object.keys(operations).join(" "), byServer("a"), byServer("b"), seconds(spentMs), `${photo?.stage ?? "?"} ${results}`];
  });
  return aligned([["photo", "operations", "runs on A", "runs on B", "worked", "outcome"], ...rows]);
}

/** The same of many photos: only those that were worked on more than once by one server. */
export function againTable(orders: readonly Order[], photos: readonly SeenPhoto[], runs: readonly RunRecord[]): string {
  const counts = new Map<string, number>();
  for (const { photoId, server } of runs) counts.set(`${photoId} ${server}`, (counts.get(`${photoId} ${server}`) ?? 0) + 1);
  const isAgain = (photo: SeenPhoto | undefined) => ["a", "b"].some((server) => (counts.get(`${photo?.photoId} ${server}`) ?? 0) > 1);
  const places = orders.flatMap((order, place) => (isAgain(photos[place]) ? [{ order, photo: photos[place] }] : []));
  const seen = places.flatMap(({ photo }) => (photo === undefined ? [] : [photo]));
  const ids = new Set(seen.map(({ photoId }) => photoId));
  const own = runs.filter(({ photoId }) => ids.has(photoId));
  return `  Worked on more than once:\n${tableOf(
    places.map(({ order }) => order),
    seen,
    own,
  )}`;
}

function aligned(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => stripVTControlCharacters(row[column] ?? "").length)));
  const lines = rows.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ")}`.trimEnd());
  return [lines[0], `  ${"─".repeat(widths.reduce((sum, width) => sum + width + 2, -2))}`, ...lines.slice(1)].join("\n");
}

export function totalsOf(runs: readonly RunRecord[]): string {
  const cut = runs.filter(({ outcome }) => outcome === undefined).length;
  const again = runs.filter(({ receive }) => receive > 1).length;
  const slowest = Math.max(0, ...runs.map(({ durationMs = 0 }) => durationMs));
  return `  ${runs.length} executions; ${cut} cut off by a kill, ${again} of a message that had been received before. The longest took ${seconds(slowest)}.`;
}
