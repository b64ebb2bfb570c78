import { bodyOf, type HttpRequest, type HttpResponse } from "../../../src/wire/http.ts";
import type { Chance } from "./chance.ts";
import type { FaultCounts, FaultKind } from "./faults.ts";
import type { Machine } from "./machine.ts";
import type { Scheduler } from "./scheduler.ts";

/** How often things go wrong, 0 to 1, and how long a message takes that does not. */
export interface NetworkFaults {
  readonly latencyMs: readonly [least: number, most: number];
  requestLost: number;
  requestSlow: number;
  requestDoubled: number;
  requestLate: number;
  reset: number;
  answerLost: number;
  answerSlow: number;
  readonly slowMs: number;
}

export interface Asked {
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
  /** The caller leaves after so long, as its own timeout or its own end. */
  readonly timeoutMs: number;
  /** Whether the network may bring it twice, or long after its caller has left. */
  readonly once?: boolean;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** One request on its way, and what becomes of it. */
export interface Exchange {
  /** Engine time at which it reached the server; undefined: never. */
  readonly arrivedMs: number | undefined;
  /** Engine time at which its answer left the server, or since when it can have no effect any more. */
  readonly settledMs: number;
  /** As it left the server, whoever got it; undefined: the server died before, or never saw the request. */
  readonly served: Answer | undefined;
  /** Why an answer that had begun broke off. */
  readonly cut: string | undefined;
  /** The server knew that its caller had gone before it answered. */
  readonly gone: boolean;
  /** What reached the caller; undefined where that is nothing. Resolves when it is told or leaves. */
  readonly told: Promise<Answer | undefined>;
  /** Resolves when the rest of this page is known. */
  readonly settled: Promise<void>;
}

class Call implements Exchange {
  arrivedMs: number | undefined;
  settledMs = 0;
  served: Answer | undefined;
  cut: string | undefined;
  gone = false;
  isTold = false;
  readonly abort = new AbortController();
  readonly #told = Promise.withResolvers<Answer | undefined>();
  readonly #settled = Promise.withResolvers<void>();

  get told(): Promise<Answer | undefined> {
    return this.#told.promise;
  }

  get settled(): Promise<void> {
    return this.#settled.promise;
  }

  tell(answer?: Answer): void {
    this.isTold = true;
    this.#told.resolve(answer);
  }

  settle(engineMs: number): void {
    this.settledMs = engineMs;
    this.#settled.resolve();
  }
}

/** Between the clients and the server: brings requests and answers, late, twice, or never. */
export class Network {
  readonly #parts: { scheduler: Scheduler; chance: Chance; counts: FaultCounts; faults: NetworkFaults; machine: Machine };
  /** What the server is busy with. */
  readonly #under = new Set<Call>();
  requests = 0;

  constructor(parts: { scheduler: Scheduler; chance: Chance; counts: FaultCounts; faults: NetworkFaults; machine: Machine }) {
    this.#parts = parts;
  }

