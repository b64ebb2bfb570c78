import assert from "node:assert/strict";
import { test } from "node:test";
import type { Exchange } from "../world/network.ts";
import { Recorder, type Recorded } from "./recorder.ts";

const ANSWERED: Exchange = {
  arrivedMs: 10,
  settledMs: 20,
  served: { status: 503, headers: {}, body: Buffer.from("The server is stopping. Try again in a moment.") },
  cut: undefined,
  gone: true,
  told: Promise.resolve(undefined),
  settled: Promise.resolve(),
};
const RECEIVED: Recorded = {
  client: "reader 1, doubled",
  expected: [],
  undone: true,
  shape: (timed) => [{ op: "receive", ...timed, visibilityMs: 3000, max: 9, waitMs: 2000, deliveries: [], final: false }],
};

async function outcomeOf(exchange: Partial<Exchange>, recorded: Partial<Recorded> = {}): Promise<string> {
  const recorder = new Recorder(false);
  const whole = { ...ANSWERED, ...exchange };
  recorder.record(whole, { ...RECEIVED, ...recorded });
  await whole.settled;
  const [entry] = recorder.history;
  assert.ok(entry !== undefined && "outcome" in entry);
  return entry.outcome;
}

test("a receive of a caller who had gone, which a server that stops could not take back, may have hidden messages", async () => {
  assert.equal(await outcomeOf({}), "unknown");
});

test("a receive that was refused to a caller who waited for the answer has hidden nothing", async () => {
  assert.equal(await outcomeOf({ gone: false }), "refused");
});

test("a receive that was taken back has hidden nothing", async () => {
  assert.equal(await outcomeOf({ served: { status: 200, headers: {}, body: Buffer.from("{}") } }), "refused");
});

test("a send that was refused is refused, though its caller had gone", async () => {
  assert.equal(await outcomeOf({}, { undone: false }), "refused");
});
