import { Cron } from "croner";

/** The first moment after this one when something is due, in epoch milliseconds; `undefined` if never. */
export type NextTime = (afterMs: number) => number | undefined;

/**
 * When a schedule is due.
 * @param expression five fields: minute, hour, day of the month, month, day of the week.
 * @param timeZone a name of the IANA database, such as `Europe/Berlin`.
 * @throws {Error} the expression or the time zone cannot be read.
 */
export function cronTimes(expression: string, timeZone: string): NextTime {
  // Only asked for times: without a function it starts no timer of its own.
  const pattern = new Cron(expression, { timezone: timeZone, mode: "5-part" });
  // A time zone is looked at when the first time is asked for.
  pattern.nextRun(new Date(0));
  return (afterMs) => pattern.nextRun(new Date(afterMs))?.getTime();
}
