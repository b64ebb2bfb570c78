import { systemClock, type Clock } from "../../kernel/clock.ts";
import { Checkpointer } from "./checkpointer.ts";
import { Engine } from "./engine.ts";
import type { StoreModule } from "./module.ts";
import { openDirectory, type OpenedDirectory } from "./open.ts";

export interface InlineOptions {
  /** Undefined keeps everything in memory. */
  readonly directory: string | undefined;
  readonly modules: readonly StoreModule[];
  /** A test's own clock; by default the real one, from the stored high-water mark on. */
  readonly clock?: Clock | undefined;
  readonly onFatal: (reason: unknown) => void;
}

/**
 * The engine on the caller's own thread: the same path as the threaded one, without the crossing. Where a test owns the
 * clock SQLite makes its own checkpoints, since the checkpointer's thread knows only real time.
 * @throws {CannotOpen}
 */
export function startInline({ directory, modules, clock, onFatal }: InlineOptions): Engine {
  const opened = openDirectory(directory, modules);
  try {
    return startEngine(opened, { modules, clock, onFatal });
  } catch (error) {
    opened.close();
    throw error;
  }
}

function startEngine(opened: OpenedDirectory, { modules, clock, onFatal }: Omit<InlineOptions, "directory">): Engine {
  const { database, file, highWaterMs } = opened;
  if (clock !== undefined) {
    if (file !== undefined) database.exec("PRAGMA wal_autocheckpoint = 1000");
    return new Engine({ opened, modules, clock, checkpointer: undefined, soon: setImmediate, onFatal });
  }
  const realClock = systemClock(highWaterMs);
  const checkpointer = file === undefined ? undefined : new Checkpointer(file, { database, clock: realClock, onFailure: onFatal });
  return new Engine({ opened, modules, clock: realClock, checkpointer, soon: setImmediate, onFatal });
}
