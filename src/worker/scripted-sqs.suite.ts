import { after } from "node:test";
import { assert } from "../kernel/assert.ts";
import { manualClock, type Clock, type ManualClock } from "../kernel/clock.ts";
import type { LogFields, Logger, LogLevel } from "../kernel/logger.ts";
import { seededRandom } from "../kernel/random.ts";
import { settingsOf, type ConsumeOptions } from "./options.ts";
import type { EntryResult, Failure } from "./rules/failure.ts";
import type { MessageAttributes, OutgoingMessage } from "./rules/outgoing.ts";
import type { ReceivedMessage, ReceiveRequest, Sqs, VisibilityEntry } from "./sqs.ts";
import { Worker, type StopReport } from "./worker.ts";

export const QUEUE = "http://127.0.0.1:4566/000000000000/jobs";

export type Action =
  | "GetQueueUrl"
  | "GetQueueAttributes"
  | "ReceiveMessage"
  | "DeleteMessageBatch"
  | "ChangeMessageVisibilityBatch"
  | "SendMessageBatch";

export interface Call {
  readonly action: Action;
  readonly atMs: number;
  /** The count asked for, or the entries as text: the message's body, and where it has one `=` its visibility in seconds. */
  readonly what: readonly string[];
}

interface Stored {
  readonly messageId: string;
  readonly body: string;
  readonly attributes: MessageAttributes;
  readonly groupId: string | undefined;
  receipt: string;
  receiveCount: number;
  visibleMs: number;
  isDeleted: boolean;
}

/** A small SQS in memory on a test's clock, whose every call is noted and can be made to fail. */
class ScriptedSqs implements Sqs {
  readonly calls: Call[] = [];
  readonly sent: { readonly queueUrl: string; readonly message: OutgoingMessage }[] = [];
  /** Asked before each call: what it returns is thrown. */
  onCall: (call: Call) => Error | undefined = () => undefined;
  /** Asked for each entry of a batch, by the text that `Call.what` has: what it returns is the entry's failure. */
  onEntry: (action: Action, entry: string) => Failure | undefined = () => undefined;
  /** Calls wait for this before they are answered. */
  gate: (action: Action) => Promise<void> | undefined = () => undefined;
  readonly #clock: Clock;
  readonly #messages: Stored[] = [];
  #waiting: (() => void)[] = [];
  #receipts = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(body: unknown, options: { attributes?: MessageAttributes; groupId?: string; receiveCount?: number } = {}): void {
    this.#messages.push({
      messageId: `m${this.#messages.length + 1}`,
      body: typeof body === "string" ? body : JSON.stringify(body),
      attributes: options.attributes ?? {},
      groupId: options.groupId,
      receipt: "",
      receiveCount: options.receiveCount ?? 0,
      visibleMs: 0,
      isDeleted: false,
    });
    this.#wake();
  }

  /** Bodies of what is not deleted. */
  left(): string[] {
    return this.#messages.filter((message) => !message.isDeleted).map((message) => message.body);
  }

  /** Makes messages visible before their time, as if their lease had ended at the server. */
  takeBack(): void {
    for (const message of this.#messages) message.visibleMs = 0;
    this.#wake();
  }

  made(action: Action): Call[] {
    return this.calls.filter((call) => call.action === action);
  }

  async queueUrl(name: string): Promise<string> {
    await this.#begin("GetQueueUrl", [name]);
    return `http://127.0.0.1:4566/000000000000/${name}`;
  }

  async topicArn(name: string): Promise<string> {
    await this.#begin("GetQueueAttributes", [name]);
    return `arn:aws:sns:us-east-1:000000000000:${name}`;
  }

  async receive({ count, waitSeconds, leaseSeconds, signal }: ReceiveRequest): Promise<ReceivedMessage[]> {
    await this.#begin("ReceiveMessage", [String(count)]);
    const untilMs = this.#clock.nowMs() + waitSeconds * 1000;
    for (;;) {
      if (signal.aborted) throw networkError("AbortError");
      const nowMs = this.#clock.nowMs();
      const found = this.#messages.filter((message) => !message.isDeleted && message.visibleMs <= nowMs).slice(0, count);
      if (found.length > 0) return found.map((message) => this.#hand(message, nowMs + leaseSeconds * 1000));
      if (nowMs >= untilMs) return [];
      await this.#wait(untilMs, signal);
    }
  }

  async deleteBatch(_queueUrl: string, receipts: readonly string[]): Promise<EntryResult[]> {
    const what = receipts.map((receipt) => this.#byReceipt(receipt)?.body ?? receipt);
    await this.#begin("DeleteMessageBatch", what);
    return receipts.map((receipt, index) => {
      const failure = this.onEntry("DeleteMessageBatch", what[index] ?? "");
      if (failure !== undefined) return { ok: false, failure };
      const message = this.#byReceipt(receipt);
      if (message !== undefined) message.isDeleted = true;
      return { ok: true };
    });
  }

  async changeVisibilityBatch(_queueUrl: string, entries: readonly VisibilityEntry[]): Promise<EntryResult[]> {
    const what = entries.map((entry) => `${this.#byReceipt(entry.receiptHandle)?.body ?? entry.receiptHandle}=${entry.visibilitySeconds}`);
    await this.#begin("ChangeMessageVisibilityBatch", what);
    return entries.map((entry, index) => {
      const failure = this.onEntry("ChangeMessageVisibilityBatch", what[index] ?? "");
      if (failure !== undefined) return { ok: false, failure };
      const message = this.#byReceipt(entry.receiptHandle);
      if (message === undefined || message.isDeleted) {
        return { ok: false, failure: { kind: "refused", code: "InvalidParameterValue", message: "Message does not exist" } };
      }
      message.visibleMs = this.#clock.nowMs() + entry.visibilitySeconds * 1000;
      this.#wake();
      return { ok: true };
    });
  }

  async sendBatch(queueUrl: string, messages: readonly OutgoingMessage[]): Promise<EntryResult[]> {
    await this.#begin(
      "SendMessageBatch",
      messages.map((message) => message.body),
    );
    return messages.map((message) => {
      const failure = this.onEntry("SendMessageBatch", message.body);
      if (failure !== undefined) return { ok: false, failure };
      this.sent.push({ queueUrl, message });
      return { ok: true };
    });
  }

  async #begin(action: Action, what: readonly string[]): Promise<void> {
    const call = { action, what, atMs: this.#clock.nowMs() };
    this.calls.push(call);
    await this.gate(action);
    const error = this.onCall(call);
    if (error !== undefined) throw error;
  }

  #hand(message: Stored, visibleMs: number): ReceivedMessage {
    message.receipt = `${message.messageId}/${(this.#receipts += 1)}`;
    message.receiveCount += 1;
    message.visibleMs = visibleMs;
    const { messageId, body, attributes, groupId, receiveCount } = message;
    return {
      messageId,
      receiptHandle: message.receipt,
      body,
      receiveCount,
      sentMs: 0,
      attributes,
      groupId,
      traceHeader: undefined,
      system: {},
    };
  }

  /** Only the latest receive's handle; a server that took an older one would hide what these tests look for. */
  #byReceipt(receipt: string): Stored | undefined {
    return this.#messages.find((message) => message.receipt === receipt);
  }

  async #wait(untilMs: number, signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#waiting.push(resolve);
      signal.addEventListener("abort", () => resolve());
      const next = Math.min(untilMs, ...this.#messages.filter((message) => !message.isDeleted).map((message) => message.visibleMs));
      this.#clock.after(Math.max(1, next - this.#clock.nowMs()), resolve);
    });
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

