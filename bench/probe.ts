import { setTimeout as pause } from "node:timers/promises";
import { Client } from "./client.ts";

const EVERY_MS = 4;

/** Somebody else's messages: one client that sends, receives and deletes on a queue of its own, a few hundred times a second. */
export class Probe {
  readonly #client: Client;
  readonly #queueUrl: string;
  readonly #over = new AbortController();
  readonly #running: Promise<void>;
  #tookMs: number[] = [];

  private constructor(client: Client, queueUrl: string) {
    this.#client = client;
    this.#queueUrl = queueUrl;
    this.#running = this.#run();
  }

  static async start(port: number): Promise<Probe> {
    const client = await Client.open(port);
    const { QueueUrl } = (await client.call("CreateQueue", { QueueName: "somebody-else" })) as { QueueUrl: string };
    return new Probe(client, QueueUrl);
  }

  /** What its requests took since this was asked last, each in milliseconds. */
  taken(): number[] {
    const tookMs = this.#tookMs;
    this.#tookMs = [];
    return tookMs;
  }

  async stop(): Promise<void> {
    this.#over.abort();
    await this.#running;
    this.#client.close();
  }

  async #run(): Promise<void> {
    const QueueUrl = this.#queueUrl;
    while (!this.#over.signal.aborted) {
      await this.#call("SendMessage", { QueueUrl, MessageBody: "a message of somebody else" });
      const { Messages = [] } = (await this.#call("ReceiveMessage", { QueueUrl })) as { Messages?: { ReceiptHandle: string }[] };
      for (const { ReceiptHandle } of Messages) await this.#call("DeleteMessage", { QueueUrl, ReceiptHandle });
    }
  }

  async #call(action: string, input: unknown): Promise<unknown> {
    const startMs = performance.now();
    const answer = await this.#client.call(action, input);
    this.#tookMs.push(performance.now() - startMs);
    await pause(EVERY_MS);
    return answer;
  }
}
