import { assert } from "../../kernel/assert.ts";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../../kernel/units.ts";

/** Milliseconds as a number, or a number with its unit: `"500ms"`, `"60s"`, `"15m"`, `"2h"`. */
export type Duration = number | `${number}${"ms" | "s" | "m" | "h"}`;

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: SECOND_MS, m: MINUTE_MS, h: HOUR_MS };

/**
 * @param name the option that the value came from, for the message.
 * @returns whole milliseconds.
 * @throws {AssertionFailed} when the value is not a duration, or is negative.
 */
export function durationMs(value: Duration, name: string): number {
  const wanted = `${name} must be milliseconds or a text like "60s", not ${JSON.stringify(value)}`;
  if (typeof value === "number") {
    assert(Number.isFinite(value) && value >= 0, wanted);
    return Math.round(value);
  }
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(value);
  const unitMs = match === null ? undefined : UNIT_MS[match[2] ?? ""];
  assert(match !== null && unitMs !== undefined, wanted);
  return Math.round(Number(match[1]) * unitMs);
}
