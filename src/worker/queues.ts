import type { Clock } from "../kernel/clock.ts";
import type { Random } from "../kernel/random.ts";
import { SECOND_MS } from "../kernel/units.ts";
import type { Connection } from "./connection.ts";
import type { Settings } from "./options.ts";
import { pause, withDeadline } from "./pause.ts";
import { pauseMs } from "./rules/backoff.ts";
import { failureOf } from "./rules/failure.ts";
import { queueName } from "./rules/outgoing.ts";
import type { Sqs } from "./sqs.ts";

const CALL_MS = 10 * SECOND_MS;
const RETRY = { baseMs: 100, capMs: 5 * SECOND_MS };

/** What is needed to work on one queue. */
export interface QueueUrls {
  readonly queueUrl: string;
  /** What the ids of outputs are made from: the name of the worker's own queue, for all of its lanes. */
  readonly stage: string;
  /** Of the slots, while several queues share them. */
  readonly weight: number;
  readonly deadLetterUrl: string | undefined;
  /** By the names of the outputs. */
  readonly outputs: ReadonlyMap<string, string>;
}

export interface ResolveParts {
  readonly sqs: Sqs;
  readonly clock: Clock;
  readonly random: Random;
  readonly connection: Connection;
  /** Gives up: the worker is stopping. */
  readonly signal: AbortSignal;
}

/**
 * The URLs of all queues that a worker needs, asked for until the server is there and has them.
 * @returns one for its own queue and for each lane; `undefined` when the signal was aborted first.
 */
export async function resolveQueues(parts: ResolveParts, wanted: { queue: string; settings: Settings }): Promise<QueueUrls[] | undefined> {
  const { queue, settings } = wanted;
  // One after the other, so that the log names one missing queue at a time and not all that depend on it.
  const urls = new Map<string, number>();
  for (const [name, weight] of [[queue, 1] as const, ...(settings.lanes ?? [])]) {
    const url = await resolveQueue(parts, name);
    if (url === undefined) return undefined;
    urls.set(url, weight);
  }
  const [own = ""] = urls.keys();
  const deadLetterUrl = settings.deadLetterQueue === undefined ? undefined : await resolveQueue(parts, settings.deadLetterQueue);
  const selves: string[] = [];
  const outputs = new Map<string, string>();
  for (const [name, target] of Object.entries(settings.outputs)) {
    if (typeof target !== "string" && "self" in target) {
      selves.push(name);
      continue;
    }
    const url = typeof target === "string" ? await resolveQueue(parts, target) : await resolveTopic(parts, target.topic, own);
    if (url !== undefined) outputs.set(name, url);
  }
  if (parts.signal.aborted) return undefined;
  return [...urls].map(([queueUrl, weight]) => {
    const back = selves.map((name): [string, string] => [name, queueUrl]);
    return { queueUrl, weight, stage: settings.stage ?? queueName(own), deadLetterUrl, outputs: new Map([...outputs, ...back]) };
  });
}

async function resolveQueue(parts: ResolveParts, queue: string): Promise<string | undefined> {
  if (/^https?:\/\//.test(queue)) return queue;
  return await resolve(parts, `queue ${queue}`, async (signal) => await parts.sqs.queueUrl(queue, signal));
}

async function resolveTopic(parts: ResolveParts, topic: string, queueUrl: string): Promise<string | undefined> {
  return await resolve(parts, `topic ${topic}`, async (signal) => await parts.sqs.topicArn(topic, queueUrl, signal));
}

async function resolve(parts: ResolveParts, what: string, ask: (signal: AbortSignal) => Promise<string>): Promise<string | undefined> {
  const { clock, random, connection, signal } = parts;
  for (let failures = 1; !signal.aborted; failures += 1) {
    try {
      const url = await withDeadline({ clock, timeoutMs: CALL_MS, signal }, ask);
      connection.up();
      return url;
    } catch (error) {
      const failure = failureOf(error);
      if (!signal.aborted) connection.down({ ...failure, message: `${what}: ${failure.message}` });
    }
    await pause(clock, pauseMs(failures, RETRY, random.fraction()), signal);
  }
  return undefined;
}
