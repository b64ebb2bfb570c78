import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { systemWallMs, type Clock, type Timer } from "../kernel/clock.ts";
import { SECOND_MS } from "../kernel/units.ts";
import type { HttpResponse } from "../wire/http.ts";
import { textOf, writeText } from "./held-answer.ts";
import type { SlowPeers } from "./slow-peers.ts";

const http = process.getBuiltinModule("node:http");

/** Whoever waits longer than one of these, and at most two, is let go: most requests have their answer before. */
const LOOK_EVERY_MS = 100;

/**
 * The same where more than so many have just begun to wait. What Node keeps of a request that lives on beyond two collections of
 * young objects stays in memory until the next collection of old ones: of ten thousand that came together, half of all that they took.
 */
const LOOK_SOON_MS = 20;
const YOUNG_MAX = 100;

/** And of a storm, whose requests all come in one turn of the event loop, at once: no more than twice as many stand in memory whole. */
const STORM = 500;

/** What Node looks after as it does after any input. */
const NO_INPUT = Buffer.alloc(0);

/** A request that waits for others, with what Node keeps of it. */
export interface WaitingRequest {
  readonly socket: Socket;
  /** @throws once it was let go. */
  readonly exchange: HttpExchange;
  /** Node's part of it is no longer needed: the answer goes through `WaitingConnections.respond`. */
  letGo(socket: Socket): void;
  /** The connection is lost, and with it who waited. May be said twice. */
  lost(): void;
}

export interface HttpExchange {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
}

/** As much of Node's parser as is not in its documentation and needed here. */
interface Parser {
  /** The request whose head it has read last. */
  readonly incoming: IncomingMessage | null;
  /** Says that no input follows. @returns an error where it stands in the middle of a request. */
  finish(): Error | undefined;
}

/** A connection without a parser, from when its request was let go until the next one comes. */
interface Held {
  /** Undefined once it is answered. */
  request: WaitingRequest | undefined;
  /** While the answer is on its way. */
  outgoing: ServerResponse | undefined;
  /** What has come before the answer has left: the next request, or its beginning. */
  early: Buffer | undefined;
}

/**
 * Connections whose clients wait for a message. Node keeps some 14 KB for each request that it has read and that is not
 * answered: eight of them in its parser, the rest in streams. Of those that wait it is let go, by the way that Node has for
 * a connection that changes its protocol: nothing but the socket is left. When the client says something again, the server is
 * given the socket as if it were new.
 *
 *     read by Node → waits → held: its parser is free → answered, still held → the next request: read by Node
 *
 * A client that has begun another request before the first was answered is not let go; one that has sent a part of it is
 * refused, since that part is in the parser already.
 */
export class WaitingConnections {
  readonly #server: Server;
  readonly #clock: Clock;
  readonly #idleMs: number;
  /** Requests that have begun to wait since the last look, and those since the one before. */
  #young = new Set<WaitingRequest>();
  #old = new Set<WaitingRequest>();
  #look: Timer | undefined;
  #looksSoon = false;
  /** Who waits, by connection; of several requests that one client has sent ahead, the last. */
  readonly #bySocket = new Map<Socket, WaitingRequest>();
  readonly #held = new Map<Socket, Held>();
  readonly #listeners: ReturnType<typeof listenersOf>;
  readonly #ended: (this: Socket) => void;
  /** The request whose parser Node has just let go. */
  #letGo: IncomingMessage | undefined;

  /**
   * @param server was made with a `shouldUpgradeCallback` that lets nobody change the protocol.
   * @param options `clock`: real time; `idleMs`: how long a connection is kept after its answer.
   */
  constructor(server: Server, options: { clock: Clock; idleMs: number }) {
    this.#server = server;
    this.#clock = options.clock;
    this.#idleMs = options.idleMs;
    this.#listeners = listenersOf(this.#held, (socket, chunks) => this.#giveBack(socket, chunks));
    server.on("upgrade", (incoming) => {
      this.#letGo = incoming;
    });
    // A socket closes at the end of the event loop's turn. What comes in the same turn must not be given to who has gone.
    const bySocket = this.#bySocket;
    this.#ended = function (this: Socket): void {
      bySocket.get(this)?.lost();
    };
    server.on("connection", (socket) => {
      for (const event of ["end", "error"] as const) socket.off(event, this.#ended).on(event, this.#ended); // It may come here again.
    });
  }

  /** Connections without a parser. */
  get size(): number {
    return this.#held.size;
  }

