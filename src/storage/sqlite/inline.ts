import { systemClock, type Clock } from "../../kernel/clock.ts";
import { Engine } from "./engine.ts";
import type { StoreModule } from "./module.ts";
import { openDirectory } from "./open.ts";

export interface InlineOptions {
  /** Undefined keeps everything in memory. */
  readonly directory: string | undefined;
  readonly modules: readonly StoreModule[];
  /** A test's own clock; by default the real one, from the stored high-water mark on. */
  readonly clock?: Clock;
  readonly onFatal: (reason: unknown) => void;
}

/**
 * The engine on the caller's own thread: for memory mode and for tests that own the clock. The same path as the
 * threaded one, without the crossing and with SQLite's own checkpoints.
 * @throws {CannotOpen}
 */
export function startInline(options: InlineOptions): Engine {
  const opened = openDirectory(options.directory, options.modules);
  if (opened.file !== undefined) opened.database.exec("PRAGMA wal_autocheckpoint = 1000");
  return new Engine({
    opened,
    modules: options.modules,
    clock: options.clock ?? systemClock(opened.highWaterMs),
    checkpointer: undefined,
    soon: setImmediate,
    onFatal: options.onFatal,
  });
}
