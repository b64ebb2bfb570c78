import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { test } from "node:test";
import { Bench, held, networkError, turn } from "./scripted-sqs.suite.ts";
import { stopOnSignals, type SignalHost } from "./signals.ts";
import type { StopReport, Worker } from "./worker.ts";

const AWS = "https://sqs.eu-west-1.amazonaws.com/123456789012/jobs";
const SECONDS_30 = { baseMs: 30_000, capMs: 30_000 };

/** A handler that waits for the test, and one that gives up when it is told to. */
function job(options: { obeys: boolean }) {
  const gate = held();
  const run = async (_: unknown, ctx: { signal: AbortSignal }) => {
    if (options.obeys) ctx.signal.addEventListener("abort", () => gate.fail(ctx.signal.reason as Error));
    await gate.promise;
  };
  return { gate, run };
}

/** What stop() answered, once it has. */
function stopping(worker: Worker, grace: "25s" | "2s" = "25s") {
  const state: { report: StopReport | undefined } = { report: undefined };
  void worker.stop({ grace }).then((report) => (state.report = report));
  return state;
}

test("an idle worker stops at once: its receive is cancelled, and nobody was disturbed", async () => {
  const bench = new Bench();
  const worker = bench.start({ run: () => {} });
  await bench.pass(1000);
  const stop = stopping(worker);
  await turn();
  assert.deepEqual(stop.report, { released: 0 });
  assert.equal(worker.stats().stage, "stopped");
});

test("a receive that was sent a moment ago has a moment to return; what it brings goes back at once", async () => {
  const bench = new Bench();
  const worker = bench.start({ run: () => {} });
  await bench.pass(100);
  const stop = stopping(worker);
  await bench.pass(500);
  bench.sqs.add(1);
  await bench.pass(100);
  assert.deepEqual([stop.report, bench.told, bench.sqs.left()], [{ released: 0 }, ["released m1"], ["1"]]);
  const silent = bench.start({ run: () => {} });
  bench.sqs.receive = async ({ signal }) =>
    await new Promise((_, reject) => signal.addEventListener("abort", () => reject(networkError("AbortError"))));
  await bench.pass(100);
  const silence = stopping(silent);
  await bench.pass(850);
  assert.equal(silence.report, undefined);
  await bench.pass(100);
  assert.deepEqual(silence.report, { released: 0 });
});

test("on AWS a stop lets the receive end; what it still brings goes back at once, unstarted", async () => {
  const bench = new Bench();
  let runs = 0;
  const worker = bench.start({ run: () => (runs += 1) }, AWS);
  await bench.pass(1000);
  const stop = stopping(worker);
  await bench.pass(5000);
  assert.equal(stop.report, undefined);
  bench.sqs.add(1);
  await bench.pass(100);
  assert.deepEqual(stop.report, { released: 0 });
  assert.deepEqual([runs, bench.sqs.made("ChangeMessageVisibilityBatch").flatMap((call) => call.what)], [0, ["1=0"]]);
});

test("a worker that waits for an absent server stops at once", async () => {
  const bench = new Bench();
  bench.sqs.onCall = () => networkError();
  const named = bench.start({ run: () => {} }, "jobs");
  const addressed = bench.start({ run: () => {} });
  await bench.pass(20_000, 500);
  const stops = [stopping(named), stopping(addressed)];
  await turn();
  assert.deepEqual(
    stops.map(({ report }) => report),
    [{ released: 0 }, { released: 0 }],
  );
  const calls = bench.sqs.calls.length;
  bench.sqs.onCall = () => undefined;
  await bench.pass(20_000, 500);
  assert.equal(bench.sqs.calls.length, calls, "and asks for nothing more");
});

test("drain: no new messages, and running handlers finish and are deleted", async () => {
  const bench = new Bench();
  bench.sqs.add(1);
  const { gate, run } = job({ obeys: true });
  const worker = bench.start({ run });
  await bench.pass(1000);
  const stop = stopping(worker);
  bench.sqs.add(2);
  await bench.pass(20_000, 500);
  assert.equal(stop.report, undefined);
  gate.done();
  await bench.pass(100);
  assert.deepEqual([stop.report, bench.told, bench.sqs.left()], [{ released: 0 }, ["succeeded m1"], ["2"]]);
});

test("abort: after the grace the handler's signal says so; what it throws then gives the message back, and is no failure", async () => {
  const bench = new Bench();
  bench.sqs.add(1, { receiveCount: 4 });
  const { run } = job({ obeys: true });
  const worker = bench.start({ run, backoff: SECONDS_30 });
  await bench.pass(1000);
  const stop = stopping(worker, "2s");
  await bench.pass(1900, 100);
  assert.equal(stop.report, undefined);
  await bench.pass(300, 100);
  assert.deepEqual([stop.report, bench.told], [{ released: 1 }, ["released m1"]]);
  const [back] = bench.sqs.made("ChangeMessageVisibilityBatch").map((call) => Number(call.what[0]?.split("=")[1]));
  assert.ok(back! <= 2, `back after ${back} s`);
});

