import { connect, type Socket } from "node:net";

/** Larger than most answers here, so that these are taken from one read without a copy. */
const READ_BYTES = 16 * 1024;

/**
 * One keep-alive HTTP/1.1 connection with one request in flight, written on bare sockets: a load generator shares the
 * processor with what it measures, so each microsecond it takes is one that the server does not get.
 */
export class Connection {
  readonly #socket: Socket;
  /** What has been read of an answer that did not come in one piece. */
  #begun: Buffer | undefined;
  #resolve: ((response: Response) => void) | undefined;
  #reject: ((reason: Error) => void) | undefined;

  private constructor(port: number, onOpen: { resolve: (connection: Connection) => void; reject: (reason: Error) => void }) {
    const buffer = Buffer.allocUnsafe(READ_BYTES);
    this.#reject = onOpen.reject;
    this.#socket = connect({ port, host: "127.0.0.1", noDelay: true, onread: { buffer, callback: (bytes) => this.#take(buffer, bytes) } });
    this.#socket.on("connect", () => onOpen.resolve(this));
    this.#socket.on("close", () => this.#reject?.(new Error("the server closed the connection")));
    this.#socket.on("error", (error) => this.#reject?.(error));
  }

  static open(port: number): Promise<Connection> {
    return new Promise((resolve, reject) => void new Connection(port, { resolve, reject }));
  }

  /**
   * @param request a whole request, head and body, as bytes.
   * @returns the answer; its bytes are good until the next request is sent.
   */
  send(request: Buffer): Promise<Response> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      this.#socket.write(request);
    });
  }

  close(): void {
    this.#reject = undefined;
    this.#socket.destroy();
  }

  /** @returns true: go on reading. */
  #take(buffer: Buffer, bytes: number): boolean {
    const fresh = buffer.subarray(0, bytes);
    const received = this.#begun === undefined ? fresh : Buffer.concat([this.#begun, fresh]);
    const response = whole(received);
    if (response === undefined) {
      // The buffer is used again by the next read.
      this.#begun = this.#begun === undefined ? Buffer.from(fresh) : received;
      return true;
    }
    this.#begun = undefined;
    this.#resolve?.(response);
    return true;
  }
}

export interface Response {
  readonly status: number;
  readonly body: Buffer;
}

/** Undefined while something is missing. Every server here tells the length of what it sends. */
function whole(received: Buffer): Response | undefined {
  const headEnd = received.indexOf("\r\n\r\n");
  if (headEnd === -1) return undefined;
  const head = received.toString("latin1", 0, headEnd);
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  if (length === undefined) throw new Error(`an answer without Content-Length: ${head}`);
  const bodyAt = headEnd + 4;
  const end = bodyAt + Number(length);
  if (received.length < end) return undefined;
  return { status: Number(head.slice(9, 12)), body: received.subarray(bodyAt, end) };
}
