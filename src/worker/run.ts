import { assert } from "../kernel/assert.ts";
import type { Clock } from "../kernel/clock.ts";
import type { LogFields, Logger } from "../kernel/logger.ts";
import type { Context } from "./context.ts";
import type { Settings } from "./options.ts";
import type { Outputs } from "./outputs.ts";
import { ABORT_MS } from "./rules/drain.ts";
import { errorText, type Issue, type Outcome } from "./rules/settle.ts";
import type { ReceivedMessage } from "./sqs.ts";
import type { Tracing } from "./tracing.ts";
import type { SchemaIssue } from "./standard-schema.ts";
import { Cancelled, LeaseLost, Reject, RetryLater, Stopping, TimedOut } from "./verdicts.ts";

export interface RunOptions {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly log: Logger;
  readonly message: ReceivedMessage;
  readonly outputs: Outputs;
  readonly queueUrl: string;
  readonly tracing: Tracing | undefined;
  readonly onProgress: (fraction: number, text: string | undefined) => void;
}

/** One run of the handler on one receive of a message. */
export class Run {
  /** How it ended. Known as soon as the message's fate is, which may be before the handler has returned; never rejects. */
  readonly outcome: Promise<Outcome>;
  /** When the handler has really returned, and its slot is free; never rejects. */
  readonly returned: Promise<void>;
  readonly #options: RunOptions;
  readonly #controller = new AbortController();
  readonly #decide: (outcome: Outcome) => void;
  #isDecided = false;

  constructor(options: RunOptions) {
    this.#options = options;
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    this.outcome = promise;
    this.#decide = (outcome) => {
      this.#isDecided = true;
      resolve(outcome);
    };
    this.returned = this.#run();
  }

  /** Aborts the handler's signal. Of a lost message nothing more is expected; otherwise the handler has a little time. */
  abort(reason: Error): void {
    if (reason instanceof LeaseLost) this.#decide({ is: "lost", because: reason });
    if (this.#controller.signal.aborted) return;
    this.#controller.abort(reason);
    this.#options.clock.after(ABORT_MS, () => this.giveUp());
  }

  /** Decides without the handler, which ignores its signal. */
  giveUp(): void {
    if (this.#isDecided) return;
    const reason = this.#controller.signal.aborted ? errorOf(this.#controller.signal.reason) : undefined;
    const isStopping = reason === undefined || reason instanceof Stopping;
    this.#options.log.warn("handler ignores its signal", { messageId: this.#options.message.messageId, reason: reason?.name });
    if (reason instanceof Cancelled) this.#decide({ is: "rejected", reason: errorText(reason), issues: [] });
    else this.#decide(isStopping ? { is: "unfinished" } : { is: "failed", error: reason });
  }

  async #run(): Promise<void> {
    const { clock, settings } = this.#options;
    const { timeoutMs } = settings;
    const timer =
      timeoutMs === undefined
        ? undefined
        : clock.after(timeoutMs, () => this.abort(new TimedOut(`the attempt took longer than ${timeoutMs} ms`)));
    try {
      this.#decide(await this.#attempt());
    } catch (error) {
      this.#decide(outcomeOf(error, this.#controller.signal));
    } finally {
      timer?.cancel();
    }
  }

  async #attempt(): Promise<Outcome> {
    const { settings, message } = this.#options;
    const body = (await settings.bodyOf?.(message, this.#controller.signal)) ?? message.body;
    let value: unknown;
    try {
      value = settings.codec.parse(body);
    } catch (error) {
      return { is: "invalid", issues: [{ message: `the body cannot be parsed: ${errorOf(error).message}`, path: "" }] };
    }
    if (settings.input !== undefined) {
      const result = await settings.input["~standard"].validate(value);
      if (result.issues !== undefined) return { is: "invalid", issues: result.issues.map(issueOf) };
      value = result.value;
    }
    const { tracing, queueUrl } = this.#options;
    const handle = async () => await this.#handle(body, value);
    await (tracing === undefined ? handle() : tracing.process(queueUrl, message, handle));
    return { is: "done" };
  }

  async #handle(body: string, value: unknown): Promise<void> {
    const { settings, message, outputs } = this.#options;
    const { run } = settings;
    const ctx = this.#context();
    if (settings.around === undefined) await run(value, ctx);
    else await settings.around({ message, body, value, ctx, outputs, run, abort: (reason) => this.abort(reason) });
  }

  #context(): Context<string> {
    const { message, outputs, onProgress, log } = this.#options;
    const { sentMs } = message;
    return {
      id: message.messageId,
      receiveCount: message.receiveCount,
      sentAt: sentMs === undefined ? undefined : new Date(sentMs),
      attributes: message.attributes,
      system: message.system,
      signal: this.#controller.signal,
      log: withId(log, message.messageId),
      emit: (name, body, options) => {
        if (this.#isDecided) this.#controller.signal.throwIfAborted();
        assert(!this.#isDecided, `ctx.emit(${JSON.stringify(name)}) after the handler had ended: await what emits`);
        outputs.add(name, body, options);
      },
      progress: (fraction, text) => {
        if (!this.#isDecided) onProgress(Math.min(1, Math.max(0, fraction)), text);
      },
    };
  }
}

/** What a handler throws after its signal was aborted is the echo of the abort, unless it is a verdict of its own. */
export function outcomeOf(thrown: unknown, signal: AbortSignal): Outcome {
  if (signal.reason instanceof LeaseLost) return { is: "lost", because: signal.reason };
  if (thrown instanceof Reject) return { is: "rejected", reason: thrown.message, issues: thrown.issues };
  if (thrown instanceof RetryLater) return { is: "later", delayMs: thrown.delayMs, because: thrown };
  if (!signal.aborted) return { is: "failed", error: errorOf(thrown) };
  if (signal.reason instanceof Cancelled) return { is: "rejected", reason: errorText(signal.reason), issues: [] };
  return signal.reason instanceof Stopping ? { is: "unfinished" } : { is: "failed", error: errorOf(signal.reason) };
}

export function issueOf(issue: SchemaIssue): Issue {
  const keys = (issue.path ?? []).map((segment) => String(typeof segment === "object" ? segment.key : segment));
  return { message: issue.message, path: keys.join(".") };
}

function errorOf(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown), { cause: thrown });
}

function withId(log: Logger, messageId: string): Logger {
  const fields = (given: LogFields = {}): LogFields => ({ messageId, ...given });
  return {
    debug: (event, given) => log.debug(event, fields(given)),
    info: (event, given) => log.info(event, fields(given)),
    warn: (event, given) => log.warn(event, fields(given)),
    error: (event, given) => log.error(event, fields(given)),
  };
}
