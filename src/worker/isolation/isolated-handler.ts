import { AsyncLocalStorage } from "node:async_hooks";
import { existsSync } from "node:fs";
import { assert } from "../../kernel/assert.ts";
import { systemClock, type Clock } from "../../kernel/clock.ts";
import { ABORT_MS } from "../rules/drain.ts";
import { startIsolate, type Isolate, type Isolation } from "./isolate.ts";
import { errorData, errorFrom, type ContextData, type FromHandler, type IsolatedContext, type ObjectCall } from "./protocol.ts";

/** How long a handler has after its signal was aborted before its thread or process is ended. */
const TERMINATE_MS = ABORT_MS - 500;

export interface IsolatedOptions {
  /** The module that exports the handler. It is loaded where the handler runs, and not here. */
  readonly module: URL;
  /** The name of the export. Default `default`. */
  readonly handler?: string;
  readonly isolation: Isolation;
  readonly clock?: Clock;
}

/**
 * Runs the handler of a module off this event loop, which goes on extending leases whatever the handler does: it may
 * compute for minutes, block, use up its memory or end its process. Each run has a thread or process to itself, kept for the
 * next; there are as many as handlers run at once. Messages and outputs are copied (structured clone).
 */
export class IsolatedHandler {
  readonly #options: IsolatedOptions;
  readonly #clock: Clock;
  readonly #all = new Set<Isolate>();
  readonly #idle: Isolate[] = [];

  constructor(options: IsolatedOptions) {
    assert(
      /^(?:file|data):$/.test(options.module.protocol),
      'a handler\'s module must be a file: new URL("./handler.js", import.meta.url)',
    );
    assert(options.module.protocol !== "file:" || existsSync(options.module), `there is no module ${options.module.href}`);
    this.#options = options;
    this.#clock = options.clock ?? systemClock();
  }

  /** The handler, as `consume` takes it. */
  readonly run = async (message: unknown, ctx: IsolatedContext): Promise<void> => {
    ctx.signal.throwIfAborted();
    const isolate = this.#idle.pop() ?? this.#start();
    const ended = Promise.withResolvers<void>();
    let failure: Error | undefined;
    isolate.onEnd = (reason) => {
      this.#all.delete(isolate);
      ended.reject(ctx.signal.aborted ? (ctx.signal.reason as Error) : reason);
    };
    // What comes from another thread comes in no context, or in that of the run which has started the thread: an output is of this one.
    isolate.onMessage = AsyncLocalStorage.bind((told: FromHandler) => {
      if (told.is === "done") ended.resolve();
      else if (told.is === "failed") ended.reject(errorFrom(told.error));
      else if (told.is === "call") void this.#call(isolate, told, ctx);
      else failure ??= follow(told, ctx);
    });
    const timers: { cancel: () => void }[] = [];
    const abort = () => {
      isolate.post({ is: "abort", reason: errorData(ctx.signal.reason) });
      timers.push(this.#clock.after(TERMINATE_MS, () => isolate.end()));
    };
    ctx.signal.addEventListener("abort", abort);
    try {
      isolate.post({
        is: "run",
        module: this.#options.module.href,
        handler: this.#options.handler ?? "default",
        message,
        context: dataOf(ctx),
      });
      await ended.promise;
      if (failure !== undefined) throw failure;
    } finally {
      ctx.signal.removeEventListener("abort", abort);
      for (const timer of timers) timer.cancel();
      this.#keep(isolate, ctx);
    }
  };

  /** Ends all threads or processes. */
  close(): void {
    for (const isolate of this.#all) isolate.end();
    this.#all.clear();
    this.#idle.length = 0;
  }

  /** Does what the handler asks of the object store, and answers, unless its thread or process has ended meanwhile. */
  async #call(isolate: Isolate, { call, asks }: FromHandler & { is: "call" }, ctx: IsolatedContext): Promise<void> {
    const answer = await ask(asks, ctx).then(
      (value) => ({ is: "answer", call, value }) as const,
      (error: unknown) => ({ is: "answer", call, error: errorData(error) }) as const,
    );
    if (this.#all.has(isolate)) isolate.post(answer);
  }

  #start(): Isolate {
    const isolate = startIsolate(this.#options.isolation);
    this.#all.add(isolate);
    return isolate;
  }

  /** For the next run, unless it has ended. What a handler has left running may still log. */
  #keep(isolate: Isolate, { log }: IsolatedContext): void {
    if (!this.#all.has(isolate)) return;
    isolate.onMessage = (told) => {
      if (told.is === "log") log[told.level](told.event, told.fields);
    };
    isolate.onEnd = () => {
      this.#all.delete(isolate);
      const place = this.#idle.indexOf(isolate);
      if (place >= 0) this.#idle.splice(place, 1);
    };
    this.#idle.push(isolate);
  }
}

/** Everything of it that can be copied: what is a function, or has some, is messages. */
function dataOf({ signal: _signal, log: _log, objects, ...ctx }: IsolatedContext): ContextData {
  const data = Object.entries(ctx).filter(([, value]) => typeof value !== "function");
  return { ...(Object.fromEntries(data) as unknown as ContextData), bucket: objects?.bucket };
}

async function ask(asks: ObjectCall, { objects, signal }: IsolatedContext): Promise<Uint8Array | undefined> {
  assert(objects !== undefined, "only handlers of stages have objects");
  if (asks.method === "get") return await objects.get(asks.key, { signal });
  const { key, bytes, contentType } = asks;
  await objects.put(key, bytes, { signal, ...(contentType === undefined ? {} : { contentType }) });
  return undefined;
}

/** @returns what the handler would have been told at once, had it run here: an output that cannot be sent. */
function follow(told: FromHandler, ctx: IsolatedContext): Error | undefined {
  try {
    if (told.is === "emit") ctx.emit(told.output, told.body, told.options);
    else if (told.is === "progress") ctx.progress(told.fraction, told.text);
    else if (told.is === "checkpoint") ctx.checkpoint?.(told.cursor);
    else if (told.is === "log") ctx.log[told.level](told.event, told.fields);
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

/** A handler's module by a URL whose `#` names an export other than the default. */
export function moduleOf(run: URL): Pick<IsolatedOptions, "module" | "handler"> {
  const module = new URL(run);
  module.hash = "";
  return run.hash === "" ? { module } : { module, handler: run.hash.slice(1) };
}
