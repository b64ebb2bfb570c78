/** Looks things up in a sequence that ascends, by keys that ascend, so that neither is ever in memory as a whole. */
export class InOrder<T> {
  readonly #items: AsyncIterator<T>;
  readonly #keyOf: (item: T) => string;
  #next: IteratorResult<T> | undefined;

  constructor(items: AsyncIterable<T>, keyOf: (item: T) => string) {
    this.#items = items[Symbol.asyncIterator]();
    this.#keyOf = keyOf;
  }

  /** The item of this key; keys that are smaller are passed over for good. */
  async find(key: string): Promise<T | undefined> {
    this.#next ??= await this.#items.next();
    while (this.#next.done !== true && this.#keyOf(this.#next.value) < key) this.#next = await this.#items.next();
    if (this.#next.done === true || this.#keyOf(this.#next.value) !== key) return undefined;
    return this.#next.value;
  }

  async close(): Promise<void> {
    await this.#items.return?.();
  }
}

/** Items of pages, one by one. */
export async function* flat<T>(pages: AsyncIterable<readonly T[]>): AsyncIterable<T> {
  for await (const page of pages) yield* page;
}
