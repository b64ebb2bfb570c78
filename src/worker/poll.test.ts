import assert from "node:assert/strict";
import { test } from "node:test";
import { MINUTE_MS } from "../kernel/units.ts";
import { Bench, networkError, QUEUE, serviceError } from "./scripted-sqs.suite.ts";

test("a server that is away: asked again at growing intervals, for ever, with one line when it goes and one when it is back", async () => {
  const bench = new Bench();
  bench.sqs.onCall = () => networkError();
  const worker = bench.start({ run: () => {}, concurrency: 40 });
  await bench.pass(10 * MINUTE_MS, 250);
  const asked = bench.sqs.made("ReceiveMessage").length;
  assert.ok(asked >= 120 && asked <= 250, `asked ${asked} times in ten minutes, at most every 2.5 s once the pause has grown`);
  assert.equal(worker.stats().isReachable, false);
  assert.deepEqual([bench.log.count("server unreachable"), bench.log.count("server reachable again")], [1, 0]);
  bench.sqs.onCall = () => undefined;
  bench.sqs.add(1);
  await bench.pass(6000, 250);
  assert.deepEqual([bench.log.count("server unreachable"), bench.log.count("server reachable again")], [1, 1]);
  assert.deepEqual(bench.told, ["succeeded m1"]);
  await bench.stop(worker);
});

test("the log says what kind of trouble it is, and says so again when it becomes another", async () => {
  const bench = new Bench();
  bench.sqs.onCall = () => networkError();
  const worker = bench.start({ run: () => {} });
  await bench.pass(20_000, 250);
  bench.sqs.onCall = () => serviceError("QueueDoesNotExist", 400);
  await bench.pass(20_000, 250);
  const events = bench.log.lines.filter((line) => line.level === "warn").map((line) => [line.event, line.fields["code"]]);
  assert.deepEqual(events, [
    ["server unreachable", "ECONNREFUSED"],
    ["server refuses requests", "QueueDoesNotExist"],
  ]);
  await bench.stop(worker);
});

test("a server that is replaced within seconds is found again within a second of its return", async () => {
  const bench = new Bench();
  const worker = bench.start({ run: () => {} });
  await bench.pass(5000);
  bench.sqs.onCall = () => networkError("ECONNRESET");
  bench.sqs.takeBack();
  bench.sqs.gate = () => undefined;
  await bench.pass(20_000, 250);
  bench.sqs.onCall = () => undefined;
  const before = bench.clock.nowMs();
  bench.sqs.add(1);
  while (bench.told.length === 0 && bench.clock.nowMs() - before < 10_000) await bench.pass(100, 50);
  assert.ok(bench.clock.nowMs() - before <= 5100, `${bench.clock.nowMs() - before} ms`);
  await bench.stop(worker);
});

test("a server that answers empty without waiting is asked once a second, not in a hot loop", async () => {
  const bench = new Bench();
  const worker = bench.start({ run: () => {} });
  bench.sqs.receive = async () => {
    bench.sqs.calls.push({ action: "ReceiveMessage", atMs: bench.clock.nowMs(), what: [] });
    return [];
  };
  await bench.pass(30_000, 100);
  assert.ok(bench.sqs.made("ReceiveMessage").length <= 31);
  await bench.stop(worker);
});

test("a receive that is never answered is given up after 30 s and made again", async () => {
  const bench = new Bench();
  const asked: number[] = [];
  bench.sqs.receive = async ({ signal }) => {
    asked.push(bench.clock.nowMs());
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
    throw networkError("AbortError");
  };
  const worker = bench.start({ run: () => {} });
  await bench.pass(65_000, 100);
  assert.equal(asked.length, 3);
  assert.ok(asked[1]! >= 30_000 && asked[1]! < 30_500, String(asked));
  assert.equal(bench.log.count("server unreachable"), 1);
  await bench.stop(worker);
});

test("names are looked up once, in any number of tries; URLs are taken as they are", async () => {
  const bench = new Bench();
  bench.sqs.onCall = (call) => (call.action === "GetQueueUrl" && bench.clock.nowMs() < 5000 ? networkError() : undefined);
  bench.sqs.add(1);
  const worker = bench.start({ run: (_, ctx) => ctx.emit("out", 1), outputs: { out: "out" }, deadLetterQueue: `${QUEUE}-dlq` }, "jobs");
  await bench.pass(15_000, 100);
  assert.deepEqual(
    bench.sqs.sent.map(({ queueUrl }) => queueUrl),
    [QUEUE.replace("jobs", "out")],
  );
  assert.deepEqual([...new Set(bench.sqs.made("GetQueueUrl").map((call) => call.what[0]))], ["jobs", "out"]);
  assert.ok(bench.sqs.made("GetQueueUrl").length < 12);
  await bench.stop(worker);
});

test("a queue that does not exist yet is named in the log and waited for", async () => {
  const bench = new Bench();
  bench.sqs.onCall = (call) => (call.action === "GetQueueUrl" ? serviceError("QueueDoesNotExist", 400) : undefined);
  const worker = bench.start({ run: () => {} }, "jobs");
  await bench.pass(10_000, 250);
  const line = bench.log.lines.find((line) => line.event === "server refuses requests");
  assert.match(String(line?.fields["reason"]), /queue jobs/);
  assert.equal(bench.log.count("server refuses requests"), 1);
  await bench.stop(worker);
});
