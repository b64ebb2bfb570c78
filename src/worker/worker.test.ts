import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { RetryLater, Reject } from "./verdicts.ts";
import { Bench, held, QUEUE, turn } from "./scripted-sqs.suite.ts";

const DLQ = "http://127.0.0.1:4566/000000000000/jobs-dlq";
const OUT = "http://127.0.0.1:4566/000000000000/done";

/** Handlers by message, each ended by the test. */
function gates() {
  const open = new Map<string, ReturnType<typeof held>>();
  const running: string[] = [];
  const run = async (message: unknown) => {
    const gate = held();
    open.set(String(message), gate);
    running.push(String(message));
    await gate.promise;
    running.splice(running.indexOf(String(message)), 1);
  };
  return { run, running, end: (name: string) => open.get(name)!.done() };
}

test("a handler that resolves → its message is deleted", async () => {
  const bench = new Bench();
  bench.sqs.add({ photo: "p1" });
  const seen: unknown[] = [];
  const worker = bench.start({ run: (message, ctx) => seen.push([message, ctx.id, ctx.receiveCount, ctx.sentAt?.getTime()]) });
  await bench.pass(60);
  assert.deepEqual(seen, [[{ photo: "p1" }, "m1", 1, 0]]);
  assert.deepEqual(bench.sqs.left(), []);
  assert.deepEqual(bench.told, ["succeeded m1"]);
  await bench.stop(worker);
});

test("a handler that throws → back after a delay that grows, and done at the third receive", async () => {
  const bench = new Bench();
  bench.sqs.add(1);
  const receives: [number, number][] = [];
  const worker = bench.start({
    run: (_, ctx) => {
      receives.push([ctx.receiveCount, bench.clock.nowMs()]);
      if (ctx.receiveCount < 3) throw new Error("not yet");
    },
  });
  await bench.pass(10_000);
  assert.deepEqual(bench.told, ["retried m1", "retried m1", "succeeded m1"]);
  const asked = bench.sqs.made("ChangeMessageVisibilityBatch").map((call) => Number(call.what[0]?.split("=")[1]));
  assert.ok(asked[0]! <= 2 && asked[1]! <= 4, String(asked));
  for (const [index, seconds] of asked.entries()) assert.ok(receives[index + 1]![1] - receives[index]![1] >= seconds * 1000);
  await bench.stop(worker);
});

test("RetryLater → back after just that", async () => {
  const bench = new Bench();
  bench.sqs.add("1");
  const worker = bench.start({
    run: () => {
      throw new RetryLater("10m");
    },
  });
  await bench.pass(100);
  assert.deepEqual(bench.sqs.made("ChangeMessageVisibilityBatch")[0]?.what, ["1=600"]);
  await bench.stop(worker);
});

test("Reject → in the dead-letter queue with its reason, and only then deleted", async () => {
  const bench = new Bench();
  bench.sqs.add("1", { attributes: { a: { type: "String", value: "x" } } });
  const run = () => {
    throw new Reject("not a jpeg");
  };
  const worker = bench.start({ run, deadLetterQueue: DLQ });
  await bench.pass(100);
  assert.deepEqual(bench.told, ["rejected m1", "dead m1"]);
  const [{ queueUrl, message } = assert.fail()] = bench.sqs.sent;
  assert.equal(queueUrl, DLQ);
  assert.equal(message.body, "1");
  assert.equal(message.attributes["a"]?.value, "x");
  assert.match(String(message.attributes["Millrace.DeadLetter"]?.value), /"cause":"rejected".*"reason":"not a jpeg"/);
  const order = bench.sqs.calls.map((call) => call.action).filter((action) => action !== "ReceiveMessage");
  assert.deepEqual(order, ["SendMessageBatch", "DeleteMessageBatch"]);
  await bench.stop(worker);
});

test("a body that does not fit the schema never reaches the handler, and dies with its issues", async () => {
  const bench = new Bench();
  bench.sqs.add({ width: "wide", tags: [1] });
  bench.sqs.add("~ not json");
  let runs = 0;
  const input = z.object({ width: z.number(), tags: z.array(z.string()) });
  const worker = bench.start({ input, run: () => (runs += 1), deadLetterQueue: DLQ });
  await bench.pass(100);
  assert.equal(runs, 0);
  const letters = bench.sqs.sent.map(({ message }) => message).toSorted((a, b) => (a.body < b.body ? 1 : -1));
  const [broken, misfit] = letters.map((letter) => JSON.parse(String(letter.attributes["Millrace.DeadLetter"]?.value)));
  assert.deepEqual(
    misfit.issues.map((issue: { path: string }) => issue.path),
    ["width", "tags.0"],
  );
  assert.match(broken.issues[0].message, /cannot be parsed/);
  assert.deepEqual(bench.sqs.left(), []);
  await bench.stop(worker);
});

