import type { ReceiveMessageCommandInput } from "@aws-sdk/client-sqs";
import { Difference } from "./answer.ts";
import { noteTurns, servable } from "./fifo.ts";
import { expire, numberOf, type Handle, type Queue } from "./queue.ts";
import { giveUpAll, leaveOpen, receivable } from "./receiving.ts";

/** How long the name of a deleted queue rests, and a queue between two purges. */
export const COOL_DOWN_MS = 60_000;

/** A receive that waits for a message. */
export interface Waiting {
  readonly number: number;
  readonly queue: Queue;
  readonly input: ReceiveMessageCommandInput;
  readonly untilMs: number;
}

/**
 * Amazon SQS as the contract describes it, for one account: what every queue holds, and what time it is. It knows no
 * rule of the product and keeps everything in arrays and maps. The files beside this one change it, topic by topic:
 * each takes a request with the product's answer, says whether the answer is allowed and does what it means.
 */
export class Sqs {
  nowMs: number;
  readonly queues = new Map<string, Queue>();
  /** When a queue of this name was last deleted. */
  readonly deletedMs = new Map<string, number>();
  /** Every handle that was ever given out. */
  readonly handles = new Map<string, Handle>();
  readonly messageIds = new Set<string>();
  /** In the order in which they came. */
  waiting: Waiting[] = [];

  constructor(nowMs: number) {
    this.nowMs = nowMs;
  }

  find(url: string | undefined): Queue | undefined {
    return this.queues.get(url?.split("/").at(-1) ?? "");
  }

  /**
   * Time passes while nobody asks for anything. Whoever waits must be answered at the very moment at which there is
   * something for him, or at which his time is over.
   */
  passUntil(ms: number): void {
    if (ms > this.nowMs) this.checkNobodyIsOwed();
    // Where nobody waits and no group may become free, nothing happens that could be told from what is at the end.
    while (this.waiting.length > 0 || [...this.queues.values()].some(({ fifo, messages }) => fifo && messages.length > 0)) {
      const next = this.nextEvent();
      if (next === undefined || next >= ms) break;
      this.setTime(next);
      this.checkNobodyIsOwed();
    }
    this.setTime(ms);
  }

  /** Receives that wait have come to whatever is visible: what is not to be delivered again goes on, also from there. */
  giveUpToWaiting(): void {
    const isOver = ({ untilMs }: Waiting) => untilMs <= this.nowMs;
    const waiting = new Set(this.waiting.filter((one) => !isOver(one)).map(({ queue }) => queue));
    for (let more = true; more;)
      more = [...waiting].filter((queue) => receivable(this, queue).length === 0 && giveUpAll(this, queue, true)).length > 0;
    // What comes at the very end of a wait may or may not be in time.
    for (const { queue } of this.waiting.filter(isOver)) if (!waiting.has(queue)) leaveOpen(this, queue);
  }

  /** What must have been answered by now. */
  checkNobodyIsOwed(): void {
    this.giveUpToWaiting();
    for (const { number, queue, untilMs } of this.waiting) {
      if (queue.deleted) throw new Difference(`receive ${number} waits on, although its queue was deleted`);
      if (receivable(this, queue).length > 0)
        throw new Difference(`receive ${number} waits on, although ${queue.name} has a message for it`);
      if (untilMs <= this.nowMs) throw new Difference(`receive ${number} waits on, although its time is over`);
    }
  }

  /** Whether somebody has to look at the product whenever it does something by itself. */
  isWatched(): boolean {
    return [...this.queues.values()].some(({ open }) => open.size > 0);
  }

  setTime(ms: number): void {
    this.nowMs = ms;
    for (const queue of this.queues.values()) expire(queue, ms);
    this.noteTurns();
  }

  /** After whatever may have freed or locked a message group. */
  noteTurns(): void {
    for (const queue of this.queues.values()) if (queue.fifo) noteTurns(queue, servable(queue, this.nowMs), this.nowMs);
  }

  /** The next moments at which something changes by itself, in order. */
  events(): number[] {
    const moments = [...this.waiting.map(({ untilMs }) => untilMs), ...[...this.deletedMs.values()].map((ms) => ms + COOL_DOWN_MS)];
    for (const queue of this.queues.values()) {
      moments.push((queue.purgedMs ?? 0) + COOL_DOWN_MS);
      const retentionMs = numberOf(queue, "MessageRetentionPeriod") * 1000;
      for (const { sentMs } of queue.remembered) moments.push(sentMs + 300_000);
      for (const { askedMs } of queue.attempts.values()) moments.push(askedMs + 300_000);
      for (const { hiddenUntilMs, sentMs } of queue.messages) moments.push(hiddenUntilMs, sentMs + retentionMs);
    }
    return [...new Set(moments.filter((ms) => ms > this.nowMs))].sort((a, b) => a - b);
  }

  nextEvent(): number | undefined {
    return this.events()[0];
  }
}
