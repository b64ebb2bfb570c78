import assert from "node:assert/strict";
import { test } from "node:test";
import { DeleteMessageCommand, PurgeQueueCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { z } from "zod";
import { silentLogger } from "../../../src/kernel/logger.ts";
import { consume, Reject, RetryLater } from "../../../src/worker/index.ts";
import { Scene, told, until } from "./harness.ts";

const limit = { timeout: 30_000 };

test("a message's body, attributes and counts reach the handler, and it is deleted", limit, async () => {
  await using scene = await Scene.start();
  const QueueUrl = await scene.queue("jobs");
  const attributes = {
    owner: { DataType: "String", StringValue: "ann" },
    bytes: { DataType: "Binary", BinaryValue: new Uint8Array([1, 2]) },
  };
  await scene.client.send(new SendMessageCommand({ QueueUrl, MessageBody: '{"width":3}', MessageAttributes: attributes }));
  const seen: unknown[] = [];
  const worker = consume("jobs", {
    ...scene.shared,
    input: z.object({ width: z.number() }),
    run: (message, ctx) => {
      seen.push([message.width, ctx.receiveCount, ctx.attributes["owner"], ctx.attributes["bytes"]?.value, ctx.system["SenderId"] !== ""]);
      assert.ok(Math.abs(Number(ctx.sentAt) - scene.server.clock.nowMs()) < 1000);
    },
  });
  scene.own(worker);
  const { receiveCount, outputs } = await told(worker, "succeeded");
  assert.deepEqual([receiveCount, outputs], [1, 0]);
  assert.deepEqual(seen, [[3, 1, { type: "String", value: "ann" }, new Uint8Array([1, 2]), true]]);
  assert.deepEqual(await scene.counts(QueueUrl), { visible: 0, inFlight: 0 });
});

test("outputs arrive with ids of their own, and a bad message in the dead-letter queue with its issues", limit, async () => {
  await using scene = await Scene.start();
  const [jobs, out, dead] = [await scene.queue("jobs"), await scene.queue("out"), await scene.queue("dead")];
  await scene.send(jobs, [{ n: 1 }, { n: "two" }, { n: 3 }, { n: 4 }]);
  const worker = consume("jobs", {
    ...scene.shared,
    input: z.object({ n: z.number() }),
    outputs: { out: "out" },
    deadLetterQueue: dead,
    run: ({ n }, ctx) => {
      if (n === 4) throw new Reject("four is never right");
      for (let part = 0; part < 12; part += 1) ctx.emit("out", { n, part });
    },
  });
  scene.own(worker);
  await worker.idle();
  const outputs = await scene.receiveAll(out);
  assert.deepEqual(outputs.length, 24);
  assert.equal(new Set(outputs.map((message) => message.MessageAttributes?.["Millrace.Id"]?.StringValue)).size, 24);
  const letters = await scene.receiveAll(dead);
  const notes = letters.map((letter) => JSON.parse(letter.MessageAttributes?.["Millrace.DeadLetter"]?.StringValue ?? "{}"));
  const causes = new Map(letters.map((letter, index) => [letter.Body, `${notes[index].cause} in ${notes[index].queue}`]));
  assert.equal(causes.get('{"n":"two"}'), "invalid in jobs");
  assert.equal(causes.get('{"n":4}'), "rejected in jobs");
  const { succeeded, rejected, dead: deadCount, published } = worker.stats().counts;
  assert.deepEqual({ succeeded, rejected, dead: deadCount, published }, { succeeded: 2, rejected: 2, dead: 2, published: 2 });
  assert.deepEqual(await scene.counts(jobs), { visible: 0, inFlight: 0 });
});

test("a failure comes back after its backoff, RetryLater after its delay, by the server's clock", limit, async () => {
  await using scene = await Scene.start();
  const jobs = await scene.queue("jobs");
  const worker = consume(jobs, {
    ...scene.shared,
    run: (_, ctx) => {
      if (ctx.receiveCount === 1) throw new Error("first");
      if (ctx.receiveCount === 2) throw new RetryLater("10m");
    },
  });
  scene.own(worker);
  await Promise.all([told(worker, "retried"), scene.send(jobs, [1])]);
  const second = told(worker, "retried");
  scene.server.clock.advance(2000);
  assert.equal((await second).delayMs, 600_000);
  scene.server.clock.advance(599_000);
  assert.deepEqual(await scene.counts(jobs), { visible: 0, inFlight: 1 });
  const done = told(worker, "succeeded");
  scene.server.clock.advance(1000);
  assert.equal((await done).receiveCount, 3);
});

test("a worker may start before its queue, and before its server", limit, async () => {
  await using scene = await Scene.start();
  const worker = scene.own(consume("jobs", { ...scene.shared, run: () => {} }));
  await until(() => !worker.stats().isReachable);
  await scene.send(await scene.queue("jobs"), [1]);
  await told(worker, "succeeded");
  assert.equal(worker.stats().isReachable, true);
});

test("a handler that runs for five leases keeps its message to itself", limit, async () => {
  await using scene = await Scene.start();
  const { clock } = scene.server;
  const jobs = await scene.queue("jobs");
  const finished = Promise.withResolvers<void>();
  let runs = 0;
  // Worker and server on one clock, moved by hand: the requests between them are real.
  const run = async () => {
    runs += 1;
    await finished.promise;
  };
  const worker = consume(jobs, { ...scene.shared, clock, run });
  scene.own(worker);
  await Promise.all([told(worker, "received"), scene.send(jobs, [1])]);
  const other = async () => (await scene.client.send(new ReceiveMessageCommand({ QueueUrl: jobs }))).Messages ?? [];
  for (let second = 0; second < 300; second += 1) {
    clock.advance(1000);
    // The extension's request has company for 50 ms and then a round trip, within which the clock stands still.
    await new Promise((resolve) => setTimeout(resolve, 2));
    if (second % 10 === 0) assert.deepEqual(await other(), []);
  }
  const done = told(worker, "succeeded");
  finished.resolve();
  await until(async () => {
    clock.advance(50);
    return (await scene.counts(jobs)).inFlight === 0;
  });
  await done;
  assert.deepEqual([runs, worker.stats().counts["lease-lost"]], [1, 0]);
  const stopped = worker.stop();
  await until(() => {
    clock.advance(50);
    return worker.stats().stage === "stopped";
  });
  assert.deepEqual(await stopped, { released: 0 });
});

test("a message that somebody else purges while its handler runs is lost, and the handler is told", limit, async () => {
  await using scene = await Scene.start();
  const [jobs, out] = [await scene.queue("jobs"), await scene.queue("out")];
  let reason: unknown;
  const worker = consume(jobs, {
    ...scene.shared,
    lease: "1s",
    outputs: { out },
    run: async (_, ctx) => {
      ctx.emit("out", 1);
      await new Promise((resolve) => ctx.signal.addEventListener("abort", resolve));
      reason = ctx.signal.reason;
    },
  });
  scene.own(worker);
  await Promise.all([told(worker, "received"), scene.send(jobs, [1])]);
  await scene.client.send(new PurgeQueueCommand({ QueueUrl: jobs }));
  await told(worker, "lease-lost");
  assert.equal((reason as Error).name, "LeaseLost");
  assert.deepEqual(await scene.receiveAll(out), []);
});

test("a stop strands no message that is sent at the same moment", limit, async () => {
  await using scene = await Scene.start();
  const jobs = await scene.queue("jobs");
  let succeeded = 0;
  const rounds = 40;
  for (let round = 0; round < rounds; round += 1) {
    const worker = consume(jobs, { ...scene.shared, run: () => {}, concurrency: 20 });
    worker.on("succeeded", () => (succeeded += 1));
    await until(() => worker.stats().receivesInFlight > 0);
    const sent = scene.send(jobs, [round]);
    if (round % 2 === 0) await sent;
    assert.deepEqual(await worker.stop(), { released: 0 });
    await sent;
  }
  await until(async () => (await scene.counts(jobs)).inFlight === 0);
  const { visible } = await scene.counts(jobs);
  assert.equal(succeeded + visible, rounds);
});

test("an idle worker stops at once, and its long poll takes no message afterwards", limit, async () => {
  await using scene = await Scene.start();
  const jobs = await scene.queue("jobs");
  const worker = consume(jobs, { ...scene.shared, clock: scene.server.clock, run: () => {} });
  await until(() => worker.stats().receivesInFlight > 0);
  scene.server.clock.advance(1000);
  assert.deepEqual(await worker.stop(), { released: 0 });
  // A round trip later the server has seen that nobody listens any more.
  await scene.counts(jobs);
  await scene.send(jobs, [1]);
  await until(async () => (await scene.receiveAll(jobs)).length === 1);
});

test("handlers that ignore their signal are given back: another worker has the message at once", limit, async () => {
  await using scene = await Scene.start();
  const jobs = await scene.queue("jobs");
  const never = Promise.withResolvers<void>();
  const first = consume(jobs, { ...scene.shared, run: async () => await never.promise });
  await Promise.all([told(first, "received"), scene.send(jobs, [1])]);
  const stopped = first.stop({ grace: 0 });
  await until(() => first.stats().stage === "abort");
  first.hurry();
  assert.deepEqual(await stopped, { released: 1 });
  const second = scene.own(consume(jobs, { ...scene.shared, run: () => {} }));
  scene.server.clock.advance(2000);
  assert.equal((await told(second, "succeeded")).receiveCount, 2);
});

test("what a worker has received, another client cannot; what it has settled, nobody can", limit, async () => {
  await using scene = await Scene.start();
  const jobs = await scene.queue("jobs");
  const bodies = Array.from({ length: 200 }, (_, n) => n);
  await scene.send(jobs, bodies);
  const seen: unknown[] = [];
  const workers = [1, 2, 3].map(() =>
    scene.own(consume(jobs, { ...scene.shared, concurrency: 7, run: (message) => void seen.push(message) })),
  );
  await until(() => workers.reduce((sum, worker) => sum + worker.stats().counts.succeeded, 0) === 200);
  assert.deepEqual(
    (seen as number[]).toSorted((a, b) => a - b),
    bodies,
    "each exactly once",
  );
  assert.deepEqual(await scene.counts(jobs), { visible: 0, inFlight: 0 });
});

test("wrong credentials and wrong regions are told, not thrown", limit, async () => {
  const client = new SQSClient({
    endpoint: "http://127.0.0.1:1",
    region: "us-east-1",
    credentials: async () => await Promise.reject(new Error("no keys")),
  });
  const worker = consume("jobs", { client, logger: silentLogger, signals: false, run: () => {} });
  await until(() => !worker.stats().isReachable);
  assert.deepEqual(await worker.stop(), { released: 0 });
  client.destroy();
});

test("a handler may delete its message by itself; the worker's own delete does no harm", limit, async () => {
  await using scene = await Scene.start();
  const jobs = await scene.queue("jobs");
  const worker = consume(jobs, { ...scene.shared, run: () => {} });
  scene.own(worker);
  await scene.send(jobs, [1]);
  await told(worker, "succeeded");
  const [message] = await scene.receiveAll(jobs);
  assert.equal(message, undefined);
  await scene.client
    .send(new DeleteMessageCommand({ QueueUrl: jobs, ReceiptHandle: "x" }))
    .catch((error: Error) => assert.match(error.name, /ReceiptHandle/));
});
