import type { Clock } from "../kernel/clock.ts";
import type { Logger, LogFields } from "../kernel/logger.ts";
import { MINUTE_MS } from "../kernel/units.ts";

/** Beyond so many things that lines are about, all are forgotten: memory must not grow with what fails. */
const KEPT_MAX = 1000;

interface Line {
  readonly writtenMs: number;
  heldBack: number;
}

/**
 * Warns once a minute of each thing that goes wrong again and again. The first line is written at once; the next one says
 * how many were held back before it.
 */
export class SparingLog {
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #lines = new Map<string, Line>();

  constructor({ logger, clock }: { logger: Logger; clock: Clock }) {
    this.#logger = logger;
    this.#clock = clock;
  }

  /** @param fields what the line is about: those that differ are others. */
  warn(event: string, fields: LogFields): void {
    const nowMs = this.#clock.monotonicMs();
    const key = `${event} ${JSON.stringify(fields)}`;
    const last = this.#lines.get(key);
    if (last !== undefined && nowMs - last.writtenMs < MINUTE_MS) {
      last.heldBack += 1;
      return;
    }
    if (this.#lines.size >= KEPT_MAX) this.#lines.clear();
    this.#lines.set(key, { writtenMs: nowMs, heldBack: 0 });
    this.#logger.warn(event, last === undefined || last.heldBack === 0 ? fields : { ...fields, heldBack: last.heldBack });
  }
}
