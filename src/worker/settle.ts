import type { Clock } from "../kernel/clock.ts";
import type { Logger } from "../kernel/logger.ts";
import type { Random } from "../kernel/random.ts";
import { untilAccepted, type BatchedCalls, type RetryOptions } from "./calls.ts";
import type { Events, MessageEvent } from "./events.ts";
import type { Job } from "./job.ts";
import type { Leases } from "./lease.ts";
import type { Output } from "./outputs.ts";
import { visibilitySeconds } from "./rules/backoff.ts";
import { deadLetterAttributes } from "./rules/dead-letter.ts";
import { failureOf, type EntryResult, type Failure } from "./rules/failure.ts";
import { isFifo, queueName, type OutgoingMessage } from "./rules/outgoing.ts";
import {
  settlementAfterPublishFailure,
  settlementOf,
  type Death,
  type Outcome,
  type Settlement,
  type SettleLimits,
} from "./rules/settle.ts";
import { LeaseLost } from "./verdicts.ts";

export interface SettlerOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly events: Events;
  readonly calls: BatchedCalls;
  readonly leases: Leases;
  readonly limits: SettleLimits;
  readonly leaseMs: number;
  readonly queueUrl: string;
  readonly deadLetterUrl: string | undefined;
  /** Ends retries: the worker is about to stop. */
  readonly signal: AbortSignal;
}

/** What is left to do once everything that the message led to has been published. */
export type Ending =
  | { readonly do: "delete"; readonly outputs: number; readonly death: Death | undefined }
  | { readonly do: "return"; readonly delayMs: number; readonly as: "retried" | "released"; readonly death: Death | undefined }
  | { readonly do: "leave"; readonly because: LeaseLost };

/**
 * Carries out what `rules/settle.ts` decides. First everything is published and acknowledged, and only then is the
 * message deleted; a crash in between repeats the message and never loses it.
 */
export class Settler {
  readonly #options: SettlerOptions;

  constructor(options: SettlerOptions) {
    this.#options = options;
  }

  /** The first half: publishes outputs or the dead letter. While this runs, the message keeps its slot. */
  async publish(job: Job, outcome: Outcome): Promise<Ending> {
    const { random, limits } = this.#options;
    const attempt = { receiveCount: job.message.receiveCount, fraction: random.fraction() };
    // A thread that was blocked past the lease must not publish what somebody else may be working on.
    if (outcome.is !== "lost" && !this.#options.leases.isHeld(job.lease)) return this.#leave(job);
    this.#tellOutcome(job, outcome, limits);
    const settlement = settlementOf(outcome, attempt, limits);
    const failed = await this.#publishFor(job, settlement);
    if (job.lease.lost !== undefined || !this.#options.leases.isHeld(job.lease)) return this.#leave(job);
    if (failed === undefined) return endingOf(settlement, job);
    this.#options.events.tell("publish-failed", { ...eventOf(job), output: failed.output, reason: failureText(failed.failure) });
    this.#warn("publish failed", job, failed.failure);
    return endingOf(settlementAfterPublishFailure(attempt, limits), job);
  }

  /** The second half: deletes or returns the message, and tells how it went. @returns false where a delete was not accepted. */
  async end(job: Job, ending: Ending): Promise<boolean> {
    let isEnded = true;
    if (ending.do === "delete") isEnded = await this.#delete(job, ending);
    else if (ending.do === "return") await this.#return(job, ending);
    else this.#options.events.tell("lease-lost", { ...eventOf(job), reason: ending.because.message });
    this.#options.leases.letGo(job.lease);
    return isEnded;
  }

  async #publishFor(job: Job, settlement: Settlement): Promise<{ output: string; failure: Failure } | undefined> {
    if (settlement.do === "dead-letter") return await this.#publishAll(job, [this.#deadLetter(job, settlement.death)]);
    if (settlement.do !== "publish-and-delete" || job.outputs.list.length === 0) return undefined;
    const failed = await this.#publishAll(job, job.outputs.list);
    if (failed === undefined) this.#options.events.tell("published", { ...eventOf(job), outputs: job.outputs.list.length });
    return failed;
  }

  /** All at once, so that they share batches. @returns the first that was not accepted. */
  async #publishAll(job: Job, outputs: readonly Output[]): Promise<{ output: string; failure: Failure } | undefined> {
    const retry = this.#retry(job);
    const { calls, leases } = this.#options;
    const isHeld = () => leases.isHeld(job.lease);
    const results = await Promise.all(
      outputs.map(async (output) => await untilAccepted(retry, async () => await calls.send(output.queueUrl, output.message, isHeld))),
    );
    for (const [index, result] of results.entries()) if (!result.ok) return { output: outputs[index]?.name ?? "", failure: result.failure };
    return undefined;
  }

  async #delete(job: Job, ending: Ending & { do: "delete" }): Promise<boolean> {
    const { events, calls, clock, leases, deadLetterUrl } = this.#options;
    const isHeld = () => leases.isHeld(job.lease);
    // Whether that is noted somewhere as well does not decide over the delete.
    const noted = ending.death === undefined ? this.#notePublished(job) : undefined;
    const result = await untilAccepted(this.#retry(job), async () => await calls.delete(job.message.receiptHandle, isHeld));
    await noted;
    if (!result.ok) {
      this.#warn("delete not accepted; the message may come again", job, result.failure);
      events.tell("lease-lost", { ...eventOf(job), reason: `the delete was not accepted: ${failureText(result.failure)}` });
    } else if (ending.death !== undefined) {
      this.#tellDeath(job, ending.death, deadLetterUrl);
    } else {
      const durationMs = Math.round(clock.monotonicMs() - job.startedMs);
      events.tell("succeeded", { ...eventOf(job), durationMs, outputs: ending.outputs });
    }
    return result.ok;
  }