/** An error as the AWS SDK throws it when there is no answer. */
export function networkError(code: string = "ECONNREFUSED"): Error {
  return Object.assign(new Error(`connect ${code} 127.0.0.1:4566`), { code, name: code === "AbortError" ? code : "Error" });
}

/** An error as the AWS SDK throws it when SQS answered with one. */
export function serviceError(name: string, httpStatusCode: number): Error {
  return Object.assign(new Error(`${name} said by the server`), { name, $metadata: { httpStatusCode } });
}

/** Keeps its lines, to be read by a test. */
class LinesLogger implements Logger {
  readonly lines: { readonly level: LogLevel; readonly event: string; readonly fields: LogFields }[] = [];
  debug = (event: string, fields: LogFields = {}): unknown => this.lines.push({ level: "debug", event, fields });
  info = (event: string, fields: LogFields = {}): unknown => this.lines.push({ level: "info", event, fields });
  warn = (event: string, fields: LogFields = {}): unknown => this.lines.push({ level: "warn", event, fields });
  error = (event: string, fields: LogFields = {}): unknown => this.lines.push({ level: "error", event, fields });

  count(event: string): number {
    return this.lines.filter((line) => line.event === event).length;
  }
}

/** Lets everything run that does not wait for time. */
export async function turn(): Promise<void> {
  for (let round = 0; round < 8; round += 1) await new Promise(setImmediate);
}

/** A worker on a scripted SQS, a clock of the test's own and repeatable chance. */
export class Bench {
  readonly clock: ManualClock = manualClock(0);
  readonly sqs = new ScriptedSqs(this.clock);
  readonly log = new LinesLogger();
  readonly told: string[] = [];

  start<Message = unknown, Output extends string = never>(options: ConsumeOptions<Message, Output>, queue: string = QUEUE): Worker {
    const parts = { sqs: this.sqs, clock: this.clock, random: seededRandom(7), log: this.log };
    const worker = new Worker(queue, settingsOf(options), parts);
    for (const name of ["succeeded", "retried", "rejected", "dead", "lease-lost", "publish-failed", "released"] as const) {
      worker.on(name, (event) => this.told.push(`${name} ${event.id}`));
    }
    // A failed test must not leave a worker behind that keeps the process waiting.
    after(async () => await this.stop(worker));
    return worker;
  }

  /** Stops the worker, for which time must pass. */
  async stop(worker: Worker): Promise<StopReport> {
    const report = worker.stop({ grace: "1s" });
    await turn();
    while (worker.stats().stage !== "stopped") await this.pass(100, 50);
    return await report;
  }

  /** Moves the clock in steps, with everything run after each. */
  async pass(ms: number, stepMs: number = Math.max(10, ms / 100)): Promise<void> {
    assert(stepMs > 0, "time goes forward");
    await turn();
    for (let passed = 0; passed < ms; passed += stepMs) {
      this.clock.advance(Math.min(stepMs, ms - passed));
      await turn();
    }
  }
}

/** A handler's promise in the test's hands. */
export function held(): { promise: Promise<void>; done: () => void; fail: (error: Error) => void } {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  return { promise, done: resolve, fail: reject };
}
