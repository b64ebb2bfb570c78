import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { textOf } from "./fan-out.ts";

/** The status by which a path answers a message, and which time it is sent it: from 1. */
export type Answers = Readonly<Record<string, (time: number) => number>>;

/** An HTTP endpoint of several paths, which outlives the servers that post to it. It says yes to every subscription. */
export class Subscriber {
  readonly #server: Server;
  readonly #answers: Answers;
  readonly #confirmed = new Set<string>();
  /** By path and text how often a message was answered. */
  readonly #times = new Map<string, number>();
  readonly #taken = new Map<string, string[]>();
  #posts = 0;
  #stall: { readonly at: number; readonly reached: PromiseWithResolvers<void>; readonly ended: PromiseWithResolvers<void> } | undefined;

  private constructor(server: Server, answers: Answers) {
    this.#server = server;
    this.#answers = answers;
    server.on("request", (request, response) => void this.#answer(request, response));
  }

  static async listening(answers: Answers): Promise<Subscriber> {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new Subscriber(server, answers);
  }

  urlOf(path: string): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/${path}`;
  }

  /** Whether all of its paths are subscribed. */
  get confirmed(): boolean {
    return this.#confirmed.size === Object.keys(this.#answers).length;
  }

  /** How many messages were posted. */
  get posts(): number {
    return this.#posts;
  }

  /** What a path has answered by 200, each time. */
  takenAt(path: string): readonly string[] {
    return this.#taken.get(path) ?? [];
  }

  /** From so many further posts on it answers none and forgets them. Resolves when it is there. */
  stallAfter(posts: number): Promise<void> {
    const stall = { at: this.#posts + posts, reached: Promise.withResolvers<void>(), ended: Promise.withResolvers<void>() };
    this.#stall = stall;
    return stall.reached.promise;
  }

  /** It answers again. */
  goOn(): void {
    this.#stall?.ended.resolve();
    this.#stall = undefined;
  }

  close(): void {
    this.goOn();
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? "/").slice(1);
    try {
      const body = Buffer.concat(await request.toArray()).toString();
      const status =
        request.headers["x-amz-sns-message-type"] === "Notification" ? await this.#notified(path, body) : await this.#asked(path, body);
      if (status === undefined) response.destroy();
      else response.writeHead(status).end();
    } catch {
      response.destroy(); // The server was killed at this moment.
    }
  }

  async #asked(path: string, body: string): Promise<number> {
    const { status } = await fetch((JSON.parse(body) as { SubscribeURL: string }).SubscribeURL);
    if (status === 200) this.#confirmed.add(path);
    return 200;
  }

  /** @returns undefined: it is not answered. */
  async #notified(path: string, body: string): Promise<number | undefined> {
    this.#posts += 1;
    const stall = this.#stall;
    if (stall !== undefined && this.#posts >= stall.at) {
      stall.reached.resolve();
      await stall.ended.promise;
      return undefined;
    }
    const text = textOf(body);
    const key = `${path} ${text}`;
    const time = (this.#times.get(key) ?? 0) + 1;
    this.#times.set(key, time);
    const status = this.#answers[path]?.(time) ?? 404;
    if (status === 200) this.#taken.set(path, [...this.takenAt(path), text]);
    return status;
  }
}
