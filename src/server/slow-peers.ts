import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Clock, Timer } from "../kernel/clock.ts";
import { SECOND_MS } from "../kernel/units.ts";

/** Between two looks at those that are waited for. */
const LOOK_EVERY_MS = SECOND_MS;

/** A peer whose move it is. What is kept of it is its own, since there may be one for each of ten thousand requests. */
export interface Awaited {
  /** Whether it is its move; while it is ours, no time runs. */
  waiting(): boolean;
  /** Bytes that it has moved so far. */
  moved(): number;
  /** What it must move within the patience; infinite: it must be done by then. */
  bytesMin(patience: Patience): number;
  giveUp(): void;
  /** Kept here by whoever looks at it, from the first look on: most are done before it. */
  sinceMs: number | undefined;
  movedBefore: number;
}

/** How long a peer may keep the server waiting, and how little it may move meanwhile. */
export interface Patience {
  readonly ms: number;
  /** Of a body that is taken as it comes. */
  readonly readBytesMin: number;
  /** Of an answer. */
  readonly writtenBytesMin: number;
}

/**
 * Peers that send a request or take an answer byte by byte hold a connection, and what stands in memory for it, for as
 * long as they like. Whoever moves too little within the patience is given up. Nobody is looked at while nobody is waited
 * for, and one who is answered at once costs no timer.
 */
export class SlowPeers {
  readonly #clock: Clock;
  readonly #patience: Patience;
  readonly #awaited = new Set<Awaited>();
  #look: Timer | undefined;

  /** @param clock real time, whatever the engine's is: peers live in it. */
  constructor(clock: Clock, patience: Patience) {
    this.#clock = clock;
    this.#patience = patience;
  }

  get size(): number {
    return this.#awaited.size;
  }

  /** From now on, until it is done. */
  await(peer: Awaited): void {
    this.#awaited.add(peer);
    this.#look ??= this.#clock.after(LOOK_EVERY_MS, () => this.#lookAtAll());
  }

  done(peer: Awaited): void {
    this.#awaited.delete(peer);
  }

  /** An answer, until its connection has lost it or is said to have taken it. @returns what says so. */
  answer(written: ServerResponse | Socket, socket: Socket): () => void {
    const answer = new TakenAnswer(written, socket);
    const taken = () => {
      written.off("close", taken);
      this.done(answer);
    };
    this.await(answer);
    written.once("close", taken);
    return taken;
  }

  /** The rest of a body that nobody wants: it is answered already. */
  unwantedBody(incoming: IncomingMessage): void {
    const rest = new UnwantedBody(incoming.socket);
    this.await(rest);
    incoming.once("close", () => this.done(rest));
  }

  stop(): void {
    this.#look?.cancel();
    this.#look = undefined;
    this.#awaited.clear();
  }

  #lookAtAll(): void {
    const nowMs = this.#clock.monotonicMs();
    for (const awaited of this.#awaited) this.#lookAt(awaited, nowMs);
    this.#look = this.#awaited.size === 0 ? undefined : this.#clock.after(LOOK_EVERY_MS, () => this.#lookAtAll());
  }

  #lookAt(awaited: Awaited, nowMs: number): void {
    const moved = awaited.moved();
    const { sinceMs } = awaited;
    if (sinceMs === undefined || !awaited.waiting() || moved - awaited.movedBefore >= awaited.bytesMin(this.#patience)) {
      awaited.sinceMs = nowMs;
      awaited.movedBefore = moved;
    } else if (nowMs - sinceMs >= this.#patience.ms) {
      this.#awaited.delete(awaited);
      awaited.giveUp();
    }
  }
}

/** Whoever is given up by closing its connection. */
abstract class OnSocket implements Awaited {
  sinceMs: number | undefined;
  movedBefore = 0;
  protected readonly socket: Socket;

  constructor(socket: Socket) {
    this.socket = socket;
  }

  abstract waiting(): boolean;
  abstract moved(): number;
  abstract bytesMin(patience: Patience): number;

  giveUp(): void {
    this.socket.destroy();
  }
}

class TakenAnswer extends OnSocket {
  readonly #written: { readonly writableLength: number };

  constructor(written: { readonly writableLength: number }, socket: Socket) {
    super(socket);
    this.#written = written;
  }

  override waiting(): boolean {
    return this.#written.writableLength > 0;
  }

  override moved(): number {
    return this.socket.bytesWritten - this.socket.writableLength;
  }

  override bytesMin({ writtenBytesMin }: Patience): number {
    return writtenBytesMin;
  }
}

class UnwantedBody extends OnSocket {
  override waiting(): boolean {
    return true;
  }

  override moved(): number {
    return 0;
  }

  override bytesMin(): number {
    return Infinity;
  }
}
