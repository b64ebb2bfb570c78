import assert from "node:assert/strict";
import { test } from "node:test";
import { Bench, networkError, QUEUE, serviceError, turn } from "./scripted-sqs.suite.ts";

const OUT = QUEUE.replace("jobs", "out");
const SLOW = { baseMs: 600_000, capMs: 600_000 };

test("outputs are published after the handler has resolved, acknowledged, and only then the message is deleted", async () => {
  const bench = new Bench();
  bench.sqs.add(1);
  const worker = bench.start({
    outputs: { out: OUT },
    run: async (_, ctx) => {
      ctx.emit("out", { n: 1 });
      ctx.emit("out", { n: 2 });
      await turn();
      assert.deepEqual(bench.sqs.sent, []);
    },
  });
  worker.on("published", ({ outputs }) => bench.told.push(`published ${outputs}`));
  await bench.pass(100);
  assert.deepEqual(
    bench.sqs.sent.map(({ queueUrl, message }) => [queueUrl, message.body]),
    [
      [OUT, '{"n":1}'],
      [OUT, '{"n":2}'],
    ],
  );
  const order = bench.sqs.calls.map((call) => call.action).filter((action) => action !== "ReceiveMessage");
  assert.deepEqual(order, ["SendMessageBatch", "DeleteMessageBatch"]);
  assert.deepEqual(bench.told, ["published 2", "succeeded m1"]);
  await bench.stop(worker);
});

test("a handler that throws publishes nothing", async () => {
  const bench = new Bench();
  bench.sqs.add(1);
  const worker = bench.start({
    outputs: { out: OUT },
    backoff: SLOW,
    run: (_, ctx) => {
      ctx.emit("out", 1);
      throw new Error("after the emit");
    },
  });
  await bench.pass(100);
  assert.deepEqual([bench.sqs.sent, bench.told], [[], ["retried m1"]]);
  await bench.stop(worker);
});

test("twenty-five outputs go in batches of ten", async () => {
  const bench = new Bench();
  bench.sqs.add(1);
  const run = (_: unknown, ctx: { emit: (name: "out", body: number) => void }) => {
    for (let n = 0; n < 25; n += 1) ctx.emit("out", n);
  };
  const worker = bench.start({ outputs: { out: OUT }, run });
  await bench.pass(100);
  assert.deepEqual(
    bench.sqs.made("SendMessageBatch").map((call) => call.what.length),
    [10, 10, 5],
  );
  await bench.stop(worker);
});

test("a run of the same message again has outputs of the same ids; with a key of one's own, in whatever order", async () => {
  const bench = new Bench();
  bench.sqs.add("a");
  bench.sqs.add("b");
  const worker = bench.start({
    outputs: { out: OUT, other: OUT },
    body: "text",
    backoff: { baseMs: 1, capMs: 1 },
    run: (_, ctx) => {
      ctx.emit("out", "1");
      ctx.emit("out", "2");
      ctx.emit("other", "3");
      for (const key of ctx.receiveCount === 1 ? ["x", "y"] : ["y", "x"]) ctx.emit("out", key, { key });
    },
  });
  // The first publish of each arrives, but its answer is lost: the message runs again.
  bench.sqs.onCall = (call) => (call.action === "DeleteMessageBatch" ? networkError("ECONNRESET") : undefined);
  await bench.pass(61_000, 500);
  bench.sqs.onCall = () => undefined;
  await bench.pass(70_000, 500);
  const ids = bench.sqs.sent.map(({ message }) => String(message.attributes["Millrace.Id"]?.value));
  assert.equal(ids.length, 20);
  assert.equal(new Set(ids).size, 10);
  assert.equal(new Set(bench.sqs.sent.map(({ message }, index) => `${message.body} ${ids[index]}`)).size, 10);
  for (const id of ids) assert.match(id, /^[0-9a-f]{32}$/);
  await bench.stop(worker);
});

test("to a FIFO queue the id is the deduplication id, and the group is the input's or the input itself", async () => {
  const bench = new Bench();
  bench.sqs.add(1, { groupId: "g" });
  bench.sqs.add(2);
  const worker = bench.start({ outputs: { out: `${OUT}.fifo` }, run: (message, ctx) => ctx.emit("out", message) });
  await bench.pass(100);
  const sent = bench.sqs.sent.map(({ message }) => message);
  assert.deepEqual(
    sent.map((message) => message.groupId),
    ["g", "m2"],
  );
  assert.deepEqual(
    sent.map((message) => message.deduplicationId),
    sent.map((message) => message.attributes["Millrace.Id"]?.value),
  );
  await bench.stop(worker);
});