  /** Sends a request. @param doubled is told of a second copy that the network makes of it. */
  ask(asked: Asked, doubled: (copy: Exchange) => void = () => {}): Exchange {
    const { scheduler, faults, chance } = this.#parts;
    const call = new Call();
    this.requests += 1;
    const timer = scheduler.after(asked.timeoutMs, "caller leaves", () => this.#leave(call));
    void call.told.then(() => timer.cancel());
    if (this.#happens(faults.requestLost, "request lost")) return this.#neverArrives(call);
    if (this.#happens(faults.reset, "connection reset")) {
      scheduler.after(this.#latencyMs(), "reset", () => this.#tell(call));
      return this.#neverArrives(call);
    }
    if (asked.once !== true && this.#happens(faults.requestDoubled, "request doubled")) {
      const copy = new Call();
      copy.tell();
      doubled(copy);
      scheduler.after(this.#latencyMs() + chance.below(faults.slowMs), "second copy arrives", () => this.#arrive(asked, copy));
    }
    const isLate = asked.once !== true && this.#happens(faults.requestLate, "request late after its caller left");
    const delayMs = isLate ? asked.timeoutMs + chance.below(faults.slowMs) : this.#requestMs();
    scheduler.after(delayMs, "request arrives", () => {
      if (call.isTold && !isLate) call.settle(this.#engineMs());
      else this.#arrive(asked, call);
    });
    return call;
  }

  /** The server has died: nobody is answered any more, and most are told so at once. */
  down(): void {
    const { scheduler, chance } = this.#parts;
    for (const call of this.#under) {
      call.settle(this.#engineMs());
      if (chance.is(0.8)) scheduler.after(this.#latencyMs(), "connection breaks", () => this.#tell(call));
    }
    this.#under.clear();
  }

  #neverArrives(call: Call): Call {
    call.settle(this.#engineMs());
    return call;
  }

  #arrive(asked: Asked, call: Call): void {
    const { machine, scheduler } = this.#parts;
    if (!machine.isUp) {
      call.settle(this.#engineMs());
      scheduler.after(this.#latencyMs(), "refused", () => this.#tell(call));
      return;
    }
    const { lives } = machine;
    call.arrivedMs = this.#engineMs();
    this.#under.add(call);
    if (call.isTold) call.abort.abort();
    void machine.handle(requestOf(asked, call.abort.signal))?.then(
      async (response) => {
        const answer = await read(response, asked.method);
        if (machine.lives !== lives || !machine.isUp) return;
        if (answer instanceof Error) this.#cut(call, answer);
        else this.#answered(call, answer);
      },
      (failure: unknown) => {
        if (machine.lives === lives && machine.isUp) throw failure;
      },
    );
  }

  #answered(call: Call, answer: Answer): void {
    const { scheduler, faults } = this.#parts;
    if (!this.#under.delete(call)) return;
    call.gone = call.abort.signal.aborted;
    call.served = answer;
    call.settle(this.#engineMs());
    scheduler.note(`${answer.status} ${answer.body.toString("latin1")}`);
    if (this.#happens(faults.answerLost, "answer lost")) return;
    const isSlow = this.#happens(faults.answerSlow, "answer slow");
    scheduler.after(this.#latencyMs() + (isSlow ? this.#parts.chance.below(faults.slowMs) : 0), "answer arrives", () => {
      if (!call.isTold) call.tell(answer);
    });
  }

  #cut(call: Call, reason: Error): void {
    this.#under.delete(call);
    call.cut = reason.message;
    call.settle(this.#engineMs());
    this.#tell(call);
  }

  /** The caller has waited long enough; the server hears of it a little later. */
  #leave(call: Call): void {
    if (call.isTold) return;
    if (this.#under.has(call)) this.#parts.counts.add("caller leaves while it waits");
    this.#tell(call);
    this.#parts.scheduler.after(this.#latencyMs(), "server hears that its caller left", () => call.abort.abort());
  }

  #tell(call: Call): void {
    if (!call.isTold) call.tell();
  }

  #requestMs(): number {
    const { faults, chance } = this.#parts;
    return this.#latencyMs() + (this.#happens(faults.requestSlow, "request slow") ? chance.below(faults.slowMs) : 0);
  }

  #latencyMs(): number {
    const [least, most] = this.#parts.faults.latencyMs;
    return this.#parts.chance.between(least, most);
  }

  #happens(probability: number, kind: FaultKind): boolean {
    if (!this.#parts.chance.is(probability)) return false;
    this.#parts.counts.add(kind);
    return true;
  }

  #engineMs(): number {
    return this.#parts.machine.engineMs;
  }
}

function requestOf({ method, target, headers: given, body }: Asked, signal: AbortSignal): HttpRequest {
  const length = String(typeof body === "string" ? Buffer.byteLength(body) : body.length);
  const headers = { host: "localhost:4566", "content-length": length, ...given };
  return { method, target, rawHeaders: Object.entries(headers).flat(), headers, body: bodyOf(body), remoteAddress: "127.0.0.1", signal };
}

async function read({ status, headers, body }: HttpResponse, method: string): Promise<Answer | Error> {
  if (method === "HEAD" || body === undefined) return { status, headers, body: Buffer.alloc(0) };
  if (typeof body === "string") return { status, headers, body: Buffer.from(body) };
  if (body instanceof Uint8Array) return { status, headers, body: Buffer.from(body) };
  const pieces: Uint8Array[] = [];
  try {
    for await (const piece of body) pieces.push(piece);
  } catch (failure) {
    return failure instanceof Error ? failure : new Error(String(failure));
  }
  return { status, headers, body: Buffer.concat(pieces) };
}
