import { connect, type Socket } from "node:net";

/**
 * One keep-alive HTTP/1.1 connection with one request in flight, written on bare sockets: a load generator shares the
 * processor with what it measures, so each microsecond it takes is one that the server does not get.
 */
export class Connection {
  readonly #socket: Socket;
  #received: Buffer = Buffer.alloc(0);
  #resolve: ((response: Response) => void) | undefined;
  #reject: ((reason: Error) => void) | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on("data", (chunk) => this.#take(chunk));
    socket.on("close", () => this.#reject?.(new Error("the server closed the connection")));
    socket.on("error", (error) => this.#reject?.(error));
  }

  static open(port: number): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: "127.0.0.1" }, () => resolve(new Connection(socket)));
      socket.once("error", reject);
    });
  }

  /** @param request a whole request, head and body, as bytes. */
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

  #take(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    const headEnd = this.#received.indexOf("\r\n\r\n");
    if (headEnd === -1) return;
    const head = this.#received.latin1Slice(0, headEnd);
    const bodyBytes = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
    if (this.#received.length < headEnd + 4 + bodyBytes) return;
    const body = this.#received.subarray(headEnd + 4, headEnd + 4 + bodyBytes);
    this.#received = this.#received.subarray(headEnd + 4 + bodyBytes);
    this.#resolve?.({ status: Number(head.slice(9, 12)), body });
  }
}

export interface Response {
  readonly status: number;
  readonly body: Buffer;
}
