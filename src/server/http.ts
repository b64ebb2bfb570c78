import type { IncomingMessage, ServerOptions, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Clock } from "../kernel/clock.ts";
import { CallerDeparture, type Departure } from "../kernel/departure.ts";
import type { Logger } from "../kernel/logger.ts";
import { KIB, SECOND_MS } from "../kernel/units.ts";
import { BodyTooLarge, BodyTooSlow, type HttpRequest, type HttpResponse, type RequestBody } from "../wire/http.ts";
import type { ByteStream } from "../wire/shapes.ts";
import { limitConnections } from "./connections.ts";
import { SlowPeers, type Awaited, type Patience } from "./slow-peers.ts";
import { WaitingConnections, type HttpExchange, type WaitingRequest } from "./waiting-connections.ts";

/**
 * Not by `import`: that reads every export of the module, also those that load Node's client (`WebSocket` and others), which took
 * a third of the start and 16 MB of memory (Node 26, November 2026).
 */
const http = process.getBuiltinModule("node:http");

/** For connections to come; another parser is made in microseconds. */
const IDLE_PARSERS_MAX = 50;

/** Of a request that was answered before its body was read, so much may still be thrown away to keep the connection. */
const DISCARDED_BYTES_MAX = 1024 * 1024;

/** An answer that is in memory is handed to its connection in such pieces, so that progress shows and little is copied. */
const PIECE_BYTES = 64 * KIB;

export type Handler = (request: HttpRequest) => Promise<HttpResponse>;

/** What one peer may take of the server. */
export interface HttpLimits {
  /** Connections open at once. */
  readonly connectionsMax: number;
  /** From a connection's or a request's first byte to the end of its headers; Node looks once a second. */
  readonly headersMs: number;
  /** Of the request line with all headers. */
  readonly headersBytesMax: number;
  /** A connection that has nothing to say, between two requests. */
  readonly idleMs: number;
  /**
   * For a whole body, from its headers to its end; and for a connection that takes an answer, or brings a body that is
   * taken as it comes, to move the least that it must.
   */
  readonly patience: Patience;
}

export const HTTP_LIMITS: Omit<HttpLimits, "connectionsMax"> = {
  headersMs: 10 * SECOND_MS,
  headersBytesMax: 16 * KIB,
  idleMs: 65 * SECOND_MS,
  // Two kibibytes a second is less than any link of today takes, and more than who means harm likes to spend.
  patience: { ms: 30 * SECOND_MS, readBytesMin: KIB, writtenBytesMin: 64 * KIB },
};

export interface HttpServerOptions {
  readonly limits: HttpLimits;
  /** Real time, whatever the engine's is. */
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Node keeps the parsers of a thousand connections that are gone, or that wait, at 8 KB each. It keeps them for all servers of
 * its thread, so this is for threads that belong to Millrace alone.
 */
export function keepFewParsers(): void {
  http.setMaxIdleHTTPParsers(IDLE_PARSERS_MAX);
}

/** Sockets in, sockets out: what knows node:http is here and in what stands beside it. */
export function createHttpServer(handle: Handler, { limits, clock, logger }: HttpServerOptions): HttpServer {
  const peers = new SlowPeers(clock, limits.patience);
  const server = new HttpServer(
    {
      // A client that has lost its power or its cable is noticed though nothing is sent to it.
      keepAlive: true,
      keepAliveInitialDelay: 60 * SECOND_MS,
      keepAliveTimeout: limits.idleMs,
      headersTimeout: limits.headersMs,
      connectionsCheckingInterval: SECOND_MS,
      maxHeaderSize: limits.headersBytesMax,
      requestTimeout: 0, // An upload may take hours: bodies are watched here.
      insecureHTTPParser: false,
      requireHostHeader: true,
      shouldUpgradeCallback: () => false,
    },
    { clock, idleMs: limits.idleMs },
  );
  const around = { peers, waiting: server.waiting, handle, logger };
  server.on("request", (incoming: IncomingMessage, outgoing: ServerResponse) => {
    // Node also takes what calls itself HTTP/0.9 or HTTP/2.0.
    if (incoming.httpVersionMajor !== 1) return refuse(outgoing, 505);
    if (hasTwoHosts(incoming)) return refuse(outgoing, 400);
    serve(new SocketRequest({ incoming, outgoing }, around), around);
  });
  limitConnections(server, { max: limits.connectionsMax, logger, clock });
  // Whatever else a connection waits for: a long poll is answered after 20 s.
  server.setTimeout(120 * SECOND_MS);
  server.once("close", () => {
    peers.stop();
    server.waiting.stop();
  });
  return server;
}

/** Node's server, and the connections that it does not know of while their clients wait. */
export class HttpServer extends http.Server {
  readonly waiting: WaitingConnections;

