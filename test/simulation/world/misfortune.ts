import type { Plan } from "../plan.ts";
import type { Chance } from "./chance.ts";
import type { Death, Disk } from "./disk.ts";
import type { FaultCounts } from "./faults.ts";
import type { Machine } from "./machine.ts";
import type { Scheduler } from "./scheduler.ts";

export interface MisfortuneParts {
  readonly scheduler: Scheduler;
  readonly chance: Chance;
  readonly counts: FaultCounts;
  readonly plan: Plan;
  readonly disk: Disk;
  readonly machine: Machine;
}

const DEATHS: readonly [Death, ...Death[]] = ["killed in a commit", "killed between commit and answer", "power cut in a commit"];
const HOUR_MS = 3_600_000;

/** What happens to the machine: it dies at any moment, in the middle of a commit, or while it starts; its clock is set. */
export class Misfortune {
  readonly #parts: MisfortuneParts;
  #isOver = false;

  constructor(parts: MisfortuneParts) {
    this.#parts = parts;
  }

  begin(): void {
    this.#plan();
  }

  /** Nothing more happens, but what is down is started. */
  end(): void {
    this.#isOver = true;
    this.#parts.disk.dieAtCommit(undefined);
  }

  /** The server is down; somebody starts it soon. */
  restart(): void {
    const { scheduler, chance, machine, plan } = this.#parts;
    if (plan.wallClock && !this.#isOver && chance.is(0.4)) this.#setWallClock();
    scheduler.after(chance.between(10, 2000), "start", () => {
      machine.start();
      if (!this.#isOver && chance.is(0.1))
        scheduler.after(chance.below(20), "kill at start", () => {
          if (!machine.isUp) this.#kill("killed while starting");
        });
    });
  }

  #plan(): void {
    const { scheduler, chance, plan } = this.#parts;
    if (plan.crashMs === undefined) return;
    scheduler.after(chance.below(2 * plan.crashMs), "misfortune", () => {
      if (this.#isOver) return;
      this.#strike();
      this.#plan();
    });
  }

  #strike(): void {
    const { chance, machine, disk, plan, counts } = this.#parts;
    if (plan.wallClock && chance.is(0.2)) this.#setWallClock();
    if (!machine.isUp) return;
    const choice = chance.fraction();
    if (choice < 0.6) disk.dieAtCommit(chance.pick(DEATHS));
    else if (choice < 0.9) this.#kill("killed");
    else {
      counts.add("stopped and started");
      void machine.stop();
    }
  }

  #kill(kind: "killed" | "killed while starting"): void {
    this.#parts.counts.add(kind);
    this.#parts.machine.kill();
  }

  #setWallClock(): void {
    const { chance, machine, counts } = this.#parts;
    counts.add("wall clock set");
    machine.setWallClock(chance.pick([-HOUR_MS * 24, -HOUR_MS, -5000, 700, 5000]));
  }
}
