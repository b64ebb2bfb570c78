import { assert } from "../../kernel/assert.ts";
import { systemClock, type Clock } from "../../kernel/clock.ts";
import { MINUTE_MS } from "../../kernel/units.ts";
import type { Context } from "../context.ts";
import type { BodyCodec } from "../options.ts";
import { durationMs, type Duration } from "../rules/duration.ts";
import { instructionOf, messageVariables, progressOf, verdictOf, type Instruction } from "../rules/exec.ts";
import { Reject, RetryLater } from "../verdicts.ts";
import { runCommand, type CommandStream } from "./command.ts";
import { Guard } from "./guard.ts";

/** A handler as `consume` takes it, for messages of any kind. */
export type Handler = (message: unknown, ctx: Context<string>) => Promise<void>;

export interface ExecOptions {
  /** The program and its arguments; no shell is between. */
  readonly command: readonly string[];
  /** Where it runs. Default: where this process does. */
  readonly directory?: string;
  /**
   * Variables beside this process's own, asked for at each run since credentials expire; see `awsVariables`. Those of the
   * message come on top.
   */
  readonly environment?: () => Promise<Readonly<Record<string, string>>>;
  /** After how long a message comes back whose command ended with exit code 4. Default `"1m"`. */
  readonly later?: Duration;
  /** Every line that the command writes and that is no instruction. Default: the log, at its lowest level. */
  readonly onLine?: (line: { readonly messageId: string; readonly stream: "stdout" | "stderr"; readonly text: string }) => void;
  readonly clock?: Clock;
}

/** Bodies as they are for standard input, and JSON for what is emitted. */
export const EXEC_BODY: BodyCodec = { parse: (body) => body, serialize: (value) => JSON.stringify(value) };

/**
 * A handler that runs a command for each message. The body is its standard input: a text as it is, any other value as
 * JSON. Lines `::emit name {json}` and `::progress 0.4 text`, on standard output or descriptor 3, are outputs and progress.
 * Exit code 0 is done, 3 a dead letter now, 4 back later, everything else is tried again. When `ctx.signal` is aborted, the command and all
 * that it has started get SIGTERM, then SIGKILL. The message's variables are listed at `messageVariables`.
 * @throws {AssertionFailed} there is no command.
 */
export function execHandler(options: ExecOptions): Handler {
  assert((options.command[0] ?? "") !== "", "command must name a program");
  const guard = new Guard();
  const clock = options.clock ?? systemClock();
  const laterMs = durationMs(options.later ?? MINUTE_MS, "later");
  return async (message, ctx) => {
    const attempt = new Attempt(options, ctx);
    const environment = { ...process.env, ...(await options.environment?.()), ...attempt.variables() };
    ctx.signal.throwIfAborted();
    const end = await runCommand(options.command, {
      input: typeof message === "string" ? message : JSON.stringify(message),
      environment,
      directory: options.directory,
      signal: AbortSignal.any([ctx.signal, attempt.broken.signal]),
      clock,
      guard,
      onLine: (stream, line, isCut) => attempt.read(stream, line, isCut),
    });
    // A command that was told to end may say that it ended well; that is no word on its message.
    ctx.signal.throwIfAborted();
    attempt.broken.signal.throwIfAborted();
    const verdict = verdictOf(end);
    if (verdict.is === "rejected") throw new Reject(verdict.reason);
    if (verdict.is === "later") throw new RetryLater(laterMs, "the command asked for it (exit code 4)");
    if (verdict.is === "failed") throw new Error(verdict.reason);
  };
}

/** One run of the command, and what it says meanwhile. */
class Attempt {
  /** Aborted with an error where an output cannot be understood or sent: the command runs in vain. */
  readonly broken = new AbortController();
  readonly #options: ExecOptions;
  readonly #ctx: Context<string>;

  constructor(options: ExecOptions, ctx: Context<string>) {
    this.#options = options;
    this.#ctx = ctx;
  }

  variables(): Record<string, string> {
    const { id, receiveCount, sentAt, attributes, system, log } = this.#ctx;
    const { variables, leftOut } = messageVariables({ id, receiveCount, sentAt, attributes, groupId: system["MessageGroupId"] });
    if (leftOut.length > 0) log.warn("attributes too long for an environment", { attributes: leftOut.join(", ") });
    return variables;
  }

  read(stream: CommandStream, line: string, isCut: boolean): void {
    if (stream === "stderr") return this.#plain(stream, line);
    const instruction = instructionOf(line) ?? (stream === "channel" ? progressOf(line) : undefined);
    if (isCut && instruction !== undefined) this.#break(new Error("a line with an output is longer than any message may be"));
    else if (instruction !== undefined) this.#follow(instruction);
    else if (stream === "stdout") this.#plain(stream, line);
  }

  #follow(instruction: Instruction): void {
    const { signal } = this.#ctx;
    if (signal.aborted || this.broken.signal.aborted) return;
    if (instruction.is === "progress") return this.#ctx.progress(instruction.fraction, instruction.text);
    if (instruction.is === "broken") return this.#break(new Error(instruction.reason));
    try {
      this.#ctx.emit(instruction.output, instruction.body);
    } catch (error) {
      this.#break(error as Error);
    }
  }

  #break(error: Error): void {
    this.broken.abort(error);
  }

  #plain(stream: "stdout" | "stderr", text: string): void {
    const { onLine } = this.#options;
    if (onLine === undefined) this.#ctx.log.debug("command says", { stream, text });
    else onLine({ messageId: this.#ctx.id, stream, text });
  }
}
