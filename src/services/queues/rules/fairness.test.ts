import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../../../kernel/units.ts";
import { processingBy, quietAgainMs, takesTooMuch, type Processing } from "./fairness.ts";

const inFlight = (tenant: number, queue: number) =>
  takesTooMuch({ inFlight: tenant, processingMs: 0 }, { inFlight: queue, processingMs: 0 });
const processing = (tenant: number, queue: number) =>
  takesTooMuch({ inFlight: 1, processingMs: tenant }, { inFlight: 100, processingMs: queue });

describe("a noisy tenant", () => {
  test("has at least 30 messages in flight, and more than a tenth of the queue's", () => {
    assert.deepEqual([inFlight(29, 29), inFlight(30, 30), inFlight(30, 299), inFlight(30, 300)], [false, true, true, false]);
  });

  test("or has used more than a tenth of the recent processing time, and half a minute of it", () => {
    const s = SECOND_MS;
    assert.deepEqual([processing(29 * s, 29 * s), processing(30 * s, 30 * s)], [false, true]);
    assert.deepEqual([processing(31 * s, 309 * s), processing(31 * s, 310 * s)], [true, false]);
  });

  test("is quiet again five minutes after it sent last", () => {
    assert.equal(quietAgainMs(1000), 301_000);
  });
});

describe("recent processing time", () => {
  const after = (ms: number, messages: number, before: Processing = { ms: 0, atMs: 0 }) => processingBy(before.atMs + ms, before, messages);

  test("grows with each message in flight and each second", () => {
    const one = after(SECOND_MS, 1);
    assert.ok(Math.abs(one.ms - SECOND_MS) < 5, `${one.ms}`);
    assert.ok(Math.abs(after(SECOND_MS, 20).ms - 20 * one.ms) < 1e-6);
  });

  test("is the same whether it is looked at in between or not", () => {
    const once = after(MINUTE_MS, 7);
    const often = [10, 20, 30].reduce((before, s) => after(s * SECOND_MS, 7, before), { ms: 0, atMs: 0 } as Processing);
    assert.ok(Math.abs(once.ms - often.ms) < 1e-6);
  });

  test("fades when nothing is in flight, and never exceeds five minutes a message", () => {
    const full = after(12 * HOUR_MS, 1);
    assert.ok(full.ms <= 5 * MINUTE_MS && full.ms > 5 * MINUTE_MS - 1);
    const faded = after(5 * MINUTE_MS, 0, full);
    assert.ok(faded.ms > full.ms / 3 && faded.ms < full.ms / 2);
    assert.ok(after(HOUR_MS, 0, full).ms < 10);
  });

  test("does not change when no time has passed", () => {
    const before = { ms: 5, atMs: 10 };
    assert.equal(processingBy(10, before, 100), before);
  });
});
