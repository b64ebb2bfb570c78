import { MessageChannel, Worker, type MessagePort } from "node:worker_threads";
import { ServiceError, type ServiceErrorOptions } from "../../kernel/service-error.ts";
import { StorageStopped, type Storage, type StoreCall } from "../storage.ts";
import type { Engine } from "./engine.ts";
import { CannotOpen } from "./open.ts";

/**
 * The engine on a thread of its own, so that an fsync never blocks the sockets. Units cross in batches, and so do their
 * answers, as JSON text: that costs half of what the structured clone of the same small objects does, on both sides
 * (Node 26, November 2026).
 *
 *     to the thread:    [ [unit id, calls] | unit id to give up, … ]   or "stop"
 *     from the thread:  [ batches taken, [ [unit id, results] | [unit id, null, error], … ] ]
 *                       or an object: { ready }, { failed }, { fatal }, { report: [name, value] }
 */
type Item = [id: number, calls: readonly StoreCall[]] | number;
type Answer = [id: number, results: unknown[] | null, error?: SentError];
type FromThread =
  | string
  | { ready: ThreadReady }
  | { failed: SentError }
  | { fatal: SentError }
  | { report: [name: string, value: number] };

/** Errors lose their class between threads; what makes them up does not. */
type SentError = { service: ServiceErrorOptions } | { name: string; message: string; stack?: string | undefined };

/**
 * Batches on their way at once: one that the thread works on and one that waits for it. What comes meanwhile joins the
 * next one, so that under load a crossing, which wakes the other thread, is paid once for many units.
 */
const BATCHES_MAX = 2;

/** What the opened directory says about itself. */
export interface ThreadReady {
  readonly highWaterMs: number;
}

export interface ThreadStorage extends Storage {
  readonly ready: ThreadReady;
}

export interface ThreadOptions {
  readonly data: unknown;
  readonly onFatal: (reason: Error) => void;
  readonly onFigure?: (name: string, value: number) => void;
}

/**
 * Starts the thread and waits until its database is open.
 * @param entry the module that calls `serveEngine`; it alone knows the services' stores.
 * @param options `onFatal`: the engine stopped at an I/O error; `onFigure`: a figure of the report has changed.
 * @throws {CannotOpen}
 */
export async function startStorageThread(entry: URL, options: ThreadOptions): Promise<ThreadStorage> {
  const { port1, port2 } = new MessageChannel();
  const worker = new Worker(entry, { workerData: { port: port2, data: options.data }, transferList: [port2] });
  const client = new ThreadClient(port1, worker);
  return new Promise((resolve, reject) => {
    worker.once("error", (error: Error) => {
      reject(error);
      client.fail();
      options.onFatal(error);
    });
    port1.on("message", (message: FromThread) => {
      if (typeof message === "string") client.answered(message);
      else if ("ready" in message) resolve(Object.assign(client, { ready: message.ready }));
      else if ("report" in message) {
        client.report.set(...message.report);
        options.onFigure?.(...message.report);
      } else if ("failed" in message) reject(receivedError(message.failed));
      else {
        client.fail();
        options.onFatal(receivedError(message.fatal));
      }
    });
  });
}

interface Asker {
  readonly resolve: (results: unknown[]) => void;
  readonly reject: (reason: unknown) => void;
}

class ThreadClient implements Storage {
  readonly report = new Map<string, number>();
  readonly #port: MessagePort;
  readonly #worker: Worker;
  readonly #exited: Promise<void>;
  /** All that the thread has said was heard, which may be after its end. */
  readonly #closed: Promise<void>;
  readonly #asked = new Map<number, Asker>();
  #outgoing: Item[] = [];
  #batches = 0;
  #lastId = 0;
  #stopped = false;

  constructor(port: MessagePort, worker: Worker) {
    this.#port = port;
    this.#worker = worker;
    this.#exited = new Promise((resolve) => worker.once("exit", () => resolve()));
    this.#closed = new Promise((resolve) => port.once("close", () => resolve()));
  }

