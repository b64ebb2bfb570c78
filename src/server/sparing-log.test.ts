import assert from "node:assert/strict";
import { test } from "node:test";
import { manualClock } from "../kernel/clock.ts";
import { silentLogger } from "../kernel/logger.ts";
import { SparingLog } from "./sparing-log.ts";

test("of what fails again and again one line is written a minute, which says how many were held back", () => {
  const lines: string[] = [];
  const clock = manualClock();
  const log = new SparingLog({
    logger: { ...silentLogger, warn: (event, fields) => lines.push(`${event} ${JSON.stringify(fields)}`) },
    clock,
  });
  for (const queue of ["a", "a", "b", "a"]) log.warn("refused", { queue });
  assert.deepEqual(lines.splice(0), ['refused {"queue":"a"}', 'refused {"queue":"b"}']);
  clock.advance(59_999);
  log.warn("refused", { queue: "a" });
  assert.deepEqual(lines, []);
  clock.advance(1);
  for (const queue of ["a", "b", "b"]) log.warn("refused", { queue });
  assert.deepEqual(lines.splice(0), ['refused {"queue":"a","heldBack":3}', 'refused {"queue":"b"}']);
  clock.advance(60_000);
  log.warn("refused", { queue: "a" });
  assert.deepEqual(lines, ['refused {"queue":"a"}']);
});

test("what it keeps does not grow with what fails", () => {
  let written = 0;
  const log = new SparingLog({ logger: { ...silentLogger, warn: () => void (written += 1) }, clock: manualClock() });
  for (let queue = 0; queue <= 1000; queue += 1) log.warn("refused", { queue });
  log.warn("refused", { queue: 0 });
  assert.equal(written, 1002, "the first was forgotten");
});