  /** From now on, until it is done. */
  add(request: WaitingRequest): void {
    this.#young.add(request);
    this.#bySocket.set(request.socket, request);
    if (this.#young.size > STORM) this.#lookAtAll();
    else if (this.#look === undefined || (this.#areMany && !this.#looksSoon)) this.#planLook();
  }

  done(request: WaitingRequest): void {
    if (this.#bySocket.get(request.socket) === request) this.#bySocket.delete(request.socket);
    if (!this.#young.delete(request)) this.#old.delete(request);
  }

  /** Answers a request that was let go. @returns false: the answer is not small and plain, `respond` is to write it. */
  answer(socket: Socket, response: HttpResponse, peers: SlowPeers): boolean {
    const held = this.#held.get(socket);
    if (held === undefined || socket.destroyed) return true; // It is lost: nothing of the answer goes anywhere.
    const text = textOf(response, { idleMs: this.#idleMs, date: new Date(systemWallMs()).toUTCString() });
    if (text === undefined) return false;
    writeText(socket, text, { peers, taken: () => this.#answered(socket, held, false) });
    return true;
  }

  /** What answers a request that was let go otherwise. */
  respond(socket: Socket): ServerResponse {
    const outgoing = new http.ServerResponse(asked(socket));
    const held = this.#held.get(socket);
    if (held === undefined) return outgoing; // It is lost: nothing of the answer goes anywhere.
    held.outgoing = outgoing;
    outgoing.setHeader("keep-alive", `timeout=${Math.floor(this.#idleMs / SECOND_MS)}`);
    outgoing.assignSocket(socket);
    outgoing.once("finish", () => {
      outgoing.detachSocket(socket);
      outgoing.emit("close");
      this.#answered(socket, held, outgoing.getHeader("connection") === "close");
    });
    return outgoing;
  }

  /** Ends those that have been answered. */
  closeIdle(): void {
    for (const [socket, { request }] of this.#held) if (request === undefined) socket.destroy();
  }

  closeAll(): void {
    for (const socket of this.#held.keys()) socket.destroy();
  }

  stop(): void {
    this.#look?.cancel();
    this.#young.clear();
    this.#old.clear();
    this.#bySocket.clear();
  }

  #lookAtAll(): void {
    const waited = this.#old;
    this.#old = this.#young;
    this.#young = new Set();
    this.#planLook();
    for (const request of waited) this.#release(request);
  }

  #planLook(): void {
    this.#look?.cancel();
    this.#looksSoon = this.#areMany;
    if (this.#young.size + this.#old.size === 0) this.#look = undefined;
    else this.#look = this.#clock.after(this.#looksSoon ? LOOK_SOON_MS : LOOK_EVERY_MS, () => this.#lookAtAll());
  }

  get #areMany(): boolean {
    return this.#young.size > YOUNG_MAX || this.#old.size > YOUNG_MAX;
  }

  #release(request: WaitingRequest): void {
    const { incoming, outgoing } = request.exchange;
    const { socket } = incoming;
    if (!isReleasable(request.exchange) || !this.#takeFromParser(incoming)) return;
    outgoing.detachSocket(socket);
    socket.setTimeout(0);
    this.#held.set(socket, { request, outgoing: undefined, early: undefined });
    for (const event of ["end", "error"] as const) socket.off(event, this.#ended); // The others say so, and a list for each takes memory.
    for (const [event, listener] of this.#listeners) socket.on(event, listener);
    request.letGo(socket);
  }

  /**
   * After each piece of input Node looks whether the last request has become something else than HTTP. It would do so in the
   * middle of the next one, too, and lose what it has read of it.
   * @returns whether its parser is gone.
   */
  #takeFromParser(incoming: IncomingMessage & { upgrade?: boolean }): boolean {
    const socket: Socket & { parser?: Parser } = incoming.socket;
    const unfinished = socket.parser?.finish();
    if (unfinished !== undefined) {
      socket.emit("error", unfinished); // Node refuses what it cannot read.
      return false;
    }
    incoming.upgrade = true;
    socket.emit("data", NO_INPUT);
    const isFree = this.#letGo === incoming;
    this.#letGo = undefined;
    incoming.upgrade = false; // Else a whole request follows it already.
    return isFree;
  }

  #answered(socket: Socket, held: Held, isLast: boolean): void {
    held.request = undefined;
    held.outgoing = undefined;
    if (!this.#server.listening || isLast) socket.destroySoon();
    else if (held.early !== undefined) this.#giveBack(socket, held.early);
    else socket.setTimeout(this.#idleMs);
  }

  #giveBack(socket: Socket, chunk: Buffer): void {
    this.#held.delete(socket);
    for (const [event, listener] of this.#listeners) socket.off(event, listener);
    socket.resume(); // Before Node reads, which may pause it.
    this.#server.emit("connection", socket);
    socket.emit("data", chunk);
  }
}

/** The same for all connections, so that none of them keeps its own. */
function listenersOf(all: Map<Socket, Held>, giveBack: (socket: Socket, chunk: Buffer) => void) {
  function came(this: Socket, chunk: Buffer): void {
    const held = all.get(this);
    if (held?.request === undefined) return giveBack(this, chunk);
    held.early = chunk;
    this.pause();
  }
  function lost(this: Socket): void {
    const held = all.get(this);
    all.delete(this);
    held?.request?.lost();
  }
  function drained(this: Socket): void {
    all.get(this)?.outgoing?.emit("drain");
  }
  function end(this: Socket): void {
    failed.call(this);
    this.destroy();
  }
  // Its socket closes at the end of the event loop's turn; what comes in the same turn must not be given to who has gone.
  function failed(this: Socket): void {
    all.get(this)?.request?.lost();
  }
  return [
    ["data", came],
    ["end", end],
    ["error", failed],
    ["close", lost],
    ["drain", drained],
    ["timeout", end],
  ] as const;
}

/** Who keeps the connection afterwards, and has neither asked for more nor sent or taken half of something. */
function isReleasable({ incoming, outgoing }: HttpExchange): boolean {
  const { socket }: { socket: Socket & { parser?: Parser } } = incoming;
  return (
    socket.parser?.incoming === incoming &&
    incoming.complete &&
    incoming.method !== "HEAD" &&
    incoming.httpVersionMinor === 1 &&
    outgoing.shouldKeepAlive &&
    !outgoing.headersSent &&
    !socket.destroyed &&
    socket.writableLength === 0
  );
}

/** Of the request, as much as Node asks of it for its answer. */
function asked(socket: Socket): IncomingMessage {
  const request = { method: "POST", httpVersionMajor: 1, httpVersionMinor: 1, complete: true, socket };
  return request as IncomingMessage;
}
