/**
 * Where an isolated handler runs: the first module of its thread or process. It runs one handler at a time, and tells
 * whoever has started it what the handler does.
 */
import { parentPort } from "node:worker_threads";
import { assert } from "../../kernel/assert.ts";
import type { LogFields, LogLevel } from "../../kernel/logger.ts";
import {
  errorData,
  errorFrom,
  type FromHandler,
  type IsolatedContext,
  type IsolatedObjects,
  type ObjectCall,
  type ToHandler,
} from "./protocol.ts";

/** What has been asked of the object store and not answered yet, by number. */
const calls = new Map<number, (answer: ToHandler & { is: "answer" }) => void>();
let lastCall = 0;
let running: AbortController | undefined;

const tell: (message: FromHandler) => void =
  parentPort === null ? (message) => void process.send?.(message) : (message) => parentPort?.postMessage(message);

function hear(message: ToHandler): void {
  if (message.is === "run") void run(message);
  else if (message.is === "answer") calls.get(message.call)?.(message);
  else running?.abort(errorFrom(message.reason));
}

async function run(asked: ToHandler & { is: "run" }): Promise<void> {
  const controller = new AbortController();
  running = controller;
  let ended: FromHandler = { is: "done" };
  try {
    const handler: unknown = ((await import(asked.module)) as Record<string, unknown>)[asked.handler];
    assert(typeof handler === "function", `${asked.module} has no function that is exported as ${asked.handler}`);
    await (handler as (message: unknown, ctx: IsolatedContext) => unknown)(asked.message, contextOf(asked, controller));
  } catch (error) {
    ended = { is: "failed", error: errorData(error) };
  }
  running = undefined;
  tell(ended);
}

/** @param own the run's. What a handler has left running may outlive its run, and belongs to no later one. */
function contextOf({ context }: ToHandler & { is: "run" }, own: AbortController): IsolatedContext {
  const { bucket, ...data } = context;
  // Of which message it is, whichever is worked on when it is heard.
  const log = (level: LogLevel) => (event: string, fields?: LogFields) =>
    tell({ is: "log", level, event, fields: { messageId: context.id, ...fields } });
  const tellInTime = (message: FromHandler) => {
    if (running === own) return tell(message);
    if (message.is !== "progress") log("warn")("handler had ended: await what it does", { late: message.is });
  };
  return {
    ...data,
    signal: own.signal,
    emit: (output, body, options) => tellInTime({ is: "emit", output, body, options }),
    progress: (fraction, text) => tellInTime({ is: "progress", fraction, text }),
    log: { debug: log("debug"), info: log("info"), warn: log("warn"), error: log("error") },
    ...(bucket === undefined ? {} : { objects: objectsOf(bucket, own), checkpoint: (cursor) => tellInTime({ is: "checkpoint", cursor }) }),
  };
}

function objectsOf(bucket: string, own: AbortController): IsolatedObjects {
  const ofRun = async (asks: ObjectCall, signal: AbortSignal | undefined) => {
    assert(running === own, `objects.${asks.method} after the handler had ended: await what it does`);
    return await ask(asks, signal);
  };
  return {
    bucket,
    get: async (key, { signal } = {}) => await ofRun({ method: "get", key }, signal),
    put: async (key, bytes, { contentType, signal } = {}) => void (await ofRun({ method: "put", key, bytes, contentType }, signal)),
  };
}

/** Asks whoever has the clients, and waits for the answer or the signal. */
async function ask(asks: ObjectCall, signal: AbortSignal | undefined): Promise<Uint8Array | undefined> {
  signal?.throwIfAborted();
  const call = (lastCall += 1);
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array | undefined>();
  const abort = () => reject(signal?.reason as Error);
  signal?.addEventListener("abort", abort);
  calls.set(call, ({ value, error }) => (error === undefined ? resolve(value) : reject(errorFrom(error))));
  tell({ is: "call", call, asks });
  try {
    return await promise;
  } finally {
    calls.delete(call);
    signal?.removeEventListener("abort", abort);
  }
}

if (parentPort === null) {
  process.on("message", hear);
  // Whoever has started this process ends it; signals that a terminal or a supervisor sends to all are not for it.
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => {});
  process.on("disconnect", () => process.exit());
} else {
  parentPort.on("message", hear);
}
