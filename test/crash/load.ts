import { seededRandom, type Random } from "../../src/kernel/random.ts";
import { ObjectClient, sha256 } from "./object-client.ts";
import type { Observer } from "./observer.ts";
import { QueueClient, type Held, type Outgoing } from "./queue-client.ts";

/** Where the clients work, and how. */
export interface Place {
  readonly queueUrl: string;
  readonly bucket: string;
  /** Resolves when there is a server to ask. */
  readonly up: () => Promise<void>;
  readonly running: () => boolean;
  readonly writers: number;
  readonly seed: number;
  /** Part of the operations that concern objects and not messages, 0 to 1. */
  readonly objects: number;
  /** Visibility timeouts of receives, drawn from these. */
  readonly visibilitySeconds: readonly number[];
}

const KEYS_PER_WRITER = 4;
const BODY_BYTES_MAX = 2000;
const OBJECT_BYTES_MAX = 64 * 1024;

/** Chance to choose by, and bytes that nobody else has. */
class Dice {
  readonly #random: Random;
  readonly #owner: string;
  #made = 0;

  constructor(owner: string, seed: number) {
    this.#owner = owner;
    this.#random = seededRandom(Buffer.from(sha256(Buffer.from(`${owner} ${seed}`)), "hex").readUInt32BE());
  }

  below(limit: number): number {
    return Math.floor(this.#random.fraction() * limit);
  }

  chance(probability: number): boolean {
    return this.#random.fraction() < probability;
  }

  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)]!;
  }

  /** Begins with a name that is never given again. */
  bytes(bytesMax: number): Buffer {
    this.#made += 1;
    const name = `${this.#owner} ${this.#made} `;
    return Buffer.alloc(name.length + this.below(bytesMax), name);
  }

  message(): Outgoing {
    const body = this.bytes(this.chance(0.1) ? BODY_BYTES_MAX : 200).toString();
    return { body, number: this.#made, delaySeconds: this.chance(0.05) ? 1 : 0 };
  }
}

function keyOf(writer: number, key: number): string {
  return `writer-${writer}/object-${key}`;
}

/** Keys that may ever exist. */
export function allKeys(writers: number): string[] {
  return Array.from({ length: writers }, (_, writer) => Array.from({ length: KEYS_PER_WRITER }, (_, key) => keyOf(writer, key))).flat();
}

/** Sends messages, and writes objects that nobody else writes, until it is told to stop. */
export async function write(observer: Observer, number: number, place: Place): Promise<void> {
  const queue = new QueueClient(observer, place.queueUrl);
  const objects = new ObjectClient(observer, place.bucket);
  const dice = new Dice(observer.name, place.seed);
  while (place.running()) {
    await place.up();
    if (!dice.chance(place.objects)) await (dice.chance(0.85) ? queue.send(dice.message()) : queue.sendBatch(batch(dice)));
    else await writeObject(objects, { key: keyOf(number, dice.below(KEYS_PER_WRITER)), dice, place });
  }
  observer.close();
}

/** Up to ten, at times with one that must be refused while the others are taken. */
function batch(dice: Dice): Outgoing[] {
  const messages = Array.from({ length: 2 + dice.below(9) }, () => dice.message());
  return dice.chance(0.2) ? messages.with(dice.below(messages.length), { ...dice.message(), body: "" }) : messages;
}

async function writeObject(objects: ObjectClient, { key, dice, place }: { key: string; dice: Dice; place: Place }): Promise<void> {
  const choice = dice.below(100);
  const bytes = dice.bytes(dice.chance(0.1) ? OBJECT_BYTES_MAX : 2000);
  if (choice < 5) return objects.putSpoilt(key, bytes);
  if (choice < 10) return objects.putHalf(key, bytes);
  const outcome = await (choice < 30 ? objects.delete(key) : choice < 40 ? objects.putInParts(key, bytes) : objects.put(key, bytes));
  if (outcome !== "unknown" && dice.chance(0.7)) return;
  // Whether an unanswered one was made can be seen before the next write only; then its event must be there, or must not.
  await place.up();
  await objects.get(key);
}

/** Receives and mostly deletes messages, and reads objects, until it is told to stop. */
export async function read(observer: Observer, place: Place): Promise<void> {
  const queue = new QueueClient(observer, place.queueUrl);
  const objects = new ObjectClient(observer, place.bucket);
  const dice = new Dice(observer.name, place.seed);
  const keys = allKeys(place.writers);
  while (place.running()) {
    await place.up();
    if (dice.chance(place.objects)) await objects.get(dice.pick(keys));
    else await settle(queue, await receive(queue, dice, place), dice);
  }
  observer.close();
}

function receive(queue: QueueClient, dice: Dice, place: Place): Promise<Held[]> {
  const leaves = dice.chance(0.02) ? { leaveAfterMs: dice.below(20) } : {};
  const visibilitySeconds = dice.pick(place.visibilitySeconds);
  return queue.receive({ max: 1 + dice.below(10), visibilitySeconds, waitSeconds: dice.below(2), ...leaves });
}

/** Deletes most, keeps some for longer, gives some back, and forgets some as a worker does that dies. */
async function settle(queue: QueueClient, held: readonly Held[], dice: Dice): Promise<void> {
  if (held.length > 1 && dice.chance(0.5)) return queue.deleteBatch(held);
  for (const message of held) {
    const choice = dice.below(100);
    if (choice < 70) await queue.delete(message);
    else if (choice < 85) await queue.change(message, dice.below(4));
  }
}