test("release: a handler that ignores its signal loses its message after 3 s", async () => {
  const bench = new Bench();
  bench.sqs.add(1);
  const { run } = job({ obeys: false });
  const worker = bench.start({ run });
  await bench.pass(1000);
  const stop = stopping(worker, "2s");
  await bench.pass(4900, 100);
  assert.equal(stop.report, undefined);
  await bench.pass(300, 100);
  assert.deepEqual([stop.report, bench.told], [{ released: 1 }, ["released m1"]]);
});

test("a handler that finishes within those 3 s is done", async () => {
  const bench = new Bench();
  bench.sqs.add(1);
  const { gate, run } = job({ obeys: false });
  const worker = bench.start({ run });
  await bench.pass(1000);
  const stop = stopping(worker, "2s");
  await bench.pass(3000, 100);
  gate.done();
  await bench.pass(200, 100);
  assert.deepEqual([stop.report, bench.told], [{ released: 0 }, ["succeeded m1"]]);
});

test("a stop ends in time also while no server answers", async () => {
  const bench = new Bench();
  bench.sqs.add(1);
  bench.sqs.add(2);
  const { gate, run } = job({ obeys: false });
  const worker = bench.start({ run: async (message, ctx) => (message === 1 ? undefined : await run(message, ctx)) });
  bench.sqs.onCall = (call) => (call.action === "ReceiveMessage" ? undefined : networkError());
  await bench.pass(1000, 100);
  const stop = stopping(worker, "2s");
  await bench.pass(8000, 100);
  assert.deepEqual(stop.report, { released: 2 }, "one that was not finished, and one whose delete nobody took");
  gate.done();
});

test("hurry() moves a stop on to its next stage, and says so first", async () => {
  const bench = new Bench();
  bench.sqs.add(1);
  const { run } = job({ obeys: false });
  const worker = bench.start({ run });
  await bench.pass(1000);
  const stop = stopping(worker);
  const stages = [worker.stats().stage];
  for (let times = 0; times < 2; times += 1) {
    worker.hurry();
    await turn();
    stages.push(worker.stats().stage);
  }
  await bench.pass(100);
  assert.deepEqual(stages, ["drain", "abort", "release"]);
  assert.deepEqual(stop.report, { released: 1 });
  const lines = bench.log.lines.filter((line) => ["stopping", "asked again to stop"].includes(line.event));
  assert.deepEqual(
    lines.map((line) => `${line.event} ${line.fields["stage"]}`),
    ["stopping drain", "asked again to stop abort", "stopping abort", "asked again to stop release", "stopping release"],
  );
});

test("a worker is disposed of by stopping it", async () => {
  const bench = new Bench();
  const worker = bench.start({ run: () => {} });
  await bench.pass(1000);
  await worker[Symbol.asyncDispose]();
  assert.equal(worker.stats().stage, "stopped");
});

/** A process that a test can send signals to. */
class Host extends EventEmitter implements SignalHost {
  exitCode: string | number | undefined;
  readonly exits: number[] = [];

  exit(code: number): void {
    this.exits.push(code);
  }
}

test("SIGTERM → drain → exit code 0 when all is done", async () => {
  const bench = new Bench();
  const host = new Host();
  bench.sqs.add(1);
  const { gate, run } = job({ obeys: true });
  const worker = bench.start({ run });
  stopOnSignals(worker, { host, log: bench.log });
  await bench.pass(1000);
  host.emit("SIGTERM", "SIGTERM");
  await bench.pass(1000);
  assert.deepEqual(host.exits, []);
  gate.done();
  await bench.pass(100);
  assert.deepEqual([host.exits, host.listenerCount("SIGTERM"), host.listenerCount("SIGINT")], [[0], 0, 0]);
});

test("two more Ctrl-C → the handler's message goes back → exit code 3", async () => {
  const bench = new Bench();
  const host = new Host();
  bench.sqs.add(1);
  const worker = bench.start({ run: job({ obeys: false }).run });
  stopOnSignals(worker, { host, log: bench.log });
  await bench.pass(1000);
  for (let times = 0; times < 3; times += 1) {
    host.emit("SIGINT", "SIGINT");
    await turn();
  }
  await bench.pass(100);
  assert.deepEqual([host.exits, bench.told], [[3], ["released m1"]]);
});

test("of two workers in one process the last to stop ends it, with 3 if either gave work back", async () => {
  const bench = new Bench();
  const host = new Host();
  bench.sqs.add(1);
  const first = bench.start({ run: job({ obeys: true }).run, grace: "1s", concurrency: 1 });
  await bench.pass(1000);
  const { gate, run } = job({ obeys: true });
  bench.sqs.add(2);
  const second = bench.start({ run });
  await bench.pass(1000);
  for (const worker of [first, second]) stopOnSignals(worker, { host, log: bench.log });
  host.emit("SIGTERM", "SIGTERM");
  await bench.pass(3000, 100);
  assert.deepEqual(host.exits, []);
  gate.done();
  await bench.pass(100);
  assert.deepEqual(host.exits, [3]);
});

test("a program that stops its worker itself also ends itself", async () => {
  const bench = new Bench();
  const host = new Host();
  const worker = bench.start({ run: () => {} });
  stopOnSignals(worker, { host, log: bench.log });
  await bench.pass(1000);
  await worker.stop();
  await turn();
  assert.deepEqual([host.exits, host.listenerCount("SIGTERM")], [[], 0]);
});
