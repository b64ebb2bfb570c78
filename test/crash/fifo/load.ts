import { seededRandom, type Random } from "../../../src/kernel/random.ts";
import type { Observer } from "../observer.ts";
import { FifoClient, type Held, type Outgoing } from "./client.ts";

/** Where the clients work, and how. */
export interface Place {
  readonly queueUrl: string;
  /** Resolves when there is a server to ask. */
  readonly up: () => Promise<void>;
  readonly running: () => boolean;
  readonly groups: number;
  readonly writers: number;
  readonly seed: number;
  readonly visibilitySeconds: readonly number[];
}

const BATCH_MAX = 10;
/** What was acknowledged and may be sent again to see whether it is remembered: less than five minutes' worth. */
const REPEATABLE_MAX = 500;

/**
 * Sends to its own groups, the next message of a group when the one before was acknowledged. What had no answer is sent
 * again until it has one, and now and then what was acknowledged long ago.
 */
export async function write(observer: Observer, number: number, place: Place): Promise<void> {
  const queue = new FifoClient(observer, place.queueUrl);
  const random = seededRandom(place.seed + number);
  const next = new Map<string, number>();
  const acknowledged: Outgoing[] = [];
  const mine = Array.from(
    { length: Math.ceil((place.groups - number) / place.writers) },
    (_, index) => `g${number + index * place.writers}`,
  );
  while (place.running()) {
    const messages = Array.from({ length: 1 + below(random, BATCH_MAX) }, () => {
      const group = mine[below(random, mine.length)] ?? "g0";
      const following = (next.get(group) ?? 0) + 1;
      next.set(group, following);
      return { group, number: following };
    });
    do await place.up();
    while (!(await queue.send(messages)) && place.running());
    acknowledged.push(...messages);
    acknowledged.splice(0, acknowledged.length - REPEATABLE_MAX);
    const again = acknowledged[below(random, acknowledged.length)];
    if (again !== undefined && random.fraction() < 0.1) await queue.send([again]);
  }
  observer.close();
}

/** Receives, and deletes all, or some from the front, or none as a worker does that dies. */
export async function read(observer: Observer, number: number, place: Place): Promise<void> {
  const queue = new FifoClient(observer, place.queueUrl);
  const random = seededRandom(place.seed - number - 1);
  while (place.running()) {
    await place.up();
    const visibilitySeconds = place.visibilitySeconds[below(random, place.visibilitySeconds.length)] ?? 1;
    const held = await queue.receive({ max: 1 + below(random, BATCH_MAX), visibilitySeconds, waitSeconds: below(random, 2) });
    const kept = keptOf(held, random);
    if (kept.length > 0) await queue.delete(kept);
  }
  observer.close();
}

function keptOf(held: readonly Held[], random: Random): readonly Held[] {
  const choice = random.fraction();
  if (choice < 0.8) return held;
  return choice < 0.9 ? held.slice(0, below(random, held.length + 1)) : [];
}

function below(random: Random, limit: number): number {
  return Math.floor(random.fraction() * limit);
}