  unit(calls: readonly StoreCall[], signal?: AbortSignal): Promise<unknown[]> {
    if (this.#stopped) return Promise.reject(new StorageStopped("the storage engine has stopped"));
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve, reject) => {
      this.#asked.set(id, { resolve, reject });
      this.#send([id, calls]);
      signal?.addEventListener("abort", () => this.#asked.has(id) && this.#send(id), { once: true });
    });
  }

  answered(text: string): void {
    const [batches, answers] = JSON.parse(text) as [number, Answer[]];
    this.#batches -= batches;
    for (const [id, results, error] of answers) {
      const asker = this.#asked.get(id);
      this.#asked.delete(id);
      if (results !== null) asker?.resolve(results.map(nothingAsUndefined));
      else if (error !== undefined) asker?.reject(receivedError(error));
    }
    if (this.#outgoing.length > 0) this.#flush();
  }

  /** Nobody is answered any more. */
  fail(): void {
    this.#stopped = true;
    for (const { reject } of this.#asked.values()) reject(new StorageStopped("the storage engine has stopped"));
    this.#asked.clear();
  }

  async stop(): Promise<void> {
    if (this.#stopped) {
      await this.#worker.terminate(); // It has failed; there is nothing to finish.
    } else {
      this.#batches = 0;
      this.#flush();
      this.#stopped = true;
      this.#port.postMessage("stop");
    }
    await Promise.all([this.#exited, this.#closed]);
    this.fail();
  }

  #send(item: Item): void {
    // A turn of the event loop reads many sockets; all that they ask crosses together.
    if (this.#outgoing.push(item) === 1) setImmediate(() => this.#flush());
  }

  #flush(): void {
    if (this.#outgoing.length === 0 || this.#batches >= BATCHES_MAX) return;
    const items = this.#outgoing;
    this.#outgoing = [];
    this.#batches += 1;
    this.#port.postMessage(JSON.stringify(items));
  }
}

/** JSON has no `undefined`; no operation answers `null`. */
function nothingAsUndefined(result: unknown): unknown {
  return result ?? undefined;
}

/** The thread's side: carries units from the port to the engine and their answers back. */
export function serveEngine(port: MessagePort, engine: Engine): void {
  const cancels = new Map<number, () => void>();
  let answers: Answer[] = [];
  let batches = 0;
  let scheduled = false;
  const flush = () => {
    scheduled = false;
    const text = JSON.stringify([batches, answers]);
    answers = [];
    batches = 0;
    port.postMessage(text);
  };
  const flushSoon = () => {
    if (!scheduled) setImmediate(flush);
    scheduled = true;
  };
  const answer = (answered: Answer) => {
    cancels.delete(answered[0]);
    answers.push(answered);
    flushSoon();
  };
  const take = (item: Item) => {
    if (typeof item === "number") return cancels.get(item)?.();
    const [id, calls] = item;
    const refused = (reason: unknown) => answer([id, null, sentError(reason)]);
    cancels.set(
      id,
      engine.submit(calls, (results) => answer([id, results]), refused),
    );
  };
  const stop = async () => {
    await engine.stop();
    flush();
    port.close();
  };
  port.on("message", (text: string) => {
    if (text === "stop") return void stop();
    for (const item of JSON.parse(text) as Item[]) take(item);
    batches += 1;
    // The engine has just planned its group for this turn; this comes behind it.
    flushSoon();
  });
}

export function sentError(error: unknown): SentError {
  if (error instanceof ServiceError) return { service: error.options };
  if (error instanceof Error) return { name: error.name, message: error.message, stack: error.stack };
  return { name: "Error", message: String(error) };
}

function receivedError(sent: SentError): Error {
  if ("service" in sent) return new ServiceError(sent.service);
  if (sent.name === "StorageStopped") return new StorageStopped(sent.message);
  if (sent.name === "CannotOpen") return new CannotOpen(sent.message);
  const error = sent.name === "AbortError" ? new DOMException(sent.message, "AbortError") : new Error(sent.message);
  if (sent.stack !== undefined) Object.defineProperty(error, "stack", { value: sent.stack });
  return error;
}
