import { createHash } from "node:crypto";
import type { Clock, Timer } from "../../kernel/clock.ts";
import type { Logger } from "../../kernel/logger.ts";
import type { Random } from "../../kernel/random.ts";
import { MINUTE_MS } from "../../kernel/units.ts";
import { untilAccepted } from "../calls.ts";
import { failureOf, type EntryResult } from "../rules/failure.ts";
import { ID_ATTRIBUTE, isFifo, type OutgoingMessage } from "../rules/outgoing.ts";
import { TASK_BODY, taskAttributes } from "../rules/push.ts";
import type { Sqs } from "../sqs.ts";
import type { PeriodicTask } from "./cron-file.ts";

export interface PeriodicParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** The calendar's time, epoch milliseconds: schedules follow it also where it jumps or the machine has slept. */
  readonly wallMs: () => number;
  readonly sqs: Pick<Sqs, "sendBatch">;
  readonly queueUrl: string;
}

/** For how long a server that is away is asked again; beyond it FIFO queues no longer know what was sent twice. */
const SEND_MS = 5 * MINUTE_MS;

/** The longest wait between two looks at the calendar. */
const LOOK_MS = MINUTE_MS;

/**
 * Sends a message for each task when it is due, with a deduplication id and a `Millrace.Id` that name the task and its
 * time: several of these on one FIFO queue make one message. One that was missed, because nothing ran, is not made up for.
 */
export class PeriodicTasks {
  readonly #parts: PeriodicParts;
  readonly #stopped = new AbortController();
  readonly #timers = new Map<PeriodicTask, Timer>();

  constructor(parts: PeriodicParts, tasks: readonly PeriodicTask[]) {
    this.#parts = parts;
    for (const task of tasks) this.#wait(task, task.nextMs(parts.wallMs()));
  }

  stop(): void {
    this.#stopped.abort();
    for (const timer of this.#timers.values()) timer.cancel();
  }

  #wait(task: PeriodicTask, dueMs: number | undefined): void {
    if (dueMs === undefined || this.#stopped.signal.aborted) return;
    const { clock, wallMs } = this.#parts;
    const look = () => {
      const nowMs = wallMs();
      if (nowMs < dueMs) return this.#wait(task, dueMs);
      void this.#send(task, dueMs);
      this.#wait(task, task.nextMs(nowMs));
    };
    this.#timers.set(task, clock.after(Math.min(dueMs - wallMs(), LOOK_MS), look));
  }

  async #send(task: PeriodicTask, dueMs: number): Promise<void> {
    const { clock, random, log, sqs, queueUrl } = this.#parts;
    const { signal } = this.#stopped;
    const lastMs = clock.monotonicMs() + SEND_MS;
    const message = taskMessage(task, dueMs, isFifo(queueUrl));
    const result = await untilAccepted({ clock, random, signal, untilMs: () => lastMs }, async (): Promise<EntryResult> => {
      try {
        const [result] = await sqs.sendBatch(queueUrl, [message], signal);
        return result ?? { ok: false, failure: { kind: "server", code: "NoResult", message: "no result" } };
      } catch (error) {
        return { ok: false, failure: failureOf(error) };
      }
    });
    const scheduled = new Date(dueMs).toISOString();
    if (result.ok) log.info("periodic task sent", { task: task.name, scheduled });
    else log.error("periodic task not sent", { task: task.name, scheduled, reason: result.failure.message });
  }
}

function taskMessage(task: PeriodicTask, dueMs: number, fifo: boolean): OutgoingMessage {
  const id = createHash("sha256")
    .update(JSON.stringify([task.name, dueMs]))
    .digest("hex")
    .slice(0, 32);
  return {
    body: TASK_BODY,
    attributes: { ...taskAttributes(task, dueMs), [ID_ATTRIBUTE]: { type: "String", value: id } },
    delaySeconds: undefined,
    groupId: fifo ? id : undefined,
    deduplicationId: fifo ? id : undefined,
    traceHeader: undefined,
  };
}
