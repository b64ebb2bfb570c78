import { operationAborted, OVERTAKEN } from "../../rules/errors.ts";

/** Keys whose last change is remembered; of all others no more is known than how late it was at the latest. */
const KEYS_MAX = 10_000;

/**
 * The numbers of changes that are told of, as they are committed. Each thread of a server numbers a change before it hands
 * it over, so that one with a higher number may overtake it on its way here. It is in memory alone: what was on its way is
 * gone with the process.
 */
export class Sequence {
  readonly #lasts = new Map<string, bigint>();
  readonly #keysMax: number;
  /** The highest number of any key that is not remembered. */
  #forgotten = 0n;

  constructor(keysMax: number = KEYS_MAX) {
    this.#keysMax = keysMax;
  }

  /** @throws {ServiceError} OperationAborted: a change of that key with a higher number was here, or may have been. */
  check({ bucketId, changes }: { bucketId: number; changes: readonly { key: string; sequencer: string }[] }): void {
    for (const { key, sequencer } of changes) {
      const name = `${bucketId}/${key}`;
      const number = BigInt(sequencer);
      // The same number is the same unit: it is run again when another one spoils its group.
      if (number < (this.#lasts.get(name) ?? this.#forgotten)) throw operationAborted(OVERTAKEN);
      this.#lasts.delete(name); // So that the first of the map is the one that has been there longest.
      this.#lasts.set(name, number);
      if (this.#lasts.size > this.#keysMax) this.#forgetOldest();
    }
  }

  #forgetOldest(): void {
    const [oldest] = this.#lasts;
    if (oldest === undefined) return;
    const [name, number] = oldest;
    this.#lasts.delete(name);
    if (number > this.#forgotten) this.#forgotten = number;
  }
}