test("an entry that the server could not take is sent again, and nothing is deleted before", async () => {
  const bench = new Bench();
  bench.sqs.add(1);
  let failures = 2;
  bench.sqs.onEntry = (action, body) =>
    action === "SendMessageBatch" && body === "2" && failures-- > 0
      ? { kind: "server", code: "InternalError", message: "later" }
      : undefined;
  const worker = bench.start({
    outputs: { out: OUT },
    run: (_, ctx) => {
      for (const n of [1, 2, 3]) ctx.emit("out", n);
    },
  });
  await turn();
  assert.deepEqual(bench.sqs.made("DeleteMessageBatch"), []);
  await bench.pass(1000);
  assert.deepEqual(
    bench.sqs.made("SendMessageBatch").map((call) => call.what),
    [["1", "2", "3"], ["2"], ["2"]],
  );
  assert.deepEqual(bench.told, ["succeeded m1"]);
  await bench.stop(worker);
});

test("an output that is refused → publish-failed, no delete, back after the backoff", async () => {
  const bench = new Bench();
  bench.sqs.add(1);
  bench.sqs.onCall = (call) => (call.action === "SendMessageBatch" ? serviceError("QueueDoesNotExist", 400) : undefined);
  const worker = bench.start({ outputs: { out: OUT }, backoff: SLOW, run: (_, ctx) => ctx.emit("out", 1) });
  await bench.pass(200);
  assert.deepEqual(bench.told, ["publish-failed m1", "retried m1"]);
  assert.deepEqual([bench.sqs.made("DeleteMessageBatch"), bench.sqs.left()], [[], ["1"]]);
  await bench.stop(worker);
});

test("one bad output does not spoil the batch that it shares with other slots", async () => {
  const bench = new Bench();
  for (const n of [1, 2, 3]) bench.sqs.add(n);
  bench.sqs.onCall = (call) =>
    call.action === "SendMessageBatch" && call.what.includes("2") ? serviceError("InvalidMessageContents", 400) : undefined;
  const worker = bench.start({ outputs: { out: OUT }, backoff: SLOW, run: (message, ctx) => ctx.emit("out", message) });
  await bench.pass(200);
  assert.deepEqual(bench.told.toSorted(), ["publish-failed m2", "retried m2", "succeeded m1", "succeeded m3"]);
  await bench.stop(worker);
});

test("a publish whose server is away is tried until the lease ends, and nothing is deleted", async () => {
  const bench = new Bench();
  bench.sqs.add(1);
  bench.sqs.onCall = (call) => (call.action === "ReceiveMessage" ? undefined : networkError());
  const worker = bench.start({ outputs: { out: OUT }, run: (_, ctx) => ctx.emit("out", 1) });
  await bench.pass(56_000, 250);
  assert.deepEqual(bench.told, []);
  await bench.pass(3500, 250);
  assert.deepEqual(bench.told.slice(0, 1), ["publish-failed m1"]);
  assert.deepEqual(bench.sqs.made("DeleteMessageBatch"), []);
  await bench.stop(worker);
});

test("a delete that a dying server did not answer is sent again to the one that replaces it", async () => {
  const bench = new Bench();
  bench.sqs.add(1);
  bench.sqs.onCall = (call) => (call.action === "DeleteMessageBatch" ? networkError("ECONNRESET") : undefined);
  let runs = 0;
  const worker = bench.start({ run: () => (runs += 1) });
  await bench.pass(10_000, 100);
  const tries = bench.sqs.made("DeleteMessageBatch").length;
  assert.ok(tries >= 5 && tries < 25, `${tries} tries in ten seconds`);
  bench.sqs.onCall = () => undefined;
  await bench.pass(3000, 100);
  assert.deepEqual([bench.told, bench.sqs.left(), runs], [["succeeded m1"], [], 1]);
  await bench.stop(worker);
});

test("a delete that no server took until the lease ended is told as a lost lease, not as a success", async () => {
  const bench = new Bench();
  bench.sqs.add(1);
  bench.sqs.onCall = (call) => (call.action === "ReceiveMessage" ? undefined : networkError());
  const worker = bench.start({ run: () => {} });
  await bench.pass(62_000, 500);
  assert.equal(bench.told[0], "lease-lost m1");
  await bench.stop(worker);
});

test("a dead letter that cannot be sent keeps the message where it is", async () => {
  const bench = new Bench();
  bench.sqs.add("{");
  bench.sqs.onCall = (call) => (call.action === "SendMessageBatch" ? serviceError("QueueDoesNotExist", 400) : undefined);
  const worker = bench.start({ run: () => {}, deadLetterQueue: OUT, backoff: SLOW });
  await bench.pass(200);
  assert.deepEqual(bench.told, ["rejected m1", "publish-failed m1", "retried m1"]);
  assert.deepEqual(bench.sqs.left(), ["{"]);
  await bench.stop(worker);
});

test("an output that cannot be sent fails its handler where it is emitted", async () => {
  const bench = new Bench();
  bench.sqs.add(1);
  const errors: string[] = [];
  const worker = bench.start({
    outputs: { out: OUT },
    run: (_, ctx) => {
      for (const body of ["x".repeat(1024 * 1024), undefined, () => 1]) {
        try {
          ctx.emit("out", body);
        } catch (error) {
          errors.push((error as Error).message);
        }
      }
    },
  });
  await bench.pass(100);
  assert.equal(errors.length, 3);
  assert.match(errors[0]!, /output out has \d+ bytes/);
  await bench.stop(worker);
});
