import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { fillWithQueues, queueName, queueRef } from "../../bench/many-queues.ts";
import { manualClock } from "../../src/kernel/clock.ts";
import { silentLogger } from "../../src/kernel/logger.ts";
import { MINUTE_MS } from "../../src/kernel/units.ts";
import { configWith } from "../../src/server/config.ts";
import { startServer } from "../../src/server/server.ts";
import { storeModules } from "../../src/server/stores.ts";
import { QUEUE_OPERATIONS, type QueueOperations } from "../../src/services/queues/store/store.ts";
import { startInline } from "../../src/storage/sqlite/index.ts";
import { storeClient } from "../../src/storage/storage.ts";
import { covers } from "../contract/covers.ts";

/**
 * 100,000 queues must cost next to nothing. `npm run bench -- --only queues` measures how little; this fails when it is
 * off by far, on whatever machine: each bound is several times what it should be, and of processor time, since that of the
 * clock on the wall is also that of whatever else runs.
 */
const QUEUES = 100_000;

const directory = mkdtempSync(join(tmpdir(), "millrace-queues-"));
before(() => fillWithQueues(directory, QUEUES));
after(() => rmSync(directory, { recursive: true }));

/** Milliseconds of processor time from here on. */
function stopwatch(): () => number {
  const began = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(began);
    return (user + system) / 1000;
  };
}

function heapBytes(): number {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
  return process.memoryUsage().heapUsed;
}

test("a server with 100,000 queues starts at once, and lists them page by page", { timeout: 120_000 }, async (t) => {
  covers("sqs/10-queues");
  const ofStart = stopwatch();
  const server = await startServer(configWith({ port: 0, data: directory }), { clock: manualClock(), logger: silentLogger });
  const startMs = ofStart();
  try {
    assert.ok(startMs < 5000, `the start took ${startMs.toFixed(0)} ms`);
    const headers = { "content-type": "application/x-amz-json-1.0", "x-amz-target": "AmazonSQS.ListQueues" };
    const list = async (input: object) => {
      const response = await fetch(server.endpoint, { method: "POST", headers, body: JSON.stringify(input) });
      return (await response.json()) as { QueueUrls: string[]; NextToken?: string };
    };
    const times: number[] = [];
    let NextToken: string | undefined;
    for (let page = 0; page < QUEUES / 1000; page += 1) {
      const ofPage = stopwatch();
      const answer = await list({ MaxResults: 1000, NextToken });
      times.push(ofPage());
      assert.equal(answer.QueueUrls[0]?.endsWith(`/${queueName(page * 1000)}`), true);
      ({ NextToken } = answer);
    }
    assert.equal(NextToken, undefined);
    const typical = times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.9)] ?? Infinity;
    t.diagnostic(`start ${startMs.toFixed(0)} ms, page p90 ${typical.toFixed(1)} ms, the last ${times.at(-1)?.toFixed(1)} ms`);
    assert.ok(typical < 150, `a page took ${typical.toFixed(0)} ms`);
  } finally {
    await server.stop();
  }
});

test("idle queues take no memory and no work of the upkeep", { timeout: 120_000 }, async (t) => {
  const clock = manualClock();
  const settings = { coolDown: true, ownAccountAsked: false, masterKeys: [], ignoreLostKeys: false };
  const onFatal = (reason: unknown): never => {
    throw reason;
  };
  const engine = startInline({ directory, modules: storeModules(settings, silentLogger), clock, onFatal });
  try {
    const store = storeClient<QueueOperations>(engine, "queues", QUEUE_OPERATIONS);
    const bytesBefore = heapBytes();
    for (let index = 0; index < QUEUES; index += 1000)
      await engine.unit(Array.from({ length: 1000 }, (_, next) => store.call("describeQueue", { queue: queueRef(index + next) })));
    const bytes = (heapBytes() - bytesBefore) / QUEUES;
    assert.ok(bytes < 1024, `an idle queue that was asked for takes ${bytes.toFixed(0)} bytes`);

    const pieces: number[] = [];
    for (let minute = 0; minute < 60; minute += 1) {
      const ofPiece = stopwatch();
      clock.advance(MINUTE_MS);
      pieces.push(ofPiece());
      await store.listTags({ queue: queueRef(minute) });
    }
    // Every minute the upkeep looks for queues with old messages; four stalls of the machine are forgiven.
    const fifthMs = pieces.sort((a, b) => b - a)[4] ?? Infinity;
    t.diagnostic(`${bytes.toFixed(0)} bytes a queue, fifth longest piece of upkeep ${fifthMs.toFixed(1)} ms`);
    assert.ok(fifthMs < 10, `a piece of upkeep took ${fifthMs.toFixed(0)} ms`);
  } finally {
    await engine.stop();
  }
});
