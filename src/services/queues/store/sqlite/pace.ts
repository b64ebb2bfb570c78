import type { EnginePort } from "../../../../storage/sqlite/module.ts";

/** What a piece of work may take: requests that come meanwhile wait for it, and for the fsync of what it wrote. */
const BUDGET_MS = 5;

/** On a machine that is too busy for anything, too, a piece is worth its fsync. */
const ROWS_MIN = 500;
const ROWS_MAX = 16_000;
const ROWS_FIRST = 1000;

/** How many rows the next piece of some work may have, by how long the ones before have taken. */
export class Pace {
  readonly #engine: EnginePort;
  #rows = ROWS_FIRST;

  constructor(engine: EnginePort) {
    this.#engine = engine;
  }

  /** @param piece is told how many rows at most, and says how many there were. @returns whether there may be more. */
  run(piece: (rowsMax: number) => number): boolean {
    const rowsMax = this.#rows;
    const startMs = this.#engine.monotonicMs();
    const rows = piece(rowsMax);
    if (rows < rowsMax) return false;
    const tookMs = this.#engine.monotonicMs() - startMs;
    const affordable = tookMs > 0 ? (rows * BUDGET_MS) / tookMs : rows * 2;
    // One piece alone says little: it may have waited for the disk, or for a processor.
    this.#rows = Math.round(Math.min(Math.max(affordable, rows / 2, ROWS_MIN), rows * 2, ROWS_MAX));
    return true;
  }
}
