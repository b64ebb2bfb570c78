import type { Logger } from "../kernel/logger.ts";
import type { MessageAttributes } from "./rules/outgoing.ts";

export interface EmitOptions {
  /**
   * What makes this output the same one when the message is run again. Default: its place among the outputs of its name
   * in this run, which is enough where the same message always emits the same things in the same order.
   */
  readonly key?: string;
  /** 0 to 900; standard queues only. */
  readonly delaySeconds?: number;
  /** The message group; default the input's group where the target is a FIFO queue. */
  readonly groupId?: string;
  readonly attributes?: MessageAttributes;
  /** The lane of the stage that takes it; default what that stage's `lanes` say of the body. Pipelines only. */
  readonly lane?: string | undefined;
}

/** What a handler knows of its message and may do besides returning. */
export interface Context<Output extends string> {
  readonly id: string;
  /** 1 at the first receive. */
  readonly receiveCount: number;
  /** When the message was sent; `undefined` where the server does not say. */
  readonly sentAt: Date | undefined;
  /** The message's attributes, by name. */
  readonly attributes: MessageAttributes;
  /** The system attributes, as SQS names them: `SenderId`, `MessageGroupId` … */
  readonly system: Readonly<Record<string, string>>;
  /**
   * Aborted when going on is pointless; its reason is a `LeaseLost`, `LeaseExhausted`, `TimedOut` or `Stopping`. Pass it to
   * whatever takes one. To give up, throw: a handler that resolves has said that the message is done.
   */
  readonly signal: AbortSignal;
  /**
   * Keeps an output until the handler has resolved. It is sent before the message is deleted, and never if the handler
   * throws or the lease is lost.
   */
  emit(output: Output, body: unknown, options?: EmitOptions): void;
  /** Says how far the handler is: a fraction from 0 to 1 and, for people, a few words. */
  progress(fraction: number, text?: string): void;
  /** The worker's logger, with the message's id in every line. */
  readonly log: Logger;
}
