import { JsonReader } from "./json-reader.ts";

/** So many texts of a message are each read once: bodies, of which protocols may have their own, and arrays in attributes. */
const TEXTS_MAX = 4;

/** Reads the texts of a message for all policies that look at it. Good for one message after the other. */
export class FilterReaders {
  /** For texts that are taken as they are. */
  readonly plain = new JsonReader();
  readonly #all: JsonReader[] = [];
  /** How many have read a text of this message. */
  #used = 0;

  /** @returns by whom it was read; undefined: it is no JSON. */
  read(text: string): JsonReader | undefined {
    let at = 0;
    while (at < this.#used && this.#all[at]?.text !== text) at += 1;
    if (at === this.#used && at < TEXTS_MAX) this.#used += 1;
    const reader = (this.#all[Math.min(at, TEXTS_MAX - 1)] ??= new JsonReader());
    return reader.read(text) ? reader : undefined;
  }

  /** The message is done with; its texts are not kept. */
  forget(): void {
    for (const reader of this.#all.slice(0, this.#used)) reader.read("");
    this.#used = 0;
  }
}
