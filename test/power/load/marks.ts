import { openSync, writeSync } from "node:fs";

/** What the process that is recorded says about itself, each as one line in one write of its own. */
export type MarkText =
  /** From here on power is cut. */
  | { readonly mark: "begin" }
  /** A unit of that number was handed to the engine. Numbers count from 1. */
  | { readonly mark: "asked"; readonly unit: number }
  /** It was answered: all up to it must be there from now on. */
  | { readonly mark: "answered"; readonly unit: number }
  /** Somebody was told that a backup was made; that an older one is to be removed. */
  | { readonly mark: "backed up" | "given up"; readonly id: string };

export class Marks {
  readonly #descriptor: number;

  constructor(path: string) {
    this.#descriptor = openSync(path, "a");
  }

  note(mark: MarkText): void {
    writeSync(this.#descriptor, `${JSON.stringify(mark)}\n`);
  }
}
