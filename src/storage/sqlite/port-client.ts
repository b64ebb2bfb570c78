import type { MessagePort } from "node:worker_threads";
import type { Departure } from "../../kernel/departure.ts";
import { receivedError, type SentError } from "../../kernel/sent-error.ts";
import { StorageStopped, type Storage, type StoreCall } from "../storage.ts";
import type { Answer, FromEngine, Item } from "./port-messages.ts";

/**
 * Batches on their way at once: one that the engine works on and one that waits for it. What comes meanwhile joins the
 * next one, so that under load a crossing, which wakes the other thread, is paid once for many units.
 */
const BATCHES_MAX = 2;

interface Asker {
  readonly resolve: (results: unknown[]) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * The engine as seen from another thread. It loads nothing of SQLite, so that a thread that only asks stays small.
 * What goes to and fro stands in `port-messages.ts`.
 */
export class PortClient implements Storage {
  readonly report = new Map<string, number>();
  /** Resolves when the engine has closed the port and all that it had said was heard. */
  readonly closed: Promise<void>;
  readonly #port: MessagePort;
  readonly #onFigure: (name: string, value: number) => void;
  readonly #asked = new Map<number, Asker>();
  #outgoing: Item[] = [];
  #batches = 0;
  #batchesMax = BATCHES_MAX;
  #lastId = 0;
  #stopped = false;

  /** @param onFigure is told of each figure of the report that changes. */
  constructor(port: MessagePort, onFigure: (name: string, value: number) => void = () => {}) {
    this.#port = port;
    this.#onFigure = onFigure;
    this.closed = new Promise((resolve) => port.once("close", () => resolve()));
    void this.closed.then(() => this.fail());
    port.on("message", (message: FromEngine) => {
      if (typeof message === "string") this.#answered(message);
      else if ("report" in message) this.#reported(...message.report);
    });
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  unit(calls: readonly StoreCall[], signal?: Departure): Promise<unknown[]> {
    if (this.#stopped) return Promise.reject(new StorageStopped("the storage engine has stopped"));
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve, reject) => {
      this.#asked.set(id, { resolve, reject });
      this.#send([id, calls]);
      signal?.addEventListener("abort", () => this.#asked.has(id) && this.#send(id), { once: true });
    });
  }

  /** The engine is about to stop: from now on nothing waits here for a batch that is on its way. */
  hurry(): void {
    this.#batchesMax = Infinity;
    this.#flush();
  }

  /** Nobody is answered any more. */
  fail(): void {
    this.#stopped = true;
    for (const { reject } of this.#asked.values()) reject(new StorageStopped("the storage engine has stopped"));
    this.#asked.clear();
  }

  /** Takes nothing more, and resolves when all that was asked has been answered; whoever owns the engine stops that. */
  async stop(): Promise<void> {
    this.hurry();
    this.#stopped = true;
    await this.closed;
  }

  #reported(name: string, value: number): void {
    this.report.set(name, value);
    this.#onFigure(name, value);
  }

  #answered(text: string): void {
    const [batches, answers] = JSON.parse(text) as [number, Answer[]];
    this.#batches -= batches;
    for (const [id, results, error] of answers) {
      const asker = this.#asked.get(id);
      this.#asked.delete(id);
      if (results !== null) asker?.resolve(results.map(nothingAsUndefined));
      else if (error !== undefined) asker?.reject(engineError(error));
    }
    if (this.#outgoing.length > 0) this.#flush();
  }

  #send(item: Item): void {
    // A turn of the event loop reads many sockets; all that they ask crosses together.
    if (this.#outgoing.push(item) === 1) setImmediate(() => this.#flush());
  }

  #flush(): void {
    if (this.#outgoing.length === 0 || this.#batches >= this.#batchesMax) return;
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

function engineError(sent: SentError): Error {
  return "name" in sent && sent.name === "StorageStopped" ? new StorageStopped(sent.message) : receivedError(sent);
}
