import type { Clock } from "../kernel/clock.ts";
import type { Random } from "../kernel/random.ts";
import { SECOND_MS } from "../kernel/units.ts";
import type { Connection } from "./connection.ts";
import type { Settings } from "./options.ts";
import { pause, withDeadline } from "./pause.ts";
import { pauseMs } from "./rules/backoff.ts";
import { failureOf } from "./rules/failure.ts";
import type { Sqs } from "./sqs.ts";

const CALL_MS = 10 * SECOND_MS;
const RETRY = { baseMs: 100, capMs: 5 * SECOND_MS };

export interface QueueUrls {
  readonly queueUrl: string;
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
 * @returns `undefined` when the signal was aborted first.
 */
export async function resolveQueues(parts: ResolveParts, wanted: { queue: string; settings: Settings }): Promise<QueueUrls | undefined> {
  const { queue, settings } = wanted;
  // One after the other, so that the log names one missing queue at a time and not all that depend on it.
  const queueUrl = await resolveQueue(parts, queue);
  const deadLetterUrl = settings.deadLetterQueue === undefined ? undefined : await resolveQueue(parts, settings.deadLetterQueue);
  const outputs = new Map<string, string>();
  for (const [name, target] of Object.entries(settings.outputs)) {
    const url = typeof target === "string" ? await resolveQueue(parts, target) : await resolveTopic(parts, target.topic, queueUrl);
    if (url !== undefined) outputs.set(name, url);
  }
  if (queueUrl === undefined || parts.signal.aborted) return undefined;
  return { queueUrl, deadLetterUrl, outputs };
}

async function resolveQueue(parts: ResolveParts, queue: string): Promise<string | undefined> {
  if (/^https?:\/\//.test(queue)) return queue;
  return await resolve(parts, `queue ${queue}`, async (signal) => await parts.sqs.queueUrl(queue, signal));
}

async function resolveTopic(parts: ResolveParts, topic: string, queueUrl: string | undefined): Promise<string | undefined> {
  if (queueUrl === undefined) return undefined;
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
