import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { BodyTooLarge, type HttpRequest, type HttpResponse, type RequestBody } from "../wire/http.ts";
import type { ByteStream } from "../wire/shapes.ts";
import { SECOND_MS } from "../kernel/units.ts";

/**
 * Not by `import`: that reads every export of the module, also those that load Node's client (`WebSocket` and others), which took
 * a third of the start and 16 MB of memory (Node 26, November 2026).
 */
const { createServer } = process.getBuiltinModule("node:http");

/** Of a request that was answered before its body was read, so much may still be thrown away to keep the connection. */
const DISCARDED_BYTES_MAX = 1024 * 1024;

export type Handler = (request: HttpRequest) => Promise<HttpResponse>;

/** Sockets in, sockets out: the only file that knows node:http. */
export function createHttpServer(handle: Handler, onError: (error: unknown) => void): Server {
  const server = createServer(
    { keepAlive: true, requestTimeout: 0, headersTimeout: 10 * SECOND_MS, keepAliveTimeout: 65 * SECOND_MS },
    (incoming, outgoing) => {
      const request = new SocketRequest(incoming, outgoing);
      handle(request)
        .then((response) => send(request, response, outgoing))
        .catch((error: unknown) => {
          // The answer has begun or the socket is gone: there is nobody to tell, and half an answer must not look whole.
          outgoing.destroy();
          if (!request.gone) onError(error);
        });
    },
  );
  // A large upload may take hours, but not be silent for two minutes; a long poll is answered after 20 s.
  server.setTimeout(120 * SECOND_MS);
  return server;
}

class SocketRequest implements HttpRequest {
  readonly method: string;
  readonly target: string;
  readonly body: RequestBody;
  readonly #incoming: IncomingMessage;
  readonly #outgoing: ServerResponse;
  #abort: AbortController | undefined;

  constructor(incoming: IncomingMessage, outgoing: ServerResponse) {
    this.#incoming = incoming;
    this.#outgoing = outgoing;
    this.method = incoming.method ?? "GET";
    this.target = incoming.url ?? "/";
    this.body = new SocketBody(incoming);
  }

  get rawHeaders(): readonly string[] {
    return this.#incoming.rawHeaders;
  }

  get headers(): Readonly<Record<string, string | undefined>> {
    // Node joins repeated headers; of the few that it keeps as a list (set-cookie) no request here has any.
    return this.#incoming.headers as Record<string, string | undefined>;
  }

  get remoteAddress(): string {
    return this.#incoming.socket.remoteAddress ?? "";
  }

  get gone(): boolean {
    return this.#incoming.socket.destroyed;
  }

  /** Made when somebody asks for it: most requests never wait for anything. */
  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      const abort = new AbortController();
      this.#abort = abort;
      if (this.gone) abort.abort();
      this.#outgoing.once("close", () => {
        if (!this.#outgoing.writableFinished) abort.abort();
      });
    }
    return this.#abort.signal;
  }
}

class SocketBody implements RequestBody {
  readonly #incoming: IncomingMessage;

  constructor(incoming: IncomingMessage) {
    this.#incoming = incoming;
  }

  bytes(bytesMax: number): Promise<Buffer> {
    const incoming = this.#incoming;
    const announced = Number(incoming.headers["content-length"] ?? 0);
    if (announced > bytesMax) return Promise.reject(tooLarge(bytesMax));
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      let length = 0;
      incoming.on("data", (chunk: Buffer) => {
        length += chunk.length;
        if (length > bytesMax) reject(tooLarge(bytesMax));
        else chunks.push(chunk);
      });
      incoming.on("end", () => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)));
      incoming.on("error", reject);
    });
  }

  stream(): ByteStream {
    // Whoever stops reading early still has to answer on this socket.
    return this.#incoming.iterator({ destroyOnReturn: false });
  }
}

function tooLarge(bytesMax: number): BodyTooLarge {
  return new BodyTooLarge(`The request is larger than ${bytesMax} bytes.`);
}

async function send(request: SocketRequest, response: HttpResponse, outgoing: ServerResponse): Promise<void> {
  const { status, headers, body } = response;
  if (!outgoing.req.complete) dropUnreadBody(outgoing);
  if (body === undefined || typeof body === "string" || body instanceof Uint8Array) {
    if (headers["content-length"] === undefined && status !== 204 && status !== 304)
      headers["content-length"] = String(body === undefined ? 0 : typeof body === "string" ? Buffer.byteLength(body) : body.length);
    outgoing.writeHead(status, headers);
    outgoing.end(request.method === "HEAD" ? undefined : body);
    return;
  }
  outgoing.writeHead(status, headers);
  for await (const chunk of body) {
    if (outgoing.destroyed) return;
    if (!outgoing.write(chunk)) await drained(outgoing);
  }
  outgoing.end();
}

/** A sender that was refused early must not go on sending gigabytes to nobody. */
function dropUnreadBody(outgoing: ServerResponse): void {
  const length = outgoing.req.headers["content-length"];
  if (length !== undefined && Number(length) <= DISCARDED_BYTES_MAX) outgoing.req.resume();
  else outgoing.setHeader("connection", "close");
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
