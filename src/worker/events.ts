import { EventEmitter } from "node:events";
import type { Logger } from "../kernel/logger.ts";
import { errorText, type DeathCause, type Issue } from "./rules/settle.ts";

/** What every event says of its message. */
export interface MessageEvent {
  readonly id: string;
  /** 1 at the first receive. */
  readonly receiveCount: number;
}

/** What a worker tells, by name. Listeners run in the middle of the work: they are quick and their errors are only logged. */
export interface WorkerEvents {
  received: [MessageEvent];
  progress: [MessageEvent & { readonly fraction: number; readonly text: string | undefined }];
  /** Every output is with its queue; the message is not yet deleted. Only of messages that have outputs. */
  published: [MessageEvent & { readonly outputs: number }];
  /** The message is deleted. */
  succeeded: [MessageEvent & { readonly durationMs: number; readonly outputs: number }];
  /** The message comes back after `delayMs`. `error` is what the handler threw. */
  retried: [MessageEvent & { readonly delayMs: number; readonly error: Error | undefined }];
  /** The handler threw `Reject`, or the body does not fit the schema. What becomes of the message follows as `dead`. */
  rejected: [MessageEvent & { readonly reason: string; readonly issues: readonly Issue[] }];
  /** `deadLetterQueue` is `undefined` where there is none, and the message was deleted or returned. */
  dead: [MessageEvent & { readonly cause: DeathCause; readonly reason: string; readonly deadLetterQueue: string | undefined }];
  /** The message may be somebody else's by now: its outputs were discarded or its delete was skipped. */
  "lease-lost": [MessageEvent & { readonly reason: string }];
  /** An output, or a dead letter, was not accepted; the message comes back. */
  "publish-failed": [MessageEvent & { readonly output: string; readonly reason: string }];
  /** The worker is stopping and has returned the message unfinished. */
  released: [MessageEvent];
}

export type EventName = keyof WorkerEvents;

const NAMES: readonly EventName[] = [
  "received",
  "progress",
  "published",
  "succeeded",
  "retried",
  "rejected",
  "dead",
  "lease-lost",
  "publish-failed",
  "released",
];

/** Tells listeners, and counts what it has told. */
export class Events {
  readonly names = NAMES;
  readonly emitter = new EventEmitter<WorkerEvents>();
  readonly #log: Logger;
  readonly #counts = new Map<EventName, number>(NAMES.map((name) => [name, 0]));

  constructor(log: Logger) {
    this.#log = log;
  }

  tell<Name extends EventName>(name: Name, ...event: WorkerEvents[Name]): void {
    this.#counts.set(name, this.count(name) + 1);
    try {
      // EventEmitter's overloads cannot follow a name that is still generic.
      (this.emitter as EventEmitter).emit(name, ...event);
    } catch (error) {
      this.#log.error("listener failed", { listener: name, reason: error instanceof Error ? errorText(error) : String(error) });
    }
  }

  count(name: EventName): number {
    return this.#counts.get(name) ?? 0;
  }
}
