import type { Clock } from "../kernel/clock.ts";
import type { Random } from "../kernel/random.ts";
import { SECOND_MS } from "../kernel/units.ts";
import { Batcher } from "./batcher.ts";
import { pause, withDeadline } from "./pause.ts";
import { pauseMs } from "./rules/backoff.ts";
import { isWorthRetrying, type EntryResult, type Failure } from "./rules/failure.ts";
import { BATCH_BYTES_MAX, isTopic, messageBytes, TOPIC_BYTES_MAX, type OutgoingMessage } from "./rules/outgoing.ts";
import type { Sqs, VisibilityEntry } from "./sqs.ts";

/** Longer than any healthy server needs; then the connection is given up and the call made again. */
const CALL_MS = 10 * SECOND_MS;

/** How long a delete or a visibility change waits for others to share its request. */
const LINGER_MS = 50;

const RETRY = { baseMs: 100, capMs: 2 * SECOND_MS };

/** A request on a message that is only to be sent while the message is ours. */
interface Guarded<Request> {
  readonly request: Request;
  readonly isHeld: () => boolean;
}

/** Nobody else may see it as an error of the server: the request was never sent. */
const NOT_HELD: Failure = { kind: "refused", code: "LeaseLost", message: "the lease ended before the request was sent" };

/**
 * Sends what is still ours at this very moment. A process that was stopped for longer than a lease, between a decision and
 * its request, must not undo what somebody else has done with the message since.
 */
async function sendHeld<Request>(
  guarded: readonly Guarded<Request>[],
  send: (requests: readonly Request[]) => Promise<EntryResult[]>,
): Promise<EntryResult[]> {
  const held = guarded.map(({ isHeld }) => isHeld());
  const requests = guarded.filter((_, index) => held[index]).map(({ request }) => request);
  const results = requests.length === 0 ? [] : await send(requests);
  let next = 0;
  return held.map((isHeld) => (isHeld ? (results[next++] ?? { ok: false, failure: NO_RESULT }) : { ok: false, failure: NOT_HELD }));
}

const NO_RESULT: Failure = { kind: "server", code: "NoResult", message: "no result for this entry" };

/** Deletes, visibility changes and sends of all slots, in shared batches. None of these ever rejects. */
export class BatchedCalls {
  readonly #sqs: Sqs;
  readonly #clock: Clock;
  readonly #deletes: Batcher<Guarded<string>>;
  readonly #visibilities: Batcher<Guarded<VisibilityEntry>>;
  readonly #sends = new Map<string, Batcher<Guarded<OutgoingMessage>>>();

  /** @param parts `queueUrl` is the queue that is consumed. */
  constructor(parts: { sqs: Sqs; clock: Clock; queueUrl: string }) {
    const { sqs, clock, queueUrl } = parts;
    this.#sqs = sqs;
    this.#clock = clock;
    const shared = { clock, lingerMs: LINGER_MS, bytesOf: () => 0 };
    const deadline = { clock, timeoutMs: CALL_MS };
    this.#deletes = new Batcher({
      ...shared,
      send: async (guarded) =>
        await sendHeld(
          guarded,
          async (handles) => await withDeadline(deadline, async (signal) => await sqs.deleteBatch(queueUrl, handles, signal)),
        ),
    });
    this.#visibilities = new Batcher({
      ...shared,
      send: async (guarded) =>
        await sendHeld(
          guarded,
          async (entries) => await withDeadline(deadline, async (signal) => await sqs.changeVisibilityBatch(queueUrl, entries, signal)),
        ),
    });
  }

  /** @param isHeld asked when the request leaves: whether the message is still ours. */
  async delete(receiptHandle: string, isHeld: () => boolean): Promise<EntryResult> {
    return await this.#deletes.add({ request: receiptHandle, isHeld });
  }

  /** @param isHeld as for `delete`. */
  async changeVisibility(entry: VisibilityEntry, isHeld: () => boolean): Promise<EntryResult> {
    return await this.#visibilities.add({ request: entry, isHeld });
  }

  /** @param isHeld as for `delete`. */
  async send(queueUrl: string, message: OutgoingMessage, isHeld: () => boolean): Promise<EntryResult> {
    return await this.#sender(queueUrl).add({ request: message, isHeld });
  }

  #sender(queueUrl: string): Batcher<Guarded<OutgoingMessage>> {
    const known = this.#sends.get(queueUrl);
    if (known !== undefined) return known;
    const deadline = { clock: this.#clock, timeoutMs: CALL_MS };
    const sender = new Batcher<Guarded<OutgoingMessage>>({
      clock: this.#clock,
      lingerMs: 0,
      bytesOf: ({ request }) => messageBytes(request),
      bytesMax: isTopic(queueUrl) ? TOPIC_BYTES_MAX : BATCH_BYTES_MAX,
      send: async (guarded) =>
        await sendHeld(
          guarded,
          async (messages) => await withDeadline(deadline, async (signal) => await this.#sqs.sendBatch(queueUrl, messages, signal)),
        ),
    });
    this.#sends.set(queueUrl, sender);
    return sender;
  }
}

export interface RetryOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** Monotonic milliseconds after which no further attempt begins; asked anew each time, for a lease may be extended. */
  readonly untilMs: () => number;
  /** Ends the attempts early. */
  readonly signal: AbortSignal;
}

/**
 * Makes a call again while that can help: a server that is killed and replaced is back within seconds, and by then the
 * AWS SDK has given up.
 * @returns the first success, a refusal, or the last failure before the time was over.
 */
export async function untilAccepted(options: RetryOptions, call: () => Promise<EntryResult>): Promise<EntryResult> {
  for (let failures = 1; ; failures += 1) {
    const result = await call();
    if (result.ok || !isWorthRetrying(result.failure)) return result;
    const delayMs = pauseMs(failures, RETRY, options.random.fraction());
    if (options.signal.aborted || options.clock.monotonicMs() + delayMs >= options.untilMs()) return result;
    await pause(options.clock, delayMs, options.signal);
  }
}
