import type { Clock, Timer } from "../kernel/clock.ts";
import type { Logger } from "../kernel/logger.ts";
import { visibilitySeconds } from "./rules/backoff.ts";
import type { EntryResult } from "./rules/failure.ts";
import { beatRetryMs, isLeaseGone, leaseStep, leaseUntilMs, nextBeatMs } from "./rules/lease.ts";
import type { VisibilityEntry } from "./sqs.ts";
import { LeaseExhausted, LeaseLost } from "./verdicts.ts";

/** The right to a message for a while, as far as this process can know it. */
export class Lease {
  readonly receiptHandle: string;
  /** Monotonic milliseconds, as are all times here. */
  readonly receivedMs: number;
  untilMs: number;
  beatMs: number;
  /** Resolves when the extension that is under way has been answered. */
  extending: Promise<void> | undefined;
  isExtensible = true;
  isExhausted = false;
  /** Why the message is no longer ours; `undefined` while it is. */
  lost: LeaseLost | undefined;
  /** Called once with a `LeaseLost`, and before that perhaps once with a `LeaseExhausted`. */
  onEnd: (reason: LeaseLost | LeaseExhausted) => void = () => {};

  constructor(receiptHandle: string, times: { receivedMs: number; untilMs: number; beatMs: number }) {
    this.receiptHandle = receiptHandle;
    this.receivedMs = times.receivedMs;
    this.untilMs = times.untilMs;
    this.beatMs = times.beatMs;
  }

  lose(text: string): void {
    if (this.lost !== undefined) return;
    this.lost = new LeaseLost(text);
    this.onEnd(this.lost);
  }

  exhaust(): void {
    if (this.isExhausted) return;
    this.isExhausted = true;
    this.onEnd(new LeaseExhausted("the message has been held for 11 h 45 m; SQS takes it back after 12 h"));
  }
}

export interface LeasesOptions {
  readonly clock: Clock;
  readonly leaseMs: number;
  readonly log: Logger;
  readonly extend: (entry: VisibilityEntry, isHeld: () => boolean) => Promise<EntryResult>;
}

/** All leases of a worker, extended while they are held. One timer stands for the earliest thing to do. */
export class Leases {
  readonly #options: LeasesOptions;
  readonly #held = new Set<Lease>();
  #timer: Timer | undefined;
  #timerMs = Number.POSITIVE_INFINITY;

  constructor(options: LeasesOptions) {
    this.#options = options;
  }

  /** Begins a lease at the moment when its message was received, which may be long ago. */
  hold(receiptHandle: string, receivedMs: number): Lease {
    const { leaseMs } = this.#options;
    const lease = new Lease(receiptHandle, {
      receivedMs,
      untilMs: leaseUntilMs(receivedMs, leaseMs),
      beatMs: nextBeatMs(receivedMs, leaseMs),
    });
    this.#held.add(lease);
    this.#wakeAt(lease.beatMs);
    return lease;
  }

  /** No more is done for this lease: its message is settled or left. */
  letGo(lease: Lease): void {
    this.#held.delete(lease);
  }

  /** Whether the message is still ours by the clock. A blocked thread may be later than the timer that would have said so. */
  isHeld(lease: Lease): boolean {
    if (this.#options.clock.monotonicMs() >= lease.untilMs) lease.lose("the lease ended before it could be extended");
    return lease.lost === undefined;
  }

  /** The message is about to be returned. Resolves when no extension is under way; its end by the clock still counts. */
  async stopExtending(lease: Lease): Promise<void> {
    lease.isExtensible = false;
    await lease.extending;
  }

  #wakeAt(atMs: number): void {
    if (atMs >= this.#timerMs) return;
    this.#timer?.cancel();
    this.#timerMs = atMs;
    this.#timer = this.#options.clock.after(atMs - this.#options.clock.monotonicMs(), () => {
      this.#timerMs = Number.POSITIVE_INFINITY;
      this.#look();
    });
  }

  #look(): void {
    const nowMs = this.#options.clock.monotonicMs();
    for (const lease of this.#held) {
      const wakeMs = this.#lookAt(lease, nowMs);
      if (wakeMs !== undefined) this.#wakeAt(wakeMs);
    }
  }

  /** @returns when to look again; `undefined` when that is decided later or never. */
  #lookAt(lease: Lease, nowMs: number): number | undefined {
    if (lease.lost !== undefined) return undefined;
    if (lease.isExhausted || lease.extending !== undefined || !lease.isExtensible) {
      if (this.isHeld(lease)) return lease.untilMs;
      return undefined;
    }
    const step = leaseStep(lease, nowMs, this.#options.leaseMs);
    if (step.do === "wait") return step.untilMs;
    if (step.do === "extend") {
      lease.extending = this.#extend(lease, step.visibilityMs);
      return lease.untilMs;
    }
    if (step.because === "expired") {
      this.isHeld(lease);
      return undefined;
    }
    lease.exhaust();
    return lease.untilMs;
  }

  async #extend(lease: Lease, visibilityMs: number): Promise<void> {
    const { clock, leaseMs, log } = this.#options;
    const askedMs = clock.monotonicMs();
    const seconds = visibilitySeconds(visibilityMs, askedMs - lease.receivedMs);
    const entry = { receiptHandle: lease.receiptHandle, visibilitySeconds: seconds };
    const result = await this.#options.extend(entry, () => this.isHeld(lease));
    lease.extending = undefined;
    if (!this.#held.has(lease)) return;
    if (result.ok) {
      lease.untilMs = Math.max(lease.untilMs, leaseUntilMs(askedMs, seconds * 1000));
      lease.beatMs = nextBeatMs(askedMs, leaseMs);
    } else if (isLeaseGone(result.failure)) {
      lease.lose(`the extension was refused: ${result.failure.message}`);
    } else {
      log.debug("heartbeat failed", { code: result.failure.code, reason: result.failure.message });
      lease.beatMs = beatRetryMs(clock.monotonicMs(), leaseMs);
    }
    // The time may be over already, or the next beat due at once.
    const wakeMs = this.#lookAt(lease, clock.monotonicMs());
    if (wakeMs !== undefined) this.#wakeAt(wakeMs);
  }
}
