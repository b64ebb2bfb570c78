import { join } from "node:path";
import { manualClock } from "../../../src/kernel/clock.ts";
import type { Segment } from "../../../src/services/objects/rules/segments.ts";
import type { Database } from "../../../src/storage/sqlite/database.ts";
import { Engine } from "../../../src/storage/sqlite/engine.ts";
import type { StoreModule } from "../../../src/storage/sqlite/module.ts";
import { openDirectory, type OpenedDirectory } from "../../../src/storage/sqlite/open.ts";
import { modules } from "../load/modules.ts";
import { linesOf } from "../model/shown.ts";
import type { Contents } from "./contents.ts";
import { startUnlessKnown } from "./folding.ts";
import { serve, type Told } from "./serve.ts";
import { showOf } from "./show.ts";

/** What an engine makes of what a power cut has left. */
export type Recovered =
  /** `backups`: ids of those that are at their place. */
  { readonly shown: string; readonly backups?: readonly string[] } | { readonly corrupt: string };

export interface RecoverOptions {
  /** Engine time when the power failed. */
  readonly nowMs: number;
  readonly contents: Contents;
  /** What the server has told by then: it is tried whether it goes on from there. Undefined: it is only looked at. */
  readonly told: Told | undefined;
  /** What others have recovered to before. A state that is tried, too, is always looked at. */
  readonly seen?: Seen;
}

/** What was shown before, by the bytes of the database when the log was folded into it, the time, and `besides`. */
export interface Seen {
  readonly recovered: Map<string, Recovered>;
  /** The same for the same files besides the database. */
  readonly besides: string;
}

/** Opens a data directory with the real engine, which recovers it, and looks at everything. */
export async function recover(directory: string, options: RecoverOptions): Promise<Recovered> {
  try {
    return await look(directory, options);
  } catch (error) {
    return { corrupt: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

async function look(directory: string, options: RecoverOptions): Promise<Recovered> {
  const { nowMs, told, seen } = options;
  const all = modules();
  const open = () => openDirectory(directory, all);
  if (seen === undefined || told !== undefined) return await lookAt({ directory, modules: all, opened: open() }, options);
  let key = "";
  const known = (content: string) => {
    key = `${content} ${nowMs} ${seen.besides}`;
    return seen.recovered.get(key);
  };
  const start = startUnlessKnown(open, { file: join(directory, "millrace.db"), known });
  if ("known" in start) return start.known;
  const recovered = await lookAt({ directory, modules: all, opened: start.started }, options);
  seen.recovered.set(key, recovered);
  return recovered;
}

interface Started {
  readonly directory: string;
  readonly modules: readonly StoreModule[];
  readonly opened: OpenedDirectory;
}

async function lookAt({ directory, modules, opened }: Started, { nowMs, contents, told }: RecoverOptions): Promise<Recovered> {
  const { database } = opened;
  try {
    const clock = manualClock(Math.max(opened.highWaterMs, nowMs));
    const onFatal = (reason: unknown) => {
      throw new Error("the engine has stopped", { cause: reason });
    };
    const engine = new Engine({
      opened,
      modules,
      clock,
      checkpointer: undefined,
      soon: (run) => run(),
      onFatal,
    });
    const lines = linesOf(await showOf(engine, contents));
    const corrupt =
      (await damage(database, contents)) ??
      (told === undefined ? undefined : await serve({ engine, database, clock, directory }, { told, lines }));
    return corrupt === undefined ? { shown: lines.join("\n") } : { corrupt };
  } finally {
    opened.close();
  }
}

/**
 * What is wrong with the database, or with bytes to which it refers, those of unfinished uploads too. Bytes of what is dead and
 * not yet taken apart are nobody's any more: a backup leaves them out.
 */
async function damage(database: Database, contents: Contents): Promise<string | undefined> {
  const integrity = database.pragma("integrity_check");
  if (integrity !== "ok") return `integrity_check: ${String(integrity)}`;
  const statement = database.prepare<Segment>(
    "SELECT lower(hex(blob)) AS blob, start AS startByte, length AS bytes FROM segment WHERE content NOT IN (SELECT content FROM dead_content)",
  );
  for (const segment of statement.all()) {
    const digest = await contents(segment);
    if (digest.startsWith("(")) return `the blob ${segment.blob} cannot be read: ${digest}`;
  }
  return undefined;
}