test("what a schema makes of a body is what the handler gets", async () => {
  const bench = new Bench();
  bench.sqs.add({ at: "2026-01-02T03:04:05Z" });
  const seen: number[] = [];
  const input = z.object({ at: z.iso.datetime().transform((text) => new Date(text)) });
  const worker = bench.start({ input, run: (message) => seen.push(message.at.getUTCFullYear()) });
  await bench.pass(100);
  assert.deepEqual(seen, [2026]);
  await bench.stop(worker);
});

test("a message that was received more often than allowed goes to the dead without a run: it may be what ends workers", async () => {
  const bench = new Bench();
  bench.sqs.add("1", { receiveCount: 5 });
  let runs = 0;
  const worker = bench.start({ run: () => (runs += 1), deadLetterQueue: DLQ, maxReceives: 5 });
  await bench.pass(100);
  assert.equal(runs, 0);
  assert.deepEqual(bench.told, ["dead m1"]);
  await bench.stop(worker);
});

test("with no dead-letter queue a dead message is logged as an error and comes back after the cap", async () => {
  const bench = new Bench();
  bench.sqs.add("1", { receiveCount: 4 });
  const run = () => {
    throw new Error("always");
  };
  const worker = bench.start({ run });
  await bench.pass(100);
  assert.deepEqual(bench.sqs.made("ChangeMessageVisibilityBatch")[0]?.what, ["1=900"]);
  assert.deepEqual([bench.told, bench.log.count("message dead"), bench.sqs.left()], [["dead m1"], 1, ["1"]]);
  await bench.stop(worker);
});

test("with no dead-letter queue a dead message is deleted only where that was asked for", async () => {
  const bench = new Bench();
  bench.sqs.add("1", { receiveCount: 4 });
  const run = () => {
    throw new Error("always");
  };
  const worker = bench.start({ run, withoutDeadLetterQueue: "delete" });
  await bench.pass(100);
  assert.deepEqual([bench.told, bench.sqs.left()], [["dead m1"], []]);
  await bench.stop(worker);
});

test("a slot that becomes free is filled at once: a slow neighbour holds nobody back", async () => {
  const bench = new Bench();
  const { run, running, end } = gates();
  for (let n = 1; n <= 5; n += 1) bench.sqs.add(`${n}`);
  const worker = bench.start({ run, body: "text", concurrency: 3 });
  await turn();
  assert.deepEqual(running, ["1", "2", "3"]);
  end("2");
  await turn();
  assert.deepEqual(running, ["1", "3", "4"], "while 1 and 3 still run, and without waiting for the delete of 2");
  end("4");
  await turn();
  assert.deepEqual(running, ["1", "3", "5"]);
  for (const name of ["1", "3", "5"]) end(name);
  await bench.pass(100);
  assert.deepEqual(bench.sqs.left(), []);
  await bench.stop(worker);
});

test("thirty slots are filled by several receives in flight, and never more handlers than slots run", async () => {
  const bench = new Bench();
  const { run, running } = gates();
  for (let n = 1; n <= 40; n += 1) bench.sqs.add(`${n}`);
  const worker = bench.start({ run, body: "text", concurrency: 30 });
  await turn();
  assert.equal(running.length, 30);
  assert.ok(bench.sqs.made("ReceiveMessage").every((call) => Number(call.what[0]) <= 10));
  await bench.stop(worker);
});

test("an idle queue is asked by one long poll at a time", async () => {
  const bench = new Bench();
  const worker = bench.start({ run: () => {}, concurrency: 100 });
  await bench.pass(60_000);
  assert.equal(worker.stats().receivesInFlight, 1);
  assert.ok(bench.sqs.made("ReceiveMessage").length <= 4);
  await bench.stop(worker);
});

test("ten deletes share a request, and fewer wait 50 ms for company", async () => {
  const bench = new Bench();
  for (let n = 1; n <= 13; n += 1) bench.sqs.add(n);
  const worker = bench.start({ run: () => {}, concurrency: 20 });
  await turn();
  assert.deepEqual(
    bench.sqs.made("DeleteMessageBatch").map((call) => call.what.length),
    [10],
  );
  await bench.pass(50);
  assert.deepEqual(
    bench.sqs.made("DeleteMessageBatch").map((call) => call.what.length),
    [10, 3],
  );
  await bench.stop(worker);
});

