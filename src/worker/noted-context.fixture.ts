import { silentLogger } from "../kernel/logger.ts";
import type { Context } from "./context.ts";

/** A handler's context that notes what the handler does with it. */
export function notedContext(changes: Partial<Context<string>> = {}): {
  readonly ctx: Context<string>;
  readonly emitted: [string, unknown][];
  readonly progress: [number, string | undefined][];
  readonly abort: (reason: Error) => void;
} {
  const controller = new AbortController();
  const emitted: [string, unknown][] = [];
  const progress: [number, string | undefined][] = [];
  const ctx: Context<string> = {
    id: "m1",
    receiveCount: 1,
    sentAt: undefined,
    attributes: {},
    system: {},
    signal: controller.signal,
    emit: (name, body) => emitted.push([name, body]),
    progress: (fraction, text) => progress.push([fraction, text]),
    log: silentLogger,
    ...changes,
  };
  return { ctx, emitted, progress, abort: (reason) => controller.abort(reason) };
}
