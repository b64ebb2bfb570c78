import type { Clock } from "./clock.ts";

export type LogLevel = "debug" | "info" | "warn" | "error";

/** A value that may stand in a log line. Bodies, credentials and signatures never do. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** Structured lines for a person at night: one event, one line, its fields named. */
export interface Logger {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}

const RANK: Record<LogLevel, number> = { debug: 0, info: 1, warn: 2, error: 3 };

/** Writes one JSON object a line to standard error; JSON escapes control characters, so no input can forge a line. */
export function jsonLogger(clock: Clock, level: LogLevel): Logger {
  return loggerInto(level, (at, event, fields) => {
    process.stderr.write(`${JSON.stringify({ time: new Date(clock.nowMs()).toISOString(), level: at, event, ...fields })}\n`);
  });
}

/** Hands over what is of that level or above: a thread's lines are written by another one. */
export function loggerInto(level: LogLevel, take: (level: LogLevel, event: string, fields: LogFields | undefined) => void): Logger {
  const write = (at: LogLevel) => (event: string, fields?: LogFields) => {
    if (RANK[at] >= RANK[level]) take(at, event, fields);
  };
  return { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };
}

export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} };
