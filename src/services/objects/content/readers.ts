/**
 * Who is reading blobs right now, so that none is removed under a reader.
 *
 * A reader enters before it asks the store which blobs an object has, and then names them. Blobs that the store calls
 * garbage can be removed once every reader who had entered before has named what it reads, and none names these: whoever
 * enters later cannot be told of them any more.
 */
export class Readers {
  readonly #nameless = new Set<Reader>();
  readonly #held = new Map<string, number>();

  enter(): Reader {
    const reader = new Reader({
      onNamed: (reader, blobs) => {
        this.#nameless.delete(reader);
        for (const blob of blobs) this.#held.set(blob, (this.#held.get(blob) ?? 0) + 1);
      },
      onLeft: (reader, blobs) => {
        this.#nameless.delete(reader);
        for (const blob of blobs) this.#letGo(blob);
      },
    });
    this.#nameless.add(reader);
    return reader;
  }

  /**
   * Those of the blobs that somebody reads, once all that have entered so far have named theirs or left. If nothing refers
   * to a blob any more, it is never read again after it was not held once.
   */
  async heldOf(blobs: readonly string[]): Promise<string[]> {
    await Promise.all(Array.from(this.#nameless, (reader) => reader.named));
    return blobs.filter((blob) => this.#held.has(blob));
  }

  #letGo(blob: string): void {
    const count = this.#held.get(blob) ?? 0;
    if (count > 1) this.#held.set(blob, count - 1);
    else this.#held.delete(blob);
  }
}

interface ReaderEvents {
  onNamed(this: void, reader: Reader, blobs: readonly string[]): void;
  onLeft(this: void, reader: Reader, blobs: readonly string[]): void;
}

export class Reader {
  /** Resolves when it has named its blobs, or left. */
  readonly named: Promise<void>;
  readonly #events: ReaderEvents;
  readonly #resolveNamed: () => void;
  #blobs: readonly string[] = [];
  #left = false;

  constructor(events: ReaderEvents) {
    this.#events = events;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.named = promise;
    this.#resolveNamed = resolve;
  }

  /** From now on these blobs stay, until it leaves. */
  name(blobs: readonly string[]): void {
    if (this.#left) return;
    this.#events.onNamed(this, blobs);
    this.#blobs = [...this.#blobs, ...blobs];
    this.#resolveNamed();
  }

  /** Any number of times. */
  leave(): void {
    if (this.#left) return;
    this.#left = true;
    this.#events.onLeft(this, this.#blobs);
    this.#resolveNamed();
  }
}
