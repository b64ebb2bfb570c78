import { logHeld, storageFull } from "./failures.ts";
import type { Figures } from "./figures.ts";

/** Why the engine takes nothing more in for a while: no space on the disk; a log that cannot be shortened. */
export type Refusal = "space" | "log";

const FIGURE: Readonly<Record<Refusal, string>> = { space: "storage.space_short", log: "storage.log_held" };

/**
 * Whether operations that store more are taken. They are refused, to be tried again, while the disk has no space or while
 * the write-ahead log cannot be shortened; all that reads, hides and deletes goes on.
 */
export class Admission {
  readonly #refusals = new Set<Refusal>();
  readonly #figures: Figures;
  /** Operations that store more, by name. */
  readonly #growing = new Set<string>();
  /** Nothing at all is taken: not even a delete could be written. */
  closed = false;

  constructor(figures: Figures) {
    this.#figures = figures;
    this.admit("space");
    this.admit("log");
  }

  /** This operation stores more. */
  grows(operation: string): void {
    this.#growing.add(operation);
  }

  refuse(refusal: Refusal): void {
    this.#refusals.add(refusal);
    this.#figures.set(FIGURE[refusal], 1);
  }

  admit(refusal: Refusal): void {
    this.#refusals.delete(refusal);
    this.#figures.set(FIGURE[refusal], 0);
  }

  refuses(refusal: Refusal): boolean {
    return this.#refusals.has(refusal);
  }

  /** @throws {ServiceError} ServiceUnavailable */
  check(operation: string): void {
    if (this.#refusals.size === 0 || !this.#growing.has(operation)) return;
    throw this.#refusals.has("space") ? storageFull() : logHeld();
  }
}
