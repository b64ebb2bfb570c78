import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as pause } from "node:timers/promises";
import type { TestContext } from "node:test";
import { nowMs } from "../observer.ts";
import { ServerProcess, type ServerOptions } from "../server-process.ts";
import { queueArn, TopicClient } from "./client.ts";
import { checkSets, type Published } from "./fan-out.ts";
import { KILLS } from "./planted.ts";
import { Subscriber } from "./subscriber.ts";

/** One is steady; one takes a message the third time; one never takes any; one refuses each for good. */
const ANSWERS = { steady: () => 200, again: (time: number) => (time < 3 ? 503 : 200), never: () => 503, refuses: () => 403 };
const TAKING = ["steady", "again"];
/** What gave up is in the queue of the same name. */
const GIVING_UP = ["never", "refuses"];
/** One retry at once, others after a second: there is always something that waits. */
const RETRIES: Readonly<Record<string, number>> = { steady: 3, again: 10, never: 2, refuses: 3 };
const policyOf = (path: string): string =>
  JSON.stringify({ healthyRetryPolicy: { minDelayTarget: 1, maxDelayTarget: 1, numNoDelayRetries: 1, numRetries: RETRIES[path] } });

const MESSAGES_PER_KILL = 12;
/** As many requests as one endpoint gets at a time: what they bring may come again after a kill. */
const UNDER_WAY_MAX = 10;
/** Retries come within seconds: who hears nothing for so long waits for what never comes. */
const QUIET_MS = 30_000;
const STOP_MS_MAX = 15_000;

interface Options extends ServerOptions {
  readonly kills?: number;
  readonly quietMs?: number;
}

/**
 * Kills the server while messages to HTTP endpoints are being sent and wait to be sent again. At the end each is where it
 * belongs, and nothing waits any more. @throws {AssertionError}
 */
export async function deliverUnderKills(
  context: TestContext,
  { kills = KILLS, quietMs = QUIET_MS, ...options }: Options = {},
): Promise<void> {
  const data = await mkdtemp(join(tmpdir(), "millrace-deliveries-"));
  const subscriber = await Subscriber.listening(ANSWERS);
  const server = new ServerProcess(data, { ...options, flags: ["--deliver-to", "127.0.0.1"] });
  const client = new TopicClient(server);
  server.start();
  try {
    await prepare(client, subscriber);
    const published: Published = { acknowledged: new Set(), unknown: new Set() };
    for (let kill = 0; kill < kills; kill += 1) {
      const stalled = subscriber.stallAfter(5 + 10 * kill);
      await publishSome(client, published, MESSAGES_PER_KILL);
      await stalled;
      const last = publishSome(client, published, 1);
      await server.kill();
      subscriber.goOn();
      server.start();
      await last;
    }
    const dead = new Map<string, string[]>();
    let stops = 0;
    for (let left = Infinity; left > 0; stops += 1) {
      await everythingArrives(client, { subscriber, published, dead, quietMs });
      server.mayEnd();
      server.signal("SIGTERM");
      await server.kill(STOP_MS_MAX);
      left = waitingIn(data);
      if (left > 0) server.start(); // Answered, and not noted yet.
    }
    checkSets(placesOf(subscriber, dead), published);
    const repeated = subscriber.takenAt("steady").length - new Set(subscriber.takenAt("steady")).size;
    assert.ok(repeated <= UNDER_WAY_MAX * (kills + stops), `${repeated} messages came again`);
    context.diagnostic(
      `${published.acknowledged.size} acknowledged, ${subscriber.posts} posts, ${repeated} again, ${kills} kills, ${stops} stops`,
    );
  } finally {
    await server.kill();
    subscriber.close();
    await rm(data, { recursive: true, force: true });
  }
}

async function prepare(client: TopicClient, subscriber: Subscriber): Promise<void> {
  await client.createTopic("news");
  for (const path of [...TAKING, ...GIVING_UP]) {
    await client.createQueue(path);
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: queueArn(path) });
    // Of those that are raw nothing is signed.
    const raw: Record<string, string> = path === "again" ? {} : { RawMessageDelivery: "true" };
    await client.subscribeUrl("news", subscriber.urlOf(path), { ...raw, RedrivePolicy, DeliveryPolicy: policyOf(path) });
  }
  while (!subscriber.confirmed) await pause(5);
}

/** Several batches at once. */
async function publishSome(client: TopicClient, { acknowledged, unknown }: Published, count: number): Promise<void> {
  const first = acknowledged.size + unknown.size;
  const texts = Array.from({ length: count }, (_, index) => `m${String(first + index).padStart(4, "0")}`);
  const batches = [texts.slice(0, count / 2), texts.slice(count / 2)].filter(({ length }) => length > 0);
  const publish = async (batch: readonly string[]) => {
    const into = (await client.publish("news", batch)) ? acknowledged : unknown;
    for (const text of batch) into.add(text);
  };
  await Promise.all(batches.map(publish));
}

/** Resolves when every message that is anywhere is everywhere. */
async function everythingArrives(
  client: TopicClient,
  { subscriber, published, dead, quietMs }: { subscriber: Subscriber; published: Published; dead: Map<string, string[]>; quietMs: number },
): Promise<void> {
  let [posts, sinceMs] = [subscriber.posts, nowMs()];
  for (;;) {
    for (const queue of GIVING_UP) dead.set(queue, [...(dead.get(queue) ?? []), ...(await client.takeAll(queue))]);
    const places = [...placesOf(subscriber, dead)].map(([place, texts]) => ({ place, texts: new Set(texts) }));
    const all = new Set([...published.acknowledged, ...places.flatMap(({ texts }) => [...texts])]);
    const missing = places.flatMap(({ place, texts }) => [...all].filter((text) => !texts.has(text)).map((text) => `${text} at ${place}`));
    if (missing.length === 0) return;
    if (subscriber.posts > posts) [posts, sinceMs] = [subscriber.posts, nowMs()];
    assert.ok(nowMs() - sinceMs < quietMs, `these never come: ${missing.join(", ")}`);
    await pause(20);
  }
}

/** Where each message has to be in the end. What an endpoint took more than once counts once. */
function placesOf(subscriber: Subscriber, dead: ReadonlyMap<string, readonly string[]>): Map<string, readonly string[]> {
  return new Map<string, readonly string[]>([...TAKING.map((path) => [path, [...new Set(subscriber.takenAt(path))]] as const), ...dead]);
}

/** How much of the outbox is left in a data directory that nobody has open. */
function waitingIn(data: string): number {
  const database = new DatabaseSync(join(data, "millrace.db"), { readOnly: true });
  try {
    const row = database.prepare("SELECT (SELECT count(*) FROM outbox) + (SELECT count(*) FROM outbox_turn) AS waiting").get();
    return Number(row?.["waiting"]);
  } finally {
    database.close();
  }
}
