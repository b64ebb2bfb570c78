import { connect, type Socket } from "node:net";

/** Connections that are being opened at once. */
const OPENING_MAX = 500;
const HEAD = "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-amz-json-1.0\r\n";

/** Clients that send the head of a request byte by byte and never come to its end; who is cut off connects again. */
export class SlowClients {
  readonly #port: number;
  readonly #sockets = new Set<Socket>();
  #dripping: NodeJS.Timeout | undefined;
  #over = false;
  /** Connections that the server has closed. */
  cutOff = 0;

  constructor(port: number) {
    this.#port = port;
  }

  async open(clients: number): Promise<void> {
    while (this.#sockets.size < clients)
      await Promise.all(Array.from({ length: Math.min(OPENING_MAX, clients - this.#sockets.size) }, () => this.#open()));
    this.#dripping = setInterval(() => {
      for (const socket of this.#sockets) socket.write("x");
    }, 2000);
  }

  get connected(): number {
    return this.#sockets.size;
  }

  close(): void {
    this.#over = true;
    clearInterval(this.#dripping);
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  #open(): Promise<void> {
    return new Promise((resolve, reject) => {
      const socket = connect(this.#port, "127.0.0.1");
      socket.on("error", reject);
      socket.once("connect", () => {
        this.#sockets.add(socket);
        socket.write(`${HEAD}X-Slow: `);
        resolve();
      });
      socket.on("close", () => {
        if (!this.#sockets.delete(socket) || this.#over) return;
        this.cutOff += 1;
        this.#open().catch(() => {});
      });
      socket.resume();
    });
  }
}
