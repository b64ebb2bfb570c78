import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { TestContext } from "node:test";
import { ServerProcess, type ServerOptions } from "../server-process.ts";
import { queueArn, TopicClient } from "./client.ts";
import { KILLS } from "./planted.ts";

const PUBLISHERS = 6;
const RAW = { RawMessageDelivery: "true" };

/** Where each message has to be: in all of these, or where it was not acknowledged in none. */
const QUEUES = ["raw-1", "raw-2", "enveloped", "dead"];
const FIFO_QUEUES = ["one.fifo", "two.fifo", "plain"];

export interface Published {
  readonly acknowledged: Set<string>;
  /** Without an answer: they have happened or not. */
  readonly unknown: Set<string>;
}

/**
 * Kills the server again and again under publishers to a topic of several queues, one of which is gone so that its
 * messages go to the dead-letter queue. @throws {AssertionError} where a message is lost, invented, twice, or in some of its queues.
 */
export async function publishUnderKills(context: TestContext, options: ServerOptions = {}): Promise<void> {
  await underKills(context, options, {
    async prepare(client) {
      await client.createTopic("news");
      for (const queue of QUEUES) await client.createQueue(queue);
      for (const queue of ["raw-1", "raw-2"]) await client.subscribe("news", queue, RAW);
      await client.subscribe("news", "enveloped", {});
      await client.subscribe("news", "gone", { ...RAW, RedrivePolicy: JSON.stringify({ deadLetterTargetArn: queueArn("dead") }) });
    },
    publish: (client, texts) => client.publish("news", texts),
    async judge(client, published) {
      const taken = await takeFrom(client, QUEUES);
      checkSets(taken, published);
      return published;
    },
  });
}

/** The same with a FIFO topic, whose publishers repeat what had no answer until it has one, and some that had one as if it were lost. */
export async function publishInOrderUnderKills(context: TestContext, options: ServerOptions = {}): Promise<void> {
  await underKills(context, options, {
    async prepare(client) {
      await client.createTopic("news.fifo");
      for (const queue of FIFO_QUEUES) {
        await client.createQueue(queue);
        await client.subscribe("news.fifo", queue, RAW);
      }
    },
    async publish(client, texts, group) {
      const publishUntilAnswered = async () => {
        while (!(await client.publish("news.fifo", texts, { group })));
      };
      await publishUntilAnswered();
      if (texts.length === 1) await publishUntilAnswered();
      return true;
    },
    async judge(client, published) {
      const taken = await takeFrom(client, FIFO_QUEUES);
      checkSets(taken, published);
      for (const queue of FIFO_QUEUES.slice(0, 2)) checkOrder(taken.get(queue) ?? []);
      return published;
    },
  });
}

interface Campaign {
  prepare(client: TopicClient): Promise<void>;
  /** @returns whether it was acknowledged. */
  publish(client: TopicClient, texts: readonly string[], group: string): Promise<boolean>;
  judge(client: TopicClient, published: Published): Promise<Published>;
}

async function underKills(context: TestContext, options: ServerOptions, campaign: Campaign): Promise<void> {
  const data = await mkdtemp(join(tmpdir(), "millrace-topics-"));
  const server = new ServerProcess(data, options);
  const client = new TopicClient(server);
  server.start();
  try {
    await campaign.prepare(client);
    const published: Published = { acknowledged: new Set(), unknown: new Set() };
    const ended = new AbortController();
    const publisher = async (group: string) => {
      for (let number = 0; !ended.signal.aborted;) {
        // One, or several at once.
        const texts = Array.from({ length: 1 + (number % 3) }, () => `${group}-${String(++number).padStart(6, "0")}`);
        const into = (await campaign.publish(client, texts, group)) ? published.acknowledged : published.unknown;
        for (const text of texts) into.add(text);
      }
    };
    const publishers = Array.from({ length: PUBLISHERS }, (_, index) => publisher(`p${index}`));
    for (let kill = 0; kill < KILLS; kill += 1) {
      const before = published.acknowledged.size;
      // Some kills early, some late; each after something was acknowledged.
      while (published.acknowledged.size < before + 10 + 10 * kill) await Promise.race([pause(5), ...publishers]);
      await server.kill();
      server.start();
    }
    await server.up;
    ended.abort();
    await Promise.all(publishers);
    const { acknowledged, unknown } = await campaign.judge(client, published);
    context.diagnostic(`${acknowledged.size} acknowledged, ${unknown.size} without an answer, ${KILLS} kills`);
  } finally {
    await server.kill();
    await rm(data, { recursive: true, force: true });
  }
}

async function takeFrom(client: TopicClient, queues: readonly string[]): Promise<Map<string, string[]>> {
  const taken = new Map<string, string[]>();
  for (const queue of queues) taken.set(queue, (await client.takeAll(queue)).map(textOf));
  return taken;
}

/** A message as it was published, whatever stands around it. */
export function textOf(body: string): string {
  return body.startsWith("{") ? (JSON.parse(body) as { Message: string }).Message : body;
}

/** @throws {AssertionError} where a message is lost, invented, twice, or in some of its places. */
export function checkSets(taken: ReadonlyMap<string, readonly string[]>, { acknowledged, unknown }: Published): void {
  const sets = [...taken].map(([queue, texts]) => ({ queue, texts, set: new Set(texts) }));
  for (const { queue, texts, set } of sets) {
    assert.equal(set.size, texts.length, `a message is twice in ${queue}`);
    for (const text of acknowledged) assert.ok(set.has(text), `${text} was acknowledged and is not in ${queue}`);
    for (const text of set) assert.ok(acknowledged.has(text) || unknown.has(text), `${text} in ${queue} was never published`);
  }
  for (const text of unknown) {
    const there = sets.filter(({ set }) => set.has(text)).map(({ queue }) => queue);
    assert.ok(there.length === 0 || there.length === sets.length, `${text} is in some of its queues: ${there.join(", ")}`);
  }
}

/** Each publisher's messages have come in its order. */
function checkOrder(texts: readonly string[]): void {
  for (const [group, of] of Map.groupBy(texts, (text) => text.slice(0, text.indexOf("-")))) {
    for (const [index, text] of of.slice(1).entries()) assert.ok(text > (of[index] ?? ""), `${text} of ${group} came out of order`);
  }
}
