import { clockOn, type Clock, type TimeSource } from "../../../src/kernel/clock.ts";
import { Stack } from "../../../src/kernel/lifecycle.ts";
import { silentLogger, type Logger } from "../../../src/kernel/logger.ts";
import { ServiceError } from "../../../src/kernel/service-error.ts";
import { seededRandom } from "../../../src/kernel/random.ts";
import { configWith } from "../../../src/server/config.ts";
import { buildCore, type OpenedStorage } from "../../../src/server/server.ts";
import { Engine } from "../../../src/storage/sqlite/engine.ts";
import type { StoreModule } from "../../../src/storage/sqlite/index.ts";
import type { HttpRequest, HttpResponse } from "../../../src/wire/http.ts";
import type { SimulatedBlobs } from "./blobs.ts";
import type { Chance } from "./chance.ts";
import type { Disk } from "./disk.ts";
import type { FaultCounts } from "./faults.ts";
import type { Scheduler } from "./scheduler.ts";

export interface MachineFaults {
  /** The longest that a group waits before it runs, and a timer after its time, in milliseconds. */
  commitMs: number;
  timerMs: number;
  /** Of a commit, and a timer, that is slow far beyond that. */
  slow: number;
  readonly slowMs: number;
}

export interface MachineParts {
  readonly scheduler: Scheduler;
  readonly chance: Chance;
  readonly counts: FaultCounts;
  readonly disk: Disk;
  readonly blobs: SimulatedBlobs;
  readonly faults: MachineFaults;
  readonly logger?: Logger;
  /** It serves. @param engineMs its time then. */
  readonly onUp: (engineMs: number) => void;
  /** It does something so much later than it should, from then on. */
  readonly onLate: (fromMs: number, lateMs: number) => void;
  /** It is gone, by itself or by force. */
  readonly onDown: () => void;
}

/** One start of the server, until it dies. */
interface Life {
  isAlive: boolean;
  handle: ((request: HttpRequest) => Promise<HttpResponse>) | undefined;
  readonly stack: Stack;
  clock: Clock | undefined;
}

/** Epoch milliseconds of the wall clock at the beginning: midnight of the first of January 2026, UTC, and a bit. */
const START_MS = Date.UTC(2026, 0, 1) + 345;

/** The server with all its services on a machine of its own, which can die at any moment and be started again. */
export class Machine {
  readonly #parts: MachineParts;
  #life: Life | undefined;
  #lives = 0;
  #wallOffsetMs = START_MS;
  /** What engine time is ahead of the simulation's. */
  #engineOffsetMs = START_MS;
  checkpoints = 0;

  constructor(parts: MachineParts) {
    this.#parts = parts;
  }

  get isUp(): boolean {
    return this.#life?.handle !== undefined;
  }

  /** Engine time; while it is down, what it would be. */
  get engineMs(): number {
    return this.#parts.scheduler.nowMs + this.#engineOffsetMs;
  }

  /** Which start this is; changes whenever it dies. */
  get lives(): number {
    return this.#lives;
  }

  /** Somebody sets the wall clock: nobody may notice before the next start. */
  setWallClock(byMs: number): void {
    this.#wallOffsetMs += byMs;
  }

  /** Asks the server; undefined where nobody listens. */
  handle(request: HttpRequest): Promise<HttpResponse> | undefined {
    return this.#life?.handle?.(request);
  }

