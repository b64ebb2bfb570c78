import { Agent, request as httpRequest, type IncomingHttpHeaders } from "node:http";

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string | number>>;
  readonly body?: Buffer | string;
  /** Send only so many bytes of the body, then cut the connection. */
  readonly cutAfterBytes?: number;
  /** Cut the connection when so much time has passed without an answer. */
  readonly leaveAfterMs?: number;
}

class Left extends Error {}

/** No answer came. */
export class NoAnswer extends Error {
  override readonly name = "NoAnswer";
  /** Nobody listened, so nothing can have been done. */
  readonly refused: boolean;
  /** The client let go, not the server. */
  readonly left: boolean;

  constructor(cause: Error) {
    super(cause.message, { cause });
    this.refused = "code" in cause && cause.code === "ECONNREFUSED";
    this.left = cause instanceof Left;
  }
}

/** Longer than any wait that a client asks for. */
const ANSWER_MS_MAX = 30_000;

/** One keep-alive connection to the server, with one request at a time. It signs nothing and retries nothing. */
export class HttpClient {
  readonly #port: number;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });

  constructor(port: number) {
    this.#port = port;
  }

  /** @throws {NoAnswer} */
  ask({ method, path, headers, body, cutAfterBytes, leaveAfterMs }: Asked): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const bytes = typeof body === "string" ? Buffer.from(body) : (body ?? Buffer.alloc(0));
      const fail = (cause: Error) => reject(new NoAnswer(cause));
      const asked = httpRequest({
        host: "127.0.0.1",
        port: this.#port,
        agent: this.#agent,
        method,
        path,
        headers: { ...headers, "content-length": bytes.length },
      });
      asked.on("error", fail);
      asked.setTimeout(ANSWER_MS_MAX, () => asked.destroy(new Error(`no answer within ${ANSWER_MS_MAX / 1000} s`)));
      asked.on("response", (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
        incoming.on("error", fail);
        incoming.on("end", () => resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: Buffer.concat(chunks) }));
      });
      if (leaveAfterMs !== undefined) leaveLater(leaveAfterMs, () => asked.destroy(new Left("the client left")), asked);
      if (cutAfterBytes === undefined) asked.end(bytes);
      else asked.write(bytes.subarray(0, cutAfterBytes), () => asked.destroy(new Left("the client cut the connection")));
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

function leaveLater(afterMs: number, leave: () => void, asked: NodeJS.EventEmitter): void {
  const timer = setTimeout(leave, afterMs);
  asked.once("close", () => clearTimeout(timer));
}
