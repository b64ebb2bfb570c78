import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { seededRandom } from "../../../src/kernel/random.ts";
import { ServerProcess, type ServerOptions } from "../server-process.ts";
import { DeadLetterClient } from "./client.ts";

/**
 * Messages on their way between queues while the server is killed: each is in one of them, once. Counts and messages are
 * looked at after every kill, and at the end everything is taken out.
 */

const MESSAGES = 1000;
/** A receive that gives a thousand messages up does so in ten pieces, each a few milliseconds; it is hit anywhere. */
const RECEIVE_MS = 30;
/** A task of a thousand messages takes five seconds then, and kills come several times in them. */
const PER_SECOND = 200;
const TASK_MS = 350;

const bodies = Array.from({ length: MESSAGES }, (_, index) => `m${index}`);

type Run = (server: ServerProcess, client: DeadLetterClient) => Promise<void>;

async function withServer(context: TestContext, options: ServerOptions, run: Run): Promise<void> {
  const data = await mkdtemp(join(tmpdir(), "millrace-crash-"));
  context.diagnostic(`data in ${data}`);
  const server = new ServerProcess(data, options);
  server.start();
  await server.up;
  try {
    await run(server, new DeadLetterClient(server));
  } finally {
    await server.kill();
  }
  await rm(data, { recursive: true });
}

async function killAndStart(server: ServerProcess): Promise<void> {
  await server.kill();
  server.start();
  await server.up;
}

/** Messages that were sent and received once, so that the next receive gives all of them up. */
async function readyToGiveUp(client: DeadLetterClient): Promise<void> {
  await client.createPair();
  await client.send("orders", bodies);
  const handles: string[] = [];
  while (handles.length < MESSAGES) handles.push(...(await client.receive("orders")).map(({ ReceiptHandle }) => ReceiptHandle));
  await client.show("orders", handles);
}

/** A receive gives messages up, and the server is killed in it. */
export async function giveUpUnderKills(context: TestContext, kills: number, options: ServerOptions = {}): Promise<void> {
  const random = seededRandom(process.pid);
  await withServer(context, options, async (server, client) => {
    await readyToGiveUp(client);
    let between = 0;
    for (let kill = 0; kill < kills; kill += 1) {
      const receive = client.receive("orders").catch(() => []);
      await pause(random.fraction() * RECEIVE_MS);
      await killAndStart(server);
      assert.deepEqual(await receive, [], "nothing is delivered a second time");
      const [orders, dead] = [await client.visible("orders"), await client.visible("dead")];
      assert.equal(orders + dead, MESSAGES, `${orders} and ${dead} after kill ${kill + 1}`);
      if (orders > 0 && dead > 0) between += 1;
    }
    context.diagnostic(`${between} of ${kills} kills with some here and some there`);
    assert.deepEqual(await client.receive("orders"), []);
    const taken = await client.takeAll("dead");
    assert.deepEqual(taken.map(({ Body }) => Body).toSorted(), bodies.toSorted());
    assert.equal(new Set(taken.map(({ MessageId }) => MessageId)).size, MESSAGES);
  });
}

/** A move task brings them back, and the server is killed again and again. */
export async function moveUnderKills(context: TestContext, kills: number, options: ServerOptions = {}): Promise<void> {
  const random = seededRandom(process.pid);
  await withServer(context, options, async (server, client) => {
    await readyToGiveUp(client);
    await client.receive("orders");
    await client.startTask(PER_SECOND);
    let movedBefore = 0;
    let between = 0;
    for (let kill = 0; kill < kills; kill += 1) {
      await pause(random.fraction() * TASK_MS);
      await killAndStart(server);
      // The task goes on meanwhile, so the one count is taken before and after the other.
      const { moved } = await client.task();
      const [before, orders, after] = [await client.visible("dead"), await client.visible("orders"), await client.visible("dead")];
      assert.ok(orders + after <= MESSAGES && MESSAGES <= orders + before, `${before}, ${orders}, ${after} after kill ${kill + 1}`);
      assert.ok(moved >= movedBefore && orders >= moved, `${moved} moved, ${movedBefore} before, ${orders} there`);
      if (moved > 0 && moved < MESSAGES) between += 1;
      movedBefore = moved;
    }
    context.diagnostic(`${between} of ${kills} kills in the middle of the task`);
    let task = await client.task();
    for (; task.status === "RUNNING"; task = await client.task()) await pause(50);
    assert.deepEqual(task, { status: "COMPLETED", moved: MESSAGES });
    assert.equal(await client.visible("dead"), 0);
    const taken = await client.takeAll("orders");
    assert.deepEqual(taken.map(({ Body }) => Body).toSorted(), bodies.toSorted());
    assert.equal(new Set(taken.map(({ MessageId }) => MessageId)).size, MESSAGES);
  });
}