  async #notePublished(job: Job): Promise<void> {
    try {
      await job.outputs.onPublished?.();
    } catch (error) {
      this.#warn("publish not noted; a second copy of the message publishes again", job, failureOf(error));
    }
  }

  async #return(job: Job, ending: Ending & { do: "return" }): Promise<void> {
    const { events, calls, clock, leases } = this.#options;
    // An extension that arrived after the return would hold the message back, or hold it in another worker's name.
    await leases.stopExtending(job.lease);
    const change = async (): Promise<EntryResult> => {
      const seconds = visibilitySeconds(ending.delayMs, clock.monotonicMs() - job.lease.receivedMs);
      const entry = { receiptHandle: job.message.receiptHandle, visibilitySeconds: seconds };
      return await calls.changeVisibility(entry, () => leases.isHeld(job.lease));
    };
    const result = await untilAccepted(this.#retry(job), change);
    if (!result.ok) this.#warn("return not accepted; the message comes back when its lease ends", job, result.failure);
    if (ending.death !== undefined) this.#tellDeath(job, ending.death, undefined);
    else if (ending.as === "released") events.tell("released", eventOf(job));
    else events.tell("retried", { ...eventOf(job), delayMs: ending.delayMs, error: job.error });
  }

  #leave(job: Job): Ending {
    return { do: "leave", because: job.lease.lost ?? new LeaseLost("the lease ended") };
  }

  /** As long as the lease holds, but not for longer than one lease after the handler ended: heartbeats could go on for hours. */
  #retry(job: Job): RetryOptions {
    const { clock, random, signal, leaseMs } = this.#options;
    const lastMs = clock.monotonicMs() + leaseMs;
    return { clock, random, signal, untilMs: () => Math.min(job.lease.untilMs, lastMs) };
  }

  #deadLetter(job: Job, death: Death): Output {
    const { queueUrl, deadLetterUrl = "" } = this.#options;
    const { message, lineage } = job;
    const { messageId, receiveCount, body, groupId, traceHeader } = message;
    const fifo = isFifo(deadLetterUrl);
    const dead = { body, attributes: message.attributes, messageId, receiveCount, lineage, queueName: queueName(queueUrl) };
    const outgoing: OutgoingMessage = {
      body,
      attributes: deadLetterAttributes(dead, death),
      delaySeconds: undefined,
      groupId: fifo ? (groupId ?? lineage) : groupId,
      deduplicationId: fifo ? messageId : undefined,
      traceHeader,
    };
    return { name: "deadLetterQueue", queueUrl: deadLetterUrl, message: outgoing };
  }

  #tellOutcome(job: Job, outcome: Outcome, limits: SettleLimits): void {
    const { events, log } = this.#options;
    if (outcome.is === "failed") {
      job.error = outcome.error;
      const { messageId, receiveCount } = job.message;
      log.warn("handler failed", {
        messageId,
        receiveCount,
        receivesMax: limits.receivesMax,
        reason: outcome.error.stack ?? outcome.error.message,
      });
    } else if (outcome.is === "later") {
      job.error = outcome.because;
    } else if (outcome.is === "rejected") {
      events.tell("rejected", { ...eventOf(job), reason: outcome.reason, issues: outcome.issues });
    } else if (outcome.is === "invalid") {
      const reason = outcome.issues.map((issue) => `${issue.path === "" ? "body" : issue.path}: ${issue.message}`).join("; ");
      events.tell("rejected", { ...eventOf(job), reason, issues: outcome.issues });
    }
  }

  #tellDeath(job: Job, death: Death, deadLetterQueue: string | undefined): void {
    const { cause, reason } = death;
    this.#options.log.error("message dead", {
      messageId: job.message.messageId,
      cause,
      reason,
      deadLetterQueue: deadLetterQueue ?? "none",
    });
    this.#options.events.tell("dead", { ...eventOf(job), cause, reason, deadLetterQueue });
  }

  #warn(event: string, job: Job, failure: Failure): void {
    this.#options.log.warn(event, { messageId: job.message.messageId, code: failure.code, reason: failure.message });
  }
}

export function eventOf(job: Job): MessageEvent {
  return { id: job.message.messageId, receiveCount: job.message.receiveCount };
}

function endingOf(settlement: Settlement, job: Job): Ending {
  switch (settlement.do) {
    case "publish-and-delete":
      return { do: "delete", outputs: job.outputs.list.length, death: undefined };
    case "dead-letter":
    case "delete-dead":
      return { do: "delete", outputs: 0, death: settlement.death };
    case "return-dead":
      return { do: "return", delayMs: settlement.delayMs, as: "retried", death: settlement.death };
    case "return":
      return { ...settlement, death: undefined };
    case "leave":
      return { do: "leave", because: job.lease.lost ?? new LeaseLost("the lease ended") };
  }
}

function failureText(failure: Failure): string {
  return `${failure.code}: ${failure.message}`;
}
