import assert from "node:assert/strict";
import { test } from "node:test";
import { HOUR_MS, MINUTE_MS } from "../kernel/units.ts";
import { Bench, held, networkError, QUEUE, serviceError, turn } from "./scripted-sqs.suite.ts";

const OUT = QUEUE.replace("jobs", "out");

/** A handler that runs until the test or its signal ends it, and keeps the reason. */
function longJob() {
  const gate = held();
  const reasons: string[] = [];
  const run = async (_: unknown, ctx: { signal: AbortSignal }) => {
    ctx.signal.addEventListener("abort", () => {
      reasons.push((ctx.signal.reason as Error).name);
      gate.fail(ctx.signal.reason as Error);
    });
    await gate.promise;
  };
  return { gate, reasons, run };
}

test("a lease of 60 s is extended at 20 s, 40 s, … for as long as the handler runs, and then no more", async () => {
  const bench = new Bench();
  bench.sqs.add(1);
  const { gate, run } = longJob();
  const worker = bench.start({ run });
  await bench.pass(110_000, 500);
  const beats = bench.sqs.made("ChangeMessageVisibilityBatch");
  assert.deepEqual(
    beats.map((call) => call.what[0]),
    ["1=60", "1=60", "1=60", "1=60", "1=60"],
  );
  for (const [index, beat] of beats.entries()) assert.ok(Math.abs(beat.atMs - (index + 1) * 20_000) <= 500 * (index + 1));
  gate.done();
  await bench.pass(60_000, 500);
  assert.equal(bench.sqs.made("ChangeMessageVisibilityBatch").length, beats.length);
  assert.deepEqual(bench.told, ["succeeded m1"]);
  await bench.stop(worker);
});

test("the extensions of all slots share requests", async () => {
  const bench = new Bench();
  for (let n = 0; n < 12; n += 1) bench.sqs.add(n);
  const { gate, run } = longJob();
  const worker = bench.start({ run, concurrency: 12 });
  await bench.pass(21_000, 500);
  assert.deepEqual(
    bench.sqs.made("ChangeMessageVisibilityBatch").map((call) => call.what.length),
    [10, 2],
  );
  gate.done();
  await bench.stop(worker);
});

test("an extension that is refused → the handler is aborted with LeaseLost, its outputs are discarded, nothing is deleted", async () => {
  const bench = new Bench();
  bench.sqs.add(1);
  const reasons: unknown[] = [];
  const worker = bench.start({
    outputs: { out: OUT },
    run: async (_, ctx) => {
      ctx.emit("out", 1);
      await new Promise<void>((resolve) => ctx.signal.addEventListener("abort", () => resolve()));
      reasons.push((ctx.signal.reason as Error).name);
      assert.throws(() => ctx.emit("out", 2), { name: "LeaseLost" });
      // It resolves all the same: it is too late for that to count.
    },
  });
  await bench.pass(1000);
  bench.sqs.onEntry = (action) =>
    action === "ChangeMessageVisibilityBatch"
      ? { kind: "refused", code: "InvalidParameterValue", message: "handle has expired" }
      : undefined;
  await bench.pass(20_000, 500);
  assert.deepEqual(reasons, ["LeaseLost"]);
  assert.deepEqual(bench.told, ["lease-lost m1"]);
  assert.deepEqual([bench.sqs.sent, bench.sqs.made("DeleteMessageBatch")], [[], []]);
  assert.equal(bench.sqs.made("ChangeMessageVisibilityBatch").length, 1, "a message that is not ours is not returned either");
  await bench.stop(worker);
});

test("a handler that ignores the loss of its message is not waited for, but keeps its slot", async () => {
  const bench = new Bench();
  bench.sqs.add(1);
  const gate = held();
  const worker = bench.start({ run: async () => await gate.promise, concurrency: 1 });
  await bench.pass(1000);
  bench.sqs.onEntry = () => ({ kind: "refused", code: "ReceiptHandleIsInvalid", message: "gone" });
  await bench.pass(20_000, 500);
  assert.deepEqual(bench.told, ["lease-lost m1"]);
  bench.sqs.takeBack();
  await bench.pass(1000);
  assert.equal(bench.sqs.made("ReceiveMessage").length, 1);
  bench.sqs.onEntry = () => undefined;
  gate.done();
  await bench.pass(1000);
  assert.deepEqual(bench.told, ["lease-lost m1", "succeeded m1"]);
  await bench.stop(worker);
});

