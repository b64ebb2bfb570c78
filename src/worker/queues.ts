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
    const url = await resolveQueue(parts, target);
    if (url !== undefined) outputs.set(name, url);
  }
  if (queueUrl === undefined || parts.signal.aborted) return undefined;
  return { queueUrl, deadLetterUrl, outputs };
}

async function resolveQueue(parts: ResolveParts, queue: string): Promise<string | undefined> {
  if (/^https?:\/\//.test(queue)) return queue;
  const { sqs, clock, random, connection, signal } = parts;
  for (let failures = 1; !signal.aborted; failures += 1) {
    try {
      const url = await withDeadline({ clock, timeoutMs: CALL_MS, signal }, async (signal) => await sqs.queueUrl(queue, signal));
      connection.up();
      return url;
    } catch (error) {
      const failure = failureOf(error);
      if (!signal.aborted) connection.down({ ...failure, message: `queue ${queue}: ${failure.message}` });
    }
    await pause(clock, pauseMs(failures, RETRY, random.fraction()), signal);
  }
  return undefined;
}
