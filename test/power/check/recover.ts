import { statSync } from "node:fs";
import { join } from "node:path";
import { manualClock } from "../../../src/kernel/clock.ts";
import { Engine } from "../../../src/storage/sqlite/engine.ts";
import { openDirectory } from "../../../src/storage/sqlite/open.ts";
import type { Database } from "../../../src/storage/sqlite/database.ts";
import { modules } from "../load/server.ts";
import { linesOf } from "../model/shown.ts";
import { showOf } from "./show.ts";

/** What an engine makes of what a power cut has left. */
export type Recovered = { readonly shown: string } | { readonly corrupt: string };

/** Opens a data directory with the real engine, which recovers it, and looks at everything. */
export async function recover(directory: string, nowMs: number): Promise<Recovered> {
  try {
    return await look(directory, nowMs);
  } catch (error) {
    return { corrupt: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

async function look(directory: string, nowMs: number): Promise<Recovered> {
  const all = modules();
  const opened = openDirectory(directory, all);
  try {
    const blobs = join(directory, "blobs");
    const clock = manualClock(Math.max(opened.highWaterMs, nowMs));
    const onFatal = (reason: unknown) => {
      throw reason instanceof Error ? reason : new Error(String(reason));
    };
    const engine = new Engine({ opened, modules: all, clock, checkpointer: undefined, soon: (run) => run(), onFatal });
    const shown = linesOf(await showOf(engine, blobs)).join("\n");
    const integrity = opened.database.pragma("integrity_check");
    if (integrity !== "ok") return { corrupt: `integrity_check: ${String(integrity)}` };
    const missing = missingBytes(opened.database, blobs);
    return missing === undefined ? { shown } : { corrupt: missing };
  } finally {
    opened.close();
  }
}

/** Every segment's bytes are there, those of unfinished uploads too. */
function missingBytes(database: Database, blobs: string): string | undefined {
  const segments = database.prepare<{ blob: string; end: number }>(
    "SELECT lower(hex(blob)) AS blob, max(start + length) AS end FROM segment GROUP BY blob",
  );
  for (const { blob, end } of segments.all()) {
    const size = statSync(join(blobs, blob.slice(0, 2), blob), { throwIfNoEntry: false })?.size;
    if (size === undefined || size < end) return `the blob ${blob} has ${size ?? "no"} bytes instead of ${end}`;
  }
  return undefined;
}
