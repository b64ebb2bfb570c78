import type { BlobFaults } from "./world/blobs.ts";
import { Chance } from "./world/chance.ts";
import type { DiskFaults } from "./world/disk.ts";
import type { MachineFaults } from "./world/machine.ts";
import type { NetworkFaults } from "./world/network.ts";

/** The kinds of queues that a seed may have, each with a load of its own. */
export const QUEUE_KINDS = ["plain", "delayed", "fifo", "grouped-fifo", "redrive", "short", "fair", "purged", "doomed"] as const;
export type QueueKind = (typeof QUEUE_KINDS)[number];

/** What a seed does: features and faults, each there or not, so that no two of them hide each other always. */
export interface Plan {
  readonly seed: number;
  readonly queues: readonly QueueKind[];
  readonly objects: boolean;
  readonly workers: boolean;
  /** How long faults may happen. */
  readonly safetyMs: number;
  /** Messages that a writer sends at most. */
  readonly messagesMax: number;
  readonly writers: number;
  readonly readers: number;
  /** Of clients that speak the Query protocol. */
  readonly query: number;
  readonly visibilitySeconds: readonly [number, ...number[]];
  /** How often a reader leaves while it waits, dies with what it holds, changes visibility. */
  readonly leaves: number;
  readonly dies: number;
  readonly changes: number;
  /** Mean time between two deaths of the server; none where undefined. */
  readonly crashMs: number | undefined;
  readonly wallClock: boolean;
  readonly faults: Faults;
}

export interface Faults {
  readonly network: NetworkFaults;
  readonly machine: MachineFaults;
  readonly disk: DiskFaults;
  readonly blobs: BlobFaults;
}

export function planOf(seed: number): Plan {
  const chance = new Chance(seed);
  const often = (probability: number) => (chance.is(0.6) ? probability * (0.5 + chance.fraction()) : 0);
  const latencyMs = chance.pick<readonly [number, number]>([
    [0, 0],
    [0, 1],
    [1, 5],
    [5, 40],
  ]);
  const slowMs = chance.pick([100, 1000, 8000]);
  const machineSlowMs = chance.pick([20, 500]);
  const queues = QUEUE_KINDS.filter(() => chance.is(0.25));
  return {
    seed,
    queues: queues.length > 0 ? queues : ["plain"],
    objects: chance.is(0.4),
    workers: chance.is(0.25),
    safetyMs: chance.pick([8000, 20_000, 40_000]),
    messagesMax: chance.pick([14, 28, 45]),
    writers: chance.between(1, 2),
    readers: chance.between(1, 3),
    query: chance.is(0.1) ? 0.5 : 0,
    visibilitySeconds: chance.pick<readonly [number, ...number[]]>([[1], [1, 2, 5], [5, 10], [2, 20], [0, 3]]),
    leaves: often(0.3),
    dies: often(0.2),
    changes: often(0.4),
    crashMs: chance.is(0.7) ? chance.pick([3000, 6000, 15_000]) : undefined,
    wallClock: chance.is(0.4),
    faults: {
      network: {
        latencyMs,
        requestLost: often(0.17),
        requestSlow: often(0.5),
        requestDoubled: often(0.25),
        requestLate: often(0.12),
        reset: often(0.18),
        answerLost: often(0.18),
        answerSlow: often(0.5),
        slowMs,
      },
      machine: { commitMs: chance.pick([0, 1, 5, 20]), timerMs: chance.pick([0, 0, 1, 10]), slow: often(0.1), slowMs: machineSlowMs },
      disk: { full: often(0.08), error: often(0.004) },
      blobs: { full: often(0.1), error: often(0.1), slowMs: chance.pick([0, 0, 3, 30]) },
    },
  };
}

/** The last fault is over. What is slow by nature stays so. */
export function heal({ network, machine, disk, blobs }: Faults): void {
  for (const kind of ["requestLost", "requestSlow", "requestDoubled", "requestLate", "reset", "answerLost", "answerSlow"] as const)
    network[kind] = 0;
  machine.slow = 0;
  disk.full = 0;
  disk.error = 0;
  blobs.full = 0;
  blobs.error = 0;
}

/** The longest that a server takes to answer what it has, when nothing is slow beyond its nature. */
export function promptMs({ machine }: Faults): number {
  return 3 * (machine.commitMs + machine.timerMs) + 5;
}
