/**
 * Where an isolated handler runs: the first module of its thread or process. It runs one handler at a time, and tells
 * whoever has started it what the handler does.
 */
import { parentPort } from "node:worker_threads";
import { assert } from "../../kernel/assert.ts";
import type { LogFields, LogLevel } from "../../kernel/logger.ts";
import type { Context } from "../context.ts";
import { errorData, errorFrom, type FromHandler, type ToHandler } from "./protocol.ts";

let running: AbortController | undefined;

const tell: (message: FromHandler) => void =
  parentPort === null ? (message) => void process.send?.(message) : (message) => parentPort?.postMessage(message);

function hear(message: ToHandler): void {
  if (message.is === "run") void run(message);
  else running?.abort(errorFrom(message.reason));
}

async function run(asked: ToHandler & { is: "run" }): Promise<void> {
  const controller = new AbortController();
  running = controller;
  try {
    const handler: unknown = ((await import(asked.module)) as Record<string, unknown>)[asked.handler];
    assert(typeof handler === "function", `${asked.module} has no function that is exported as ${asked.handler}`);
    await (handler as (message: unknown, ctx: Context<string>) => unknown)(asked.message, contextOf(asked, controller.signal));
    tell({ is: "done" });
  } catch (error) {
    tell({ is: "failed", error: errorData(error) });
  } finally {
    running = undefined;
  }
}

function contextOf({ context }: ToHandler & { is: "run" }, signal: AbortSignal): Context<string> {
  const log = (level: LogLevel) => (event: string, fields?: LogFields) => tell({ is: "log", level, event, fields });
  return {
    ...context,
    signal,
    emit: (output, body, options) => tell({ is: "emit", output, body, options }),
    progress: (fraction, text) => tell({ is: "progress", fraction, text }),
    log: { debug: log("debug"), info: log("info"), warn: log("warn"), error: log("error") },
  };
}

if (parentPort === null) {
  process.on("message", hear);
  // Whoever has started this process ends it; signals that a terminal or a supervisor sends to all are not for it.
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => {});
  process.on("disconnect", () => process.exit());
} else {
  parentPort.on("message", hear);
}
