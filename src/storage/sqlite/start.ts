import { systemWallMs, type Clock } from "../../kernel/clock.ts";
import { Admission } from "./admission.ts";
import { Ageing } from "./ageing.ts";
import { diskOf } from "./ballast.ts";
import { Checkpointer } from "./checkpointer.ts";
import { Engine } from "./engine.ts";
import { Figures } from "./figures.ts";
import type { StoreModule } from "./module.ts";
import { asCannotOpen, openDirectory, PAGE_BYTES, type OpenedDirectory } from "./open.ts";
import { Space, type Disk } from "./space.ts";

export interface StartOptions {
  /** Undefined keeps everything in memory. */
  readonly directory: string | undefined;
  readonly modules: readonly StoreModule[];
  /** The engine stopped at an I/O error: nothing is acknowledged any more, and the process is to end. */
  readonly onFatal: (reason: unknown) => void;
  /** Is told of each figure of the report that changes. */
  readonly onFigure?: ((name: string, value: number) => void) | undefined;
  /** Size of the file that holds space back for a full disk; 0: none. */
  readonly ballastBytes?: number | undefined;
}

/** What the engine lives in. */
export interface Surroundings {
  /** From the stored high-water mark on. */
  readonly clock: (highWaterMs: number) => Clock;
  /** Epoch milliseconds as the machine has them. */
  readonly wallMs: () => number;
  readonly disk: (directory: string) => Disk;
  /** Whether checkpoints are made by a thread of their own, which knows only real time, or by SQLite as it comes. */
  readonly checkpointThread: boolean;
}

/** Frames after which SQLite makes its own checkpoints. */
const AUTOCHECKPOINT_FRAMES = 1000;

/** Opens a directory and starts the engine on it. @throws {CannotOpen} */
export function startEngine(options: StartOptions, around: Surroundings): { engine: Engine; opened: OpenedDirectory } {
  const { directory, modules, onFatal, onFigure, ballastBytes = 0 } = options;
  const disk = directory === undefined || ballastBytes === 0 ? undefined : around.disk(directory);
  // A full disk has no space even for a start; what was held back is there for it.
  const opened = openDirectory(directory, modules, () => {
    if (disk !== undefined && disk.freeBytes() < ballastBytes / 2) disk.dropBallast();
  });
  try {
    const clock = around.clock(opened.highWaterMs);
    const figures = new Figures(onFigure);
    const admission = new Admission(figures);
    const ageing = ageingOf(opened, { clock, wallMs: around.wallMs, figures });
    const reusableBytes = () => Number(opened.database.pragma("freelist_count")) * PAGE_BYTES;
    const space = disk && new Space({ disk, clock, admission, ballastBytes, reusableBytes, onFailure: () => {} });
    let fail: (reason: unknown) => void = onFatal;
    const checkpointer = checkpointerOf(opened, { around, clock, admission, onFailure: (reason) => fail(reason) });
    const engine = new Engine({ opened, modules, clock, checkpointer, admission, ageing, space, figures, soon: setImmediate, onFatal });
    fail = (reason) => engine.fail(reason);
    return { engine, opened };
  } catch (error) {
    opened.close();
    throw asCannotOpen(error, directory);
  }
}

function ageingOf(opened: OpenedDirectory, of: { clock: Clock; wallMs: () => number; figures: Figures }): Ageing {
  const { database, highWaterMs, ageingHeldUntilMs: heldUntilMs } = opened;
  const keep = database.prepare("INSERT INTO engine VALUES ('ageing_held_until_ms', ?) ON CONFLICT DO UPDATE SET value = excluded.value");
  return new Ageing({ ...of, highWaterMs, heldUntilMs, keep: (untilMs) => void keep.run(untilMs) });
}

function checkpointerOf(
  { database, file }: OpenedDirectory,
  of: { around: Surroundings; clock: Clock; admission: Admission; onFailure: (reason: unknown) => void },
): Checkpointer | undefined {
  if (file === undefined) return undefined;
  if (of.around.checkpointThread) return new Checkpointer(file, { database, ...of });
  database.exec(`PRAGMA wal_autocheckpoint = ${AUTOCHECKPOINT_FRAMES}`);
  return undefined;
}

/** The engine's life outside of tests. */
export function realSurroundings(clock: (highWaterMs: number) => Clock): Surroundings {
  return { clock, wallMs: systemWallMs, disk: diskOf, checkpointThread: true };
}
