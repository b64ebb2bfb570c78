import { systemClock, type Clock } from "../../kernel/clock.ts";
import type { Engine } from "./engine.ts";
import type { Disk } from "./space.ts";
import { realSurroundings, startEngine, type StartOptions } from "./start.ts";

export interface InlineOptions extends StartOptions {
  /** A test's own clock; by default the real one, from the stored high-water mark on. */
  readonly clock?: Clock | undefined;
  /** A test's own wall clock, where it differs from its clock. */
  readonly wallMs?: (() => number) | undefined;
  /** A test's own disk; without one there is no ballast where a test owns the clock. */
  readonly disk?: Disk | undefined;
}

/**
 * The engine on the caller's own thread: the same path as the threaded one, without the crossing. Where a test owns the
 * clock SQLite makes its own checkpoints, since the checkpointer's thread knows only real time.
 * @throws {CannotOpen}
 */
export function startInline({ clock, wallMs, disk, ...options }: InlineOptions): Engine {
  if (clock === undefined) return startEngine(options, realSurroundings(systemClock)).engine;
  const around = { clock: () => clock, wallMs: wallMs ?? (() => clock.nowMs()), checkpointThread: false };
  if (disk === undefined) return startEngine({ ...options, ballastBytes: 0 }, { ...around, disk: noDisk }).engine;
  return startEngine(options, { ...around, disk: () => disk }).engine;
}

function noDisk(): never {
  throw new Error("a test without a disk has no ballast");
}