  constructor(options: ServerOptions, waiting: { clock: Clock; idleMs: number }) {
    super(options);
    this.waiting = new WaitingConnections(this, waiting);
  }

  override closeIdleConnections(): void {
    super.closeIdleConnections();
    this.waiting.closeIdle();
  }

  override closeAllConnections(): void {
    super.closeAllConnections();
    this.waiting.closeAll();
  }
}

/** Apart from where Node's request stands, so that nothing here keeps it. */
function serve(request: SocketRequest, { handle, logger }: Around): void {
  handle(request)
    .then((response) => request.answer(response))
    .catch((error: unknown) => {
      // The answer has begun or the socket is gone: there is nobody to tell, and half an answer must not look whole.
      const { gone } = request;
      request.destroy();
      if (!gone) logger.error("connection failed", { error: String(error) });
    });
}

/** A request for two hosts is read in one way by whoever stands in front of us, and perhaps in another by us. */
function hasTwoHosts({ rawHeaders }: IncomingMessage): boolean {
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at];
    if (name?.length === 4 && name.toLowerCase() === "host") hosts += 1;
  }
  return hosts > 1;
}

function refuse(outgoing: ServerResponse, status: number): void {
  outgoing.writeHead(status, { connection: "close", "content-length": "0" });
  outgoing.end();
}

/** What all requests of a server work with. */
interface Around {
  readonly peers: SlowPeers;
  readonly waiting: WaitingConnections;
  readonly handle: Handler;
  readonly logger: Logger;
}

class SocketRequest implements HttpRequest, WaitingRequest {
  readonly method: string;
  readonly target: string;
  readonly socket: Socket;
  readonly #around: Around;
  /** Undefined while nobody has asked for the body, and once it has been let go. */
  #body: RequestBody | undefined;
  /** Undefined once it was let go. */
  #exchange: HttpExchange | undefined;
  #departure: CallerDeparture | undefined;

  constructor(exchange: HttpExchange, around: Around) {
    const { incoming } = exchange;
    this.#exchange = exchange;
    this.#around = around;
    this.socket = incoming.socket;
    this.method = incoming.method ?? "GET";
    this.target = incoming.url ?? "/";
  }