test("a server that does not answer extensions: they are tried again, and before the lease ends the handler is aborted", async () => {
  const bench = new Bench();
  bench.sqs.add(1);
  const { reasons, run } = longJob();
  const worker = bench.start({ run });
  await bench.pass(1000);
  bench.sqs.onCall = () => networkError();
  await bench.pass(57_500, 250);
  assert.deepEqual(reasons, [], "at 58.5 s");
  await bench.pass(1000, 250);
  assert.deepEqual([reasons, bench.told], [["LeaseLost"], ["lease-lost m1"]], "at 59.5 s");
  const beats = bench.sqs.made("ChangeMessageVisibilityBatch").length;
  assert.ok(beats >= 5 && beats <= 10, `${beats} extensions tried`);
  await bench.stop(worker);
});

test("a server that is back within the lease costs nothing", async () => {
  const bench = new Bench();
  bench.sqs.add(1);
  const { gate, reasons, run } = longJob();
  const worker = bench.start({ run });
  await bench.pass(1000);
  bench.sqs.onCall = () => networkError();
  await bench.pass(40_000, 250);
  bench.sqs.onCall = () => undefined;
  await bench.pass(60_000, 250);
  gate.done();
  await bench.pass(100);
  assert.deepEqual([reasons, bench.told, bench.sqs.left()], [[], ["succeeded m1"], []]);
  await bench.stop(worker);
});

test("denied extensions are left to the clock: permissions may come back before the lease ends", async () => {
  const bench = new Bench();
  bench.sqs.add(1);
  const { reasons, run } = longJob();
  const worker = bench.start({ run });
  await bench.pass(1000);
  bench.sqs.onCall = (call) => (call.action === "ChangeMessageVisibilityBatch" ? serviceError("AccessDenied", 403) : undefined);
  await bench.pass(50_000, 250);
  assert.deepEqual(reasons, []);
  await bench.pass(10_000, 250);
  assert.deepEqual(reasons, ["LeaseLost"]);
  await bench.stop(worker);
});

test("a thread that was blocked past its lease neither publishes nor deletes, though no timer has run", async () => {
  const bench = new Bench();
  bench.sqs.add(1);
  const worker = bench.start({
    outputs: { out: OUT },
    run: async (_, ctx) => {
      if (ctx.receiveCount > 1) return;
      ctx.emit("out", 1);
      await Promise.resolve();
      // As if the thread had computed for two minutes; the clock's own timers fire after this turn.
      bench.clock.nowMs = () => 120_000;
      bench.clock.monotonicMs = () => 120_000;
    },
  });
  await bench.pass(100);
  // A receive was open all the time; what it brings now may have been handed out at any moment of the two minutes.
  assert.deepEqual(bench.told, ["lease-lost m1", "lease-lost m1"], "the second is another receive");
  assert.deepEqual([bench.sqs.sent, bench.sqs.made("DeleteMessageBatch").length], [[], 0]);
  void worker.stop({ grace: 0 });
});

test("a send that was decided on before another handler blocked the thread is not sent after it", async () => {
  const bench = new Bench();
  bench.sqs.add(1);
  bench.sqs.add(2);
  bench.start({
    concurrency: 2,
    outputs: { out: OUT },
    run: async (_, ctx) => {
      if (ctx.receiveCount > 1) return;
      if (ctx.id === "m1") return ctx.emit("out", 1);
      // Late enough for the first message to be on its way out, and still in the turn of the event loop that both came with.
      for (let passed = 0; passed < 100; passed += 1) await Promise.resolve();
      bench.clock.nowMs = () => 120_000;
      bench.clock.monotonicMs = () => 120_000;
    },
  });
  await bench.pass(100);
  assert.deepEqual(bench.sqs.sent, []);
  assert.ok(bench.told.includes("lease-lost m1"), String(bench.told));
});