  /** Starts it; it serves some events later, unless it dies before. */
  start(): void {
    const life: Life = { isAlive: true, handle: undefined, stack: new Stack(), clock: undefined };
    this.#life = life;
    this.#lives += 1;
    void this.#build(life).then(
      (handle) => {
        if (!life.isAlive) return;
        life.handle = handle;
        this.#parts.onUp(this.engineMs);
      },
      (failure: unknown) => {
        if (!life.isAlive) return;
        // A disk that is full, or fails, while the server starts ends it; anything else is a bug.
        if (!isOfDisk(failure)) throw failure;
        this.#fail(life);
      },
    );
  }

  async #build(life: Life): Promise<(request: HttpRequest) => Promise<HttpResponse>> {
    const { logger = silentLogger, blobs } = this.#parts;
    const core = await buildCore(
      configWith({ data: "unused", coolDown: true }),
      {
        random: seededRandom(this.#parts.chance.below(2 ** 32)),
        logger,
        blobs: blobs.store(() => life.isAlive),
        openStorage: (modules, onFatal) => this.#openStorage(life, modules, onFatal),
        onFatal: () => this.#fail(life),
      },
      life.stack,
    );
    return core.handle;
  }

  #openStorage(life: Life, modules: readonly StoreModule[], onFatal: (reason: unknown) => void): OpenedStorage {
    const { disk } = this.#parts;
    const opened = disk.open(modules);
    const clock = clockOn(this.#timeOf(life), opened.highWaterMs);
    life.clock = clock;
    this.#engineOffsetMs = clock.nowMs() - this.#parts.scheduler.nowMs;
    const engine = new Engine({
      opened: { ...opened, close: () => this.#close(life, () => opened.close()) },
      modules,
      clock,
      checkpointer: { committed: () => this.#maybeCheckpoint(life), isBehind: () => false, stop: async () => {} },
      soon: (run) => this.#soon(life, run),
      onFatal,
    });
    return { storage: engine, clock };
  }

  #timeOf(life: Life): TimeSource {
    const { scheduler, chance, faults, counts } = this.#parts;
    const bootMs = chance.below(1_000_000);
    return {
      wallMs: () => scheduler.nowMs + this.#wallOffsetMs,
      monotonicMs: () => scheduler.nowMs + bootMs,
      after: (delayMs, callback) => {
        const isSlow = chance.is(faults.slow);
        const lateMs = chance.below((isSlow ? faults.slowMs : faults.timerMs) + 1);
        if (isSlow) {
          counts.add("machine slow");
          this.#parts.onLate(this.engineMs + delayMs, lateMs);
        }
        return scheduler.after(delayMs + lateMs, "timer", () => {
          if (life.isAlive) callback();
        });
      },
    };
  }

  #soon(life: Life, run: () => void): void {
    const { scheduler, chance, faults, counts } = this.#parts;
    const isSlow = chance.is(faults.slow);
    const lateMs = chance.below((isSlow ? faults.slowMs : faults.commitMs) + 1);
    if (isSlow) {
      counts.add("commit slow");
      this.#parts.onLate(this.engineMs, lateMs);
    }
    scheduler.after(lateMs, "group", () => {
      if (life.isAlive) run();
    });
  }

  #maybeCheckpoint(life: Life): void {
    const { scheduler, chance, disk } = this.#parts;
    if (!chance.is(0.02)) return;
    scheduler.after(chance.below(20), "checkpoint", () => {
      if (!life.isAlive) return;
      this.checkpoints += 1;
      disk.checkpoint();
    });
  }

  /** Kills it: nobody is told anything, and the files stay as they are. */
  kill(): void {
    const life = this.#life;
    if (life === undefined) return;
    this.#parts.disk.take({ powerCut: false });
    this.#end(life);
  }

  /** For the disk, which has taken the files already. */
  died(): void {
    if (this.#life !== undefined) this.#end(this.#life);
  }

  /** The engine has stopped at an I/O error: the process ends. */
  #fail(life: Life): void {
    if (!life.isAlive) return;
    this.#parts.disk.take({ powerCut: false });
    this.#end(life);
  }

  /** Stops it as an operator would; resolves when it has answered what was asked. */
  async stop(): Promise<void> {
    const life = this.#life;
    if (life === undefined) return;
    await life.stack.stop();
    await this.#parts.scheduler.pause(0); // The last answers are written in this turn.
    // It may have been killed meanwhile.
    if (life.isAlive) this.#end(life);
  }

  #close(life: Life, close: () => void): void {
    if (!life.isAlive) return;
    close();
    this.#parts.disk.closed();
  }

  #end(life: Life): void {
    life.isAlive = false;
    life.handle = undefined;
    this.#life = undefined;
    this.#parts.blobs.crash();
    this.#parts.onDown();
  }
}

function isOfDisk(failure: unknown): boolean {
  if (failure instanceof ServiceError) return failure.options.httpStatus === 503;
  return failure instanceof Error && "code" in failure && failure.code === "EIO";
}
