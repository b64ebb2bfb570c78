import { MessageChannel, Worker, type MessagePort } from "node:worker_threads";
import { ServiceError, type ServiceErrorOptions } from "../../kernel/service-error.ts";
import { StorageStopped, type Storage, type StoreCall } from "../storage.ts";
import type { Engine } from "./engine.ts";
import { CannotOpen } from "./open.ts";

/**
 * The engine on a thread of its own, so that an fsync never blocks the sockets. Units cross in arrays, one a turn of
 * the event loop, and so do their answers: 64 at a time cost under 2 µs each (two cores, November 2026).
 *
 *     to the thread:    [unit id, calls] … , a unit id alone: give it up, "stop"
 *     from the thread:  [unit id, results] … , [unit id, undefined, error] … , { ready } or { failed }, { fatal }
 */
type ToThread = ([number, readonly StoreCall[]] | number)[] | "stop";
type Answered = [id: number, results: unknown[] | undefined, error?: SentError];
type FromThread = Answered[] | { ready: ThreadReady } | { failed: SentError } | { fatal: SentError };

/** Errors lose their class between threads; what makes them up does not. */
type SentError = { service: ServiceErrorOptions } | { name: string; message: string; stack?: string | undefined };

/** What the opened directory says about itself. */
export interface ThreadReady {
  readonly highWaterMs: number;
}

export interface ThreadStorage extends Storage {
  readonly ready: ThreadReady;
}

/**
 * Starts the thread and waits until its database is open.
 * @param entry the module that calls `serveEngine`; it alone knows the services' stores.
 * @param options `onFatal`: the engine stopped at an I/O error.
 * @throws {CannotOpen}
 */
export async function startStorageThread(entry: URL, options: { data: unknown; onFatal: (reason: Error) => void }): Promise<ThreadStorage> {
  const { port1, port2 } = new MessageChannel();
  const worker = new Worker(entry, { workerData: { port: port2, data: options.data }, transferList: [port2] });
  const exited = new Promise<void>((resolve) => worker.once("exit", () => resolve()));
  const client = new ThreadClient(port1, exited);
  return new Promise((resolve, reject) => {
    worker.once("error", (error: Error) => {
      reject(error);
      client.fail();
      options.onFatal(error);
    });
    port1.on("message", (message: FromThread) => {
      if (Array.isArray(message)) client.answered(message);
      else if ("ready" in message) resolve(Object.assign(client, { ready: message.ready }));
      else if ("failed" in message) reject(receivedError(message.failed));
      else {
        client.fail();
        options.onFatal(receivedError(message.fatal));
      }
    });
  });
}

class ThreadClient implements Storage {
  readonly #port: MessagePort;
  readonly #exited: Promise<void>;
  readonly #asked = new Map<number, { resolve: (results: unknown[]) => void; reject: (reason: unknown) => void }>();
  #outgoing: Exclude<ToThread, "stop"> = [];
  #lastId = 0;
  #stopped = false;

  constructor(port: MessagePort, exited: Promise<void>) {
    this.#port = port;
    this.#exited = exited;
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

  answered(answers: readonly Answered[]): void {
    for (const [id, results, error] of answers) {
      const asker = this.#asked.get(id);
      this.#asked.delete(id);
      if (results !== undefined) asker?.resolve(results);
      else if (error !== undefined) asker?.reject(receivedError(error));
    }
  }

  /** Nobody is answered any more. */
  fail(): void {
    this.#stopped = true;
    for (const { reject } of this.#asked.values()) reject(new StorageStopped("the storage engine has stopped"));
    this.#asked.clear();
  }

  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#flush();
    this.#stopped = true;
    this.#port.postMessage("stop" satisfies ToThread);
    await this.#exited;
    this.#port.close();
    this.fail();
  }

  #send(item: [number, readonly StoreCall[]] | number): void {
    if (this.#outgoing.push(item) === 1) setImmediate(() => this.#flush());
  }

  #flush(): void {
    if (this.#outgoing.length === 0) return;
    const items = this.#outgoing;
    this.#outgoing = [];
    this.#port.postMessage(items);
  }
}

/** The thread's side: carries units from the port to the engine and their answers back. */
export function serveEngine(port: MessagePort, engine: Engine): void {
  const cancels = new Map<number, () => void>();
  let answers: Answered[] = [];
  const answer = (answered: Answered) => {
    cancels.delete(answered[0]);
    // The engine answers a whole group in one go, within one turn: one message carries them all.
    if (answers.push(answered) === 1) queueMicrotask(flush);
  };
  const flush = () => {
    if (answers.length > 0) port.postMessage(answers);
    answers = [];
  };
  const submit = (id: number, calls: readonly StoreCall[]) => {
    const cancel = engine.submit(
      calls,
      (results) => answer([id, results]),
      (reason) => answer([id, undefined, sentError(reason)]),
    );
    cancels.set(id, cancel);
  };
  const stop = async () => {
    await engine.stop();
    flush();
    port.close();
  };
  port.on("message", (message: ToThread) => {
    if (message === "stop") return void stop();
    for (const item of message) {
      if (typeof item === "number") cancels.get(item)?.();
      else submit(item[0], item[1]);
    }
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