test("a delete that was decided on before the process stood still is not sent after it", async () => {
  const bench = new Bench();
  bench.sqs.add(1);
  bench.start({ run: () => {}, concurrency: 1 });
  await turn();
  // The handler has resolved, and its delete waits for company. Then two minutes pass unseen.
  assert.deepEqual([bench.told, bench.sqs.made("DeleteMessageBatch").length], [[], 0]);
  bench.clock.nowMs = () => 120_000;
  bench.clock.monotonicMs = () => 120_000;
  bench.clock.advance(50);
  await turn();
  assert.deepEqual([bench.told[0], bench.sqs.made("DeleteMessageBatch").length], ["lease-lost m1", 0]);
});

test("after 11 h 45 m the handler is aborted with LeaseExhausted, and the message comes back as after a failure", async () => {
  const bench = new Bench();
  bench.sqs.add(1);
  const { reasons, run } = longJob();
  const worker = bench.start({ run, lease: "10m" });
  await bench.pass(11 * HOUR_MS + 44 * MINUTE_MS, MINUTE_MS);
  assert.deepEqual(reasons, []);
  await bench.pass(2 * MINUTE_MS, 1000);
  assert.deepEqual(reasons, ["LeaseExhausted"]);
  assert.equal(bench.told[0], "retried m1");
  const ofFirstReceive = bench.sqs.made("ChangeMessageVisibilityBatch").filter((call) => call.atMs <= 11 * HOUR_MS + 45 * MINUTE_MS + 100);
  const reach = ofFirstReceive.map((call) => call.atMs + Number(call.what[0]?.split("=")[1]) * 1000);
  assert.ok(Math.max(...reach) < 12 * HOUR_MS, "no extension beyond SQS's 12 hours");
  await bench.stop(worker);
});

test("an attempt that takes longer than the timeout is aborted with TimedOut and comes back", async () => {
  const bench = new Bench();
  bench.sqs.add(1);
  const { reasons, run } = longJob();
  const worker = bench.start({ run, timeout: "5s", backoff: { baseMs: 600_000, capMs: 600_000 } });
  await bench.pass(4900, 100);
  assert.deepEqual(reasons, []);
  await bench.pass(200, 100);
  assert.deepEqual([reasons, bench.told], [["TimedOut"], ["retried m1"]]);
  await bench.stop(worker);
});

test("a handler that ignores its timeout loses its message after 3 s, and keeps its slot until it returns", async () => {
  const bench = new Bench();
  for (let n = 1; n <= 2; n += 1) bench.sqs.add(n);
  const gate = held();
  const begun: unknown[] = [];
  const run = async (message: unknown) => {
    begun.push(message);
    if (message === 1) await gate.promise;
  };
  const worker = bench.start({ run, concurrency: 1, timeout: "5s", backoff: { baseMs: 600_000, capMs: 600_000 } });
  await bench.pass(9000, 100);
  assert.deepEqual([begun, bench.told], [[1], ["retried m1"]]);
  gate.done();
  await bench.pass(1000, 100);
  assert.deepEqual(
    [begun, bench.told],
    [
      [1, 2],
      ["retried m1", "succeeded m2"],
    ],
  );
  await bench.stop(worker);
});

test("no extension follows the return of a message: it would hold it back in another worker's name", async () => {
  const bench = new Bench();
  bench.sqs.add(1);
  const gate = held();
  const answer = held();
  const run = async (_: unknown, ctx: { receiveCount: number }) => {
    await gate.promise;
    if (ctx.receiveCount === 1) throw new Error("boom");
  };
  const worker = bench.start({ run, backoff: { baseMs: 600_000, capMs: 600_000 } });
  await bench.pass(19_000, 500);
  bench.sqs.gate = async (action) => await (action === "ChangeMessageVisibilityBatch" ? answer.promise : undefined);
  await bench.pass(1500, 500);
  gate.done();
  await bench.pass(1000, 500);
  assert.deepEqual(
    bench.sqs.made("ChangeMessageVisibilityBatch").map((call) => call.what[0]),
    ["1=60"],
    "the return waits for the extension",
  );
  answer.done();
  await bench.pass(30_000, 500);
  const [, back, ...more] = bench.sqs.made("ChangeMessageVisibilityBatch").map((call) => Number(call.what[0]?.split("=")[1]));
  assert.ok(back !== undefined && back <= 600);
  assert.deepEqual(more, []);
  await bench.stop(worker);
});
