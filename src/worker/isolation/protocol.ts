import type { LogFields, LogLevel } from "../../kernel/logger.ts";
import type { EmitOptions } from "../context.ts";
import type { MessageAttributes } from "../rules/outgoing.ts";
import type { Issue } from "../rules/settle.ts";
import { LeaseExhausted, LeaseLost, Reject, RetryLater, Stopping, TimedOut } from "../verdicts.ts";

/** What of a context is data; the rest is messages. */
export interface ContextData {
  readonly id: string;
  readonly receiveCount: number;
  readonly sentAt: Date | undefined;
  readonly attributes: MessageAttributes;
  readonly system: Readonly<Record<string, string>>;
}

/** To a thread or process that runs one handler at a time. */
export type ToHandler =
  | { readonly is: "run"; readonly module: string; readonly handler: string; readonly message: unknown; readonly context: ContextData }
  | { readonly is: "abort"; readonly reason: ErrorData };

/** Back from it. `done` and `failed` end a run. */
export type FromHandler =
  | { readonly is: "emit"; readonly output: string; readonly body: unknown; readonly options: EmitOptions | undefined }
  | { readonly is: "progress"; readonly fraction: number; readonly text: string | undefined }
  | { readonly is: "log"; readonly level: LogLevel; readonly event: string; readonly fields: LogFields | undefined }
  | { readonly is: "done" }
  | { readonly is: "failed"; readonly error: ErrorData };

/** An error on its way between threads: its class is told by its name. */
export interface ErrorData {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  /** Of a `Reject`. */
  readonly issues?: readonly Issue[];
  /** Of a `RetryLater`. */
  readonly delayMs?: number;
}

export function errorData(thrown: unknown): ErrorData {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const { name, message, stack } = error;
  if (error instanceof Reject) return { name, message, stack, issues: error.issues };
  if (error instanceof RetryLater) return { name, message, stack, delayMs: error.delayMs };
  return { name, message, stack };
}

const SIGNALLED = { LeaseLost, LeaseExhausted, TimedOut, Stopping } as const;

export function errorFrom({ name, message, stack, issues, delayMs }: ErrorData): Error {
  if (issues !== undefined) return new Reject(message, { issues });
  if (delayMs !== undefined) return new RetryLater(delayMs, message);
  const Signalled = Object.hasOwn(SIGNALLED, name) ? SIGNALLED[name as keyof typeof SIGNALLED] : undefined;
  if (Signalled !== undefined) return new Signalled(message);
  return Object.assign(new Error(message), { name, stack });
}
