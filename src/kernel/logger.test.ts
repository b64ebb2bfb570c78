import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { manualClock } from "./clock.ts";
import { jsonLogger, silentLogger, type LogLevel } from "./logger.ts";

const NOON = Date.UTC(2026, 0, 1, 12);

function linesOf(t: TestContext, level: LogLevel, write: (logger: ReturnType<typeof jsonLogger>) => void): string[] {
  const lines: string[] = [];
  const mocked = t.mock.method(process.stderr, "write", (text: string) => lines.push(text) > 0);
  write(jsonLogger(manualClock(NOON), level));
  mocked.mock.restore();
  return lines;
}

test("a line is one JSON object with its time, level, event and fields", (t) => {
  const lines = linesOf(t, "info", (logger) => logger.info("listening", { port: 4566, path: undefined }));
  assert.deepEqual(lines, ['{"time":"2026-01-01T12:00:00.000Z","level":"info","event":"listening","port":4566}\n']);
});

test("no input can forge a line", (t) => {
  const lines = linesOf(t, "info", (logger) => logger.warn("refused", { name: 'a\n{"level":"error"}\r\u2028' }));
  assert.equal(lines.length, 1);
  assert.equal(lines[0]!.indexOf("\n"), lines[0]!.length - 1);
});

test("what is below the level is not written", (t) => {
  const all = (logger: ReturnType<typeof jsonLogger>) => {
    for (const level of ["debug", "info", "warn", "error"] as const) logger[level](level);
  };
  const events = (lines: string[]) => lines.map((line) => (JSON.parse(line) as { event: string }).event);
  assert.deepEqual(events(linesOf(t, "debug", all)), ["debug", "info", "warn", "error"]);
  assert.deepEqual(events(linesOf(t, "warn", all)), ["warn", "error"]);
  assert.deepEqual(events(linesOf(t, "error", all)), ["error"]);
});

test("a silent logger writes nothing", (t) => {
  const mocked = t.mock.method(process.stderr, "write", () => true);
  silentLogger.error("anything");
  assert.equal(mocked.mock.callCount(), 0);
  mocked.mock.restore();
});
