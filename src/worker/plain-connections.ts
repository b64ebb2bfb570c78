import { connect, isIP, type OnReadOpts, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { Clock } from "../kernel/clock.ts";
import { SECOND_MS } from "../kernel/units.ts";
import { AnswerReader, type PlainAnswer } from "./plain-answer.ts";

/** What is read from a connection at once. */
const READ_BYTES = 16 * 1024;

/** The server that connections go to. */
export interface Peer {
  readonly isTls: boolean;
  readonly hostname: string;
  readonly port: number | undefined;
}

interface Exchange {
  /** The whole request, as it goes over the wire. */
  readonly request: string;
  readonly resolve: (answer: PlainAnswer) => void;
  readonly reject: (error: Error) => void;
  connection: Connection | undefined;
}

/**
 * Connections to one server that are kept for the requests to come, each of which has one to itself until it is answered. Node's client makes
 * objects and streams of each request and answer, which is what half of a worker's processor time went to; `bench/pipeline-cost.ts`.
 */
export class PlainConnections {
  readonly #peer: Peer;
  readonly #clock: Clock;
  readonly #connectionsMax: number;
  /** Last used first. */
  readonly #idle: Connection[] = [];
  readonly #waiting: Exchange[] = [];
  readonly #all = new Set<Connection>();

  constructor(peer: Peer, options: { readonly clock: Clock; readonly connectionsMax: number }) {
    this.#peer = peer;
    this.#clock = options.clock;
    this.#connectionsMax = options.connectionsMax;
  }

  /** @throws when the connection ends before the answer, and with the signal's reason. */
  async exchange(request: string, signal: AbortSignal | undefined): Promise<PlainAnswer> {
    signal?.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<PlainAnswer>();
    const exchange: Exchange = { request, resolve, reject, connection: undefined };
    this.#begin(exchange);
    if (signal === undefined) return await promise;
    const abort = () => this.#giveUp(exchange, signal.reason as Error);
    signal.addEventListener("abort", abort);
    try {
      return await promise;
    } finally {
      signal.removeEventListener("abort", abort);
    }
  }

  /** Ends all connections, and what is under way on them. */
  destroy(): void {
    for (const exchange of this.#waiting.splice(0)) exchange.reject(new Error("the connections were ended"));
    for (const connection of this.#all) connection.destroy();
  }

  #begin(exchange: Exchange): void {
    const connection = this.#usable();
    if (connection === undefined) this.#waiting.push(exchange);
    else connection.begin(exchange);
  }

  #usable(): Connection | undefined {
    const nowMs = this.#clock.monotonicMs();
    for (let kept = this.#idle.pop(); kept !== undefined; kept = this.#idle.pop()) {
      if (nowMs < kept.untilMs) return kept;
      kept.destroy();
    }
    if (this.#all.size >= this.#connectionsMax) return undefined;
    const connection = new Connection(this.#peer, {
      freed: (keptMs) => {
        connection.untilMs = this.#clock.monotonicMs() + keptMs;
        this.#idle.push(connection);
        this.#beginNext();
      },
      closed: () => {
        this.#all.delete(connection);
        const place = this.#idle.indexOf(connection);
        if (place >= 0) this.#idle.splice(place, 1);
        this.#beginNext();
      },
    });
    this.#all.add(connection);
    return connection;
  }

  #beginNext(): void {
    const next = this.#waiting.shift();
    if (next !== undefined) this.#begin(next);
  }

  #giveUp(exchange: Exchange, reason: Error): void {
    exchange.reject(reason);
    const place = this.#waiting.indexOf(exchange);
    if (place >= 0) this.#waiting.splice(place, 1);
    else exchange.connection?.destroy();
  }
}

/** One connection; whoever has it looks that it is free. */
class Connection {
  /** Monotonic milliseconds until when the server keeps it, while it is free. */
  untilMs = 0;
  readonly #socket: Socket;
  readonly #told: { readonly freed: (keptMs: number) => void; readonly closed: () => void };
  #exchange: Exchange | undefined;
  #reader = new AnswerReader();
  #error: Error | undefined;

  constructor(peer: Peer, told: { freed: (keptMs: number) => void; closed: () => void }) {
    this.#told = told;
    const callback = (count: number, buffer: Uint8Array) => this.#read(buffer as Buffer, count);
    // Bytes are handed over where they were read to, without a stream between.
    this.#socket = connected(peer, { buffer: Buffer.allocUnsafeSlow(READ_BYTES), callback });
    // As Node's agents have it.
    this.#socket.setNoDelay(true).setKeepAlive(true, SECOND_MS);
    this.#socket.on("error", (error) => (this.#error = error));
    this.#socket.once("close", () => this.#closed());
  }

  begin(exchange: Exchange): void {
    exchange.connection = this;
    this.#exchange = exchange;
    this.#reader = new AnswerReader();
    this.#socket.ref();
    this.#socket.write(exchange.request);
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** @returns whether to read on. */
  #read(buffer: Buffer, count: number): boolean {
    const exchange = this.#exchange;
    try {
      if (exchange === undefined) throw new Error("the server has answered what it was not asked");
      const answer = this.#reader.read(buffer.subarray(0, count));
      if (answer !== undefined) this.#answered(exchange, answer);
    } catch (error) {
      this.#error = error as Error;
      this.destroy();
    }
    return true;
  }

  #answered(exchange: Exchange, answer: PlainAnswer): void {
    this.#exchange = undefined;
    exchange.connection = undefined;
    exchange.resolve(answer);
    const { keptMs } = this.#reader;
    // One that is kept for later does not keep the process.
    this.#socket.unref();
    if (keptMs > 0) this.#told.freed(keptMs);
    else this.destroy();
  }

  #closed(): void {
    const exchange = this.#exchange;
    if (exchange !== undefined) {
      const answer = this.#error === undefined ? this.#reader.end() : undefined;
      if (answer !== undefined) this.#answered(exchange, answer);
      else exchange.reject(this.#error ?? new Error("the connection was closed before the answer"));
    }
    this.#told.closed();
  }
}

function connected({ isTls, hostname, port }: Peer, onread: OnReadOpts): Socket {
  if (!isTls) return connect({ onread, host: hostname, port: port ?? 80 });
  const name = isIP(hostname) === 0 ? { servername: hostname } : {};
  const options = { onread, host: hostname, port: port ?? 443, ALPNProtocols: ["http/1.1"], ...name };
  return connectTls(options);
}