test("of a FIFO queue, a group runs in order; after a failure the rest of it goes back and other groups go on", async () => {
  const bench = new Bench();
  for (const [body, groupId] of [
    ["a1", "a"],
    ["a2", "a"],
    ["a3", "a"],
    ["b1", "b"],
    ["b2", "b"],
  ])
    bench.sqs.add(body, { groupId: groupId! });
  const begun: string[] = [];
  const run = (message: unknown) => {
    begun.push(String(message));
    if (message === "a2") throw new Error("boom");
  };
  const worker = bench.start({ run, body: "text", backoff: { baseMs: 60_000, capMs: 60_000 } }, `${QUEUE}.fifo`);
  await turn();
  assert.deepEqual(begun.toSorted(), ["a1", "a2", "b1", "b2"]);
  assert.ok(begun.indexOf("a1") < begun.indexOf("a2") && begun.indexOf("b1") < begun.indexOf("b2"));
  await bench.pass(60, 10);
  const returned = bench.sqs.made("ChangeMessageVisibilityBatch").flatMap((call) => call.what);
  assert.ok(returned.includes("a3=0"), String(returned));
  await bench.stop(worker);
});

test("progress is told, and shown while the handler runs", async () => {
  const bench = new Bench();
  bench.sqs.add(1);
  const gate = held();
  const told: unknown[] = [];
  const worker = bench.start({
    run: async (_, ctx) => {
      ctx.progress(0.5, "decoded");
      await gate.promise;
    },
  });
  worker.on("progress", ({ fraction, text }) => told.push([fraction, text]));
  await bench.pass(2000);
  assert.deepEqual(told, [[0.5, "decoded"]]);
  assert.deepEqual(worker.stats().running, [{ id: "m1", receiveCount: 1, runningMs: 2000, progress: 0.5, progressText: "decoded" }]);
  gate.done();
  await bench.pass(100);
  assert.deepEqual(worker.stats().running, []);
  assert.equal(worker.stats().counts.succeeded, 1);
  await bench.stop(worker);
});

test("a listener that throws is logged and harms nothing", async () => {
  const bench = new Bench();
  bench.sqs.add(1);
  const worker = bench.start({ run: () => {} }).on("received", () => {
    throw new Error("listener");
  });
  await bench.pass(100);
  assert.deepEqual([bench.told, bench.log.count("listener failed")], [["succeeded m1"], 1]);
  await bench.stop(worker);
});

test("idle() waits for the messages that there are, and for their deletes", async () => {
  const bench = new Bench();
  const gate = held();
  bench.sqs.add(1);
  const worker = bench.start({ run: async () => await gate.promise });
  let isIdle = false;
  void worker.idle().then(() => (isIdle = true));
  await bench.pass(5000);
  assert.equal(isIdle, false);
  gate.done();
  await bench.pass(1000);
  assert.equal(isIdle, true);
  assert.deepEqual(bench.sqs.left(), []);
  await bench.stop(worker);
});

test("a wrong option is refused at once, by its name", () => {
  const bench = new Bench();
  const run = () => {};
  assert.throws(() => bench.start({ run, concurrency: 0 }), /concurrency/);
  assert.throws(() => bench.start({ run, lease: "1500ms" }), /lease/);
  assert.throws(() => bench.start({ run, maxReceives: 0 }), /maxReceives/);
  assert.throws(() => bench.start({ run, backoff: { baseMs: 10, capMs: 1 } }), /backoff/);
});

test("the compiler holds handler, schema and outputs together", () => {
  const check = (bench: Bench) => {
    const input = z.object({ width: z.number() });
    bench.start({ input, outputs: { thumb: OUT }, run: (message, ctx) => ctx.emit("thumb", message.width.toFixed()) });
    // @ts-expect-error -- there is no output of that name
    bench.start({ input, outputs: { thumb: OUT }, run: (_, ctx) => ctx.emit("large", 1) });
    // @ts-expect-error -- without outputs nothing can be emitted
    bench.start({ input, run: (_, ctx) => ctx.emit("thumb", 1) });
    // @ts-expect-error -- the schema has no such field
    bench.start({ input, run: (message) => message.height });
    // @ts-expect-error -- without a schema a message is unknown
    bench.start({ run: (message: { width: number }) => message.width });
  };
  assert.equal(typeof check, "function");
});
