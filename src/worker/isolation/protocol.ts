import type { LogFields, LogLevel } from "../../kernel/logger.ts";
import type { Context, EmitOptions } from "../context.ts";
import type { Issue } from "../rules/settle.ts";
import { Cancelled, LeaseExhausted, LeaseLost, Reject, RetryLater, Stopping, TimedOut } from "../verdicts.ts";

/** Objects as a handler of a pipeline's stage has them. */
export interface IsolatedObjects {
  readonly bucket: string;
  get(key: string, options?: { readonly signal?: AbortSignal }): Promise<Uint8Array | undefined>;
  put(key: string, bytes: Uint8Array | string, options?: { readonly contentType?: string; readonly signal?: AbortSignal }): Promise<void>;
}

/** A context as a worker has it; that of a stage has more. */
export interface IsolatedContext extends Context<string> {
  readonly objects?: IsolatedObjects;
  readonly checkpoint?: (cursor: unknown) => void;
}

/** What of a context is data, of a stage also the bucket's name; the rest is messages. */
export type ContextData = Omit<Context<string>, "signal" | "log" | "emit" | "progress"> & { readonly bucket: string | undefined };

/** What a handler asks of the object store. It is done where the clients are. */
export type ObjectCall =
  | { readonly method: "get"; readonly key: string }
  | { readonly method: "put"; readonly key: string; readonly bytes: Uint8Array | string; readonly contentType: string | undefined };

/** To a thread or process that runs one handler at a time. */
export type ToHandler =
  | { readonly is: "run"; readonly module: string; readonly handler: string; readonly message: unknown; readonly context: ContextData }
  | { readonly is: "abort"; readonly reason: ErrorData }
  /** Of the call with this number. */
  | { readonly is: "answer"; readonly call: number; readonly value?: Uint8Array | undefined; readonly error?: ErrorData };

/** Back from it. `done` and `failed` end a run. */
export type FromHandler =
  | { readonly is: "emit"; readonly output: string; readonly body: unknown; readonly options: EmitOptions | undefined }
  | { readonly is: "progress"; readonly fraction: number; readonly text: string | undefined }
  | { readonly is: "log"; readonly level: LogLevel; readonly event: string; readonly fields: LogFields | undefined }
  | { readonly is: "checkpoint"; readonly cursor: unknown }
  | { readonly is: "call"; readonly call: number; readonly asks: ObjectCall }
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

const SIGNALLED = { Cancelled, LeaseLost, LeaseExhausted, TimedOut, Stopping } as const;

export function errorFrom({ name, message, stack, issues, delayMs }: ErrorData): Error {
  if (issues !== undefined) return new Reject(message, { issues });
  if (delayMs !== undefined) return new RetryLater(delayMs, message);
  const Signalled = Object.hasOwn(SIGNALLED, name) ? SIGNALLED[name as keyof typeof SIGNALLED] : undefined;
  if (Signalled !== undefined) return new Signalled(message);
  return Object.assign(new Error(message), { name, stack });
}