  get exchange(): HttpExchange {
    if (this.#exchange === undefined) throw new TypeError("the request was let go");
    return this.#exchange;
  }

  get body(): RequestBody {
    return (this.#body ??= new SocketBody(this.exchange.incoming, this.#around.peers));
  }

  get rawHeaders(): readonly string[] {
    return this.#exchange?.incoming.rawHeaders ?? [];
  }

  get headers(): Readonly<Record<string, string | undefined>> {
    // Node joins repeated headers; of the few that it keeps as a list (set-cookie) no request here has any.
    return (this.#exchange?.incoming.headers ?? {}) as Record<string, string | undefined>;
  }

  get remoteAddress(): string {
    return this.socket.remoteAddress ?? "";
  }

  get gone(): boolean {
    return this.socket.destroyed;
  }

  forget(): void {
    const { incoming } = this.exchange;
    incoming.rawHeaders = [];
    incoming.headers = {};
    this.#around.waiting.add(this);
  }

  /** Made when somebody asks for it: most requests never wait for anything. */
  get signal(): Departure {
    if (this.#departure === undefined) {
      this.#departure = new CallerDeparture();
      if (this.gone) this.lost();
      const outgoing = this.#exchange?.outgoing;
      outgoing?.once("close", () => {
        if (!outgoing.writableFinished) this.lost();
      });
    }
    return this.#departure;
  }

  letGo(): void {
    this.#exchange = undefined;
    this.#body = undefined;
  }

  lost(): void {
    this.#departure?.abort();
  }

  answer(response: HttpResponse): Promise<void> | undefined {
    const { waiting, peers } = this.#around;
    waiting.done(this);
    if (this.#exchange === undefined && waiting.answer(this.socket, response, peers)) return undefined;
    return send(this, { response, outgoing: this.#exchange?.outgoing ?? waiting.respond(this.socket), peers });
  }

  destroy(): void {
    this.#around.waiting.done(this);
    this.socket.destroy();
  }
}

/** A request's body, and the peer that sends it. */
class SocketBody implements RequestBody, Awaited {
  sinceMs: number | undefined;
  movedBefore = 0;
  readonly #incoming: IncomingMessage;
  readonly #peers: SlowPeers;
  /** Of a body that is wanted whole. */
  #reject: ((reason: Error) => void) | undefined;

  constructor(incoming: IncomingMessage, peers: SlowPeers) {
    this.#incoming = incoming;
    this.#peers = peers;
  }

  bytes(bytesMax: number): Promise<Buffer> {
    const incoming = this.#incoming;
    const announced = Number(incoming.headers["content-length"] ?? 0);
    if (announced > bytesMax) return Promise.reject(tooLarge(bytesMax));
    return new Promise((resolve, reject) => {
      let chunks: Buffer[] = [];
      let length = 0;
      this.#reject = reject;
      this.#peers.await(this);
      const failed = (reason: Error) => {
        this.#peers.done(this);
        reject(reason);
      };
      incoming.on("data", (chunk: Buffer) => {
        length += chunk.length;
        if (length > bytesMax) failed(tooLarge(bytesMax));
        else chunks.push(chunk);
      });
      incoming.on("end", () => {
        this.#peers.done(this);
        resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks));
        chunks = []; // The request may wait for long; its bytes need not.
      });
      incoming.on("error", failed);
    });
  }

  async *stream(): ByteStream {
    this.#peers.await(this);
    try {
      // Whoever stops reading early still has to answer on this socket.
      yield* this.#incoming.iterator({ destroyOnReturn: false });
    } finally {
      this.#peers.done(this);
    }
  }

  /** Of a body that is taken as it comes, time runs while nothing of it is here. */
  waiting(): boolean {
    return this.#reject !== undefined || (this.#incoming.readableLength === 0 && !this.#incoming.complete);
  }

  moved(): number {
    return this.#incoming.socket.bytesRead;
  }

  bytesMin({ readBytesMin }: Patience): number {
    return this.#reject === undefined ? readBytesMin : Infinity;
  }

  giveUp(): void {
    if (this.#reject === undefined) this.#incoming.destroy(tooSlow());
    else this.#reject(tooSlow());
  }
}

function tooLarge(bytesMax: number): BodyTooLarge {
  return new BodyTooLarge(`The request is larger than ${bytesMax} bytes.`);
}

function tooSlow(): BodyTooSlow {
  return new BodyTooSlow("Your socket connection to the server was not written to within the timeout period.");
}

interface Sending {
  readonly response: HttpResponse;
  readonly outgoing: ServerResponse;
  readonly peers: SlowPeers;
}

/** @returns what to wait for, where an answer goes at its reader's pace. */
function send(request: SocketRequest, { response, outgoing, peers }: Sending): Promise<void> | undefined {
  const { status, headers } = response;
  const body = typeof response.body === "string" && response.body.length > PIECE_BYTES ? Buffer.from(response.body) : response.body;
  if (!outgoing.req.complete) dropUnreadBody(outgoing, peers);
  if (body === undefined || typeof body === "string" || body instanceof Uint8Array) {
    if (headers["content-length"] === undefined && status !== 204 && status !== 304)
      headers["content-length"] = String(body === undefined ? 0 : typeof body === "string" ? Buffer.byteLength(body) : body.length);
    outgoing.writeHead(status, headers);
    if (body instanceof Uint8Array && body.length > PIECE_BYTES && request.method !== "HEAD") return sendStream([body], outgoing, peers);
    outgoing.end(request.method === "HEAD" ? undefined : body);
    // Most connections have taken it all by now.
    if (outgoing.writableLength > 0) peers.answer(outgoing, outgoing.req.socket);
    return undefined;
  }
  outgoing.writeHead(status, headers);
  return sendStream(body, outgoing, peers);
}

/** At the reader's pace, piece by piece. */
async function sendStream(body: ByteStream | [Uint8Array], outgoing: ServerResponse, peers: SlowPeers): Promise<void> {
  peers.answer(outgoing, outgoing.req.socket);
  for await (const chunk of body) {
    for (let at = 0; at < chunk.length; at += PIECE_BYTES) {
      if (outgoing.destroyed) return;
      if (!outgoing.write(chunk.subarray(at, at + PIECE_BYTES))) await drained(outgoing);
    }
  }
  outgoing.end();
}

/** A sender that was refused early must not go on sending gigabytes to nobody. */
function dropUnreadBody(outgoing: ServerResponse, peers: SlowPeers): void {
  const { req: incoming } = outgoing;
  const length = incoming.headers["content-length"];
  if (length !== undefined && Number(length) <= DISCARDED_BYTES_MAX) {
    peers.unwantedBody(incoming);
    incoming.resume();
  } else outgoing.setHeader("connection", "close");
}

function drained(outgoing: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      outgoing.off("drain", done);
      outgoing.off("close", done);
      resolve();
    };
    outgoing.on("drain", done);
    outgoing.on("close", done);
  });
}
