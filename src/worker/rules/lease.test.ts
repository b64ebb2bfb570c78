import assert from "node:assert/strict";
import { test } from "node:test";
import { HOUR_MS, MINUTE_MS } from "../../kernel/units.ts";
import { beatRetryMs, isLeaseGone, leaseStep, leaseUntilMs, nextBeatMs, type LeaseTimes } from "./lease.ts";

const LEASE_MS = 60_000;
const FRESH: LeaseTimes = { receivedMs: 0, untilMs: leaseUntilMs(0, LEASE_MS), beatMs: nextBeatMs(0, LEASE_MS) };

test("a lease of 60 s: received 0 s → extended 20 s → given up 59 s", () => {
  assert.deepEqual(leaseStep(FRESH, 0, LEASE_MS), { do: "wait", untilMs: 20_000 });
  assert.deepEqual(leaseStep(FRESH, 20_000, LEASE_MS), { do: "extend", visibilityMs: LEASE_MS });
  assert.deepEqual(leaseStep(FRESH, 58_999, LEASE_MS), { do: "extend", visibilityMs: LEASE_MS });
  assert.deepEqual(leaseStep(FRESH, 59_000, LEASE_MS), { do: "end", because: "expired" });
});

test("an extension that is due within a twenty-fourth of the lease is taken along", () => {
  assert.equal(leaseStep(FRESH, 17_499, LEASE_MS).do, "wait");
  assert.equal(leaseStep(FRESH, 17_500, LEASE_MS).do, "extend");
});

test("after a failed extension the next is further off than what is taken along, so it is no hot loop", () => {
  for (const leaseMs of [1000, 3000, LEASE_MS, HOUR_MS]) {
    const lease = { receivedMs: 0, untilMs: leaseMs, beatMs: beatRetryMs(leaseMs / 3, leaseMs) };
    assert.equal(leaseStep(lease, leaseMs / 3, leaseMs).do, "wait", `${leaseMs} ms`);
  }
});

test("a lease of a second is given up a tenth of it early, a long one a second early", () => {
  assert.equal(leaseUntilMs(0, 1000), 900);
  assert.equal(leaseUntilMs(0, HOUR_MS), HOUR_MS - 1000);
});

test("after 11 h 45 m the handler is told, before SQS takes the message back", () => {
  const nowMs = 11 * HOUR_MS + 45 * MINUTE_MS;
  assert.deepEqual(leaseStep({ ...FRESH, untilMs: nowMs + 50_000, beatMs: nowMs }, nowMs, LEASE_MS), { do: "end", because: "exhausted" });
});

test("an extension never reaches beyond 12 hours from the receive", () => {
  const leaseMs = 2 * HOUR_MS;
  const nowMs = 11 * HOUR_MS;
  const step = leaseStep({ receivedMs: 0, untilMs: nowMs + 5 * MINUTE_MS, beatMs: nowMs }, nowMs, leaseMs);
  assert.deepEqual(step, { do: "extend", visibilityMs: 59 * MINUTE_MS });
});

test("near that end nothing is asked that would buy no time", () => {
  const nowMs = 11 * HOUR_MS + 30 * MINUTE_MS;
  const untilMs = 12 * HOUR_MS - 2 * MINUTE_MS;
  const step = leaseStep({ receivedMs: 0, untilMs, beatMs: nowMs }, nowMs, 2 * HOUR_MS);
  assert.deepEqual(step, { do: "extend", visibilityMs: 29 * MINUTE_MS });
  const bought = leaseStep({ receivedMs: 0, untilMs: 12 * HOUR_MS - MINUTE_MS - 1000, beatMs: nowMs }, nowMs, 2 * HOUR_MS);
  assert.deepEqual(bought, { do: "wait", untilMs: 11 * HOUR_MS + 45 * MINUTE_MS });
});

test("a message that SQS says is gone is lost; a denied or throttled extension is a question for the clock", () => {
  const refused = (code: string) => isLeaseGone({ kind: "refused", code, message: "" });
  assert.deepEqual(["InvalidParameterValue", "ReceiptHandleIsInvalid", "QueueDoesNotExist"].map(refused), [true, true, true]);
  assert.equal(refused("UnsupportedOperation"), false);
  assert.equal(isLeaseGone({ kind: "denied", code: "AccessDenied", message: "" }), false);
});
