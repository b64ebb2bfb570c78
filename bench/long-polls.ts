import { connect, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { Connection } from "./connection.ts";
import { queueName } from "./many-queues.ts";

/** Connections that are being opened at once: fewer than the listener's backlog. */
const OPENING_MAX = 500;
/** Connections that send what wakes. */
const SENDERS = 10;
/** A poll in twenty seconds is asked again; on a busy machine that takes a while. */
const SETTLED_SHARE = 0.98;
/** What has just come to the server is no poll that waits: it is being read, or has been this very moment. */
const SETTLED_MS = 300;
/** So many as messages are sent there to wake them. */
const WAITING_AT_EACH = 10;
const EMPTY = "{}";

export interface WokenPolls {
  /** Of each message, from the first byte of the first send to the last byte of the answer that brought it. */
  readonly tookMs: readonly number[];
  /** Polls that were answered without a message meanwhile. */
  readonly empty: number;
}

/**
 * Clients that wait in ReceiveMessage, ten of them at each queue. Whoever is answered without a message
 * asks again at once; whoever got one when all have come that were sent.
 */
export class LongPolls {
  readonly #port: number;
  readonly #polls: Poll[] = [];
  readonly #senders: Connection[] = [];
  /** Answers without a message so far. */
  empty = 0;
  #onMessage: (body: string) => void = () => {};
  #served: (() => void)[] = [];

  constructor(port: number) {
    this.#port = port;
  }

  /** Opens so many and resolves when the server has them waiting. */
  async open(polls: number): Promise<void> {
    for (let opened = this.#polls.length; opened < polls; opened += OPENING_MAX) {
      const indexes = Array.from({ length: Math.min(OPENING_MAX, polls - opened) }, (_, index) => opened + index);
      this.#polls.push(...(await Promise.all(indexes.map((index) => this.#poll(index)))));
    }
    await this.waiting();
  }

  /** Resolves when the server has all of them waiting, but for those that are just asking again. */
  async waiting(): Promise<void> {
    while ((await this.#inProgress()) < this.#polls.length * SETTLED_SHARE) await pause(20);
    await pause(SETTLED_MS);
  }

  /** Resolves when the server has forgotten all of them. */
  async forgotten(): Promise<void> {
    while ((await this.#inProgress()) > 0) await pause(20);
  }

  /** Breaks all connections off, without a word to the server. */
  drop(): void {
    for (const poll of this.#polls.splice(0)) poll.drop();
  }

  /**
   * Sends ten messages to each of the queues from the first on, over a few connections, and waits until all have come.
   * Each of the ten clients that wait at a queue gets one.
   */
  async wake(queues: number): Promise<WokenPolls> {
    while (this.#senders.length < SENDERS) this.#senders.push(await Connection.open(this.#port));
    const emptyBefore = this.empty;
    const expected = new Set(Array.from({ length: queues * 10 }, (_, index) => `m${index}`));
    const tookMs: number[] = [];
    const { promise: all, resolve } = Promise.withResolvers<void>();
    const startMs = performance.now();
    this.#onMessage = (body) => {
      if (!expected.delete(body)) throw new Error(`${body} came twice`);
      tookMs.push(performance.now() - startMs);
      if (expected.size === 0) resolve();
    };
    const requests = Array.from({ length: queues }, (_, queue) => batchOf(queue));
    const send = async (sender: Connection): Promise<void> => {
      for (let request = requests.shift(); request !== undefined; request = requests.shift()) {
        const { status, body } = await sender.send(request);
        if (status !== 200) throw new Error(`a send was answered ${status}: ${body.toString().slice(0, 300)}`);
      }
    };
    await Promise.all([...this.#senders.map(send), all]);
    for (const askAgain of this.#served.splice(0)) askAgain();
    return { tookMs, empty: this.empty - emptyBefore };
  }

  async close(): Promise<void> {
    this.drop();
    for (const sender of this.#senders) sender.close();
  }

  async #poll(index: number): Promise<Poll> {
    const request = receiveOf(Math.floor(index / WAITING_AT_EACH));
    const poll = await Poll.open(this.#port, (answer) => {
      if (answer === EMPTY) {
        this.empty += 1;
        poll.ask(request);
        return;
      }
      this.#served.push(() => poll.ask(request));
      for (const [, body] of answer.matchAll(/"Body":"([^"]*)"/g)) this.#onMessage(body ?? "");
    });
    poll.ask(request);
    return poll;
  }

  /** Without the figures of a thousand queues, which would take more memory than the polls. */
  async #inProgress(): Promise<number> {
    const text = await (await fetch(`http://127.0.0.1:${this.#port}/metrics?names=none`)).text();
    return Number(/^millrace_requests_in_progress (\d+)$/m.exec(text)?.[1]) - 1;
  }
}

/** One client: a socket that costs this process little. */
class Poll {
  readonly #socket: Socket;
  readonly #answered: (body: string) => void;
  #begun = "";

  private constructor(socket: Socket, answered: (body: string) => void) {
    this.#socket = socket;
    this.#answered = answered;
    socket.on("data", (chunk: Buffer) => this.#take(chunk.toString("latin1")));
  }

  static open(port: number, answered: (body: string) => void): Promise<Poll> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: "127.0.0.1", noDelay: true });
      socket.once("connect", () => resolve(new Poll(socket, answered)));
      socket.on("error", reject);
    });
  }

  ask(request: string): void {
    this.#socket.write(request, "latin1");
  }

  /** By a reset, so that the port is free at once. */
  drop(): void {
    this.#socket.resetAndDestroy();
  }

  #take(text: string): void {
    this.#begun += text;
    const bodyAt = this.#begun.indexOf("\r\n\r\n") + 4;
    const length = /\r\ncontent-length: *(\d+)/i.exec(this.#begun)?.[1];
    if (bodyAt < 4 || length === undefined || this.#begun.length < bodyAt + Number(length)) return;
    const answer = this.#begun;
    this.#begun = "";
    if (!answer.startsWith("HTTP/1.1 200")) throw new Error(`a receive was answered ${answer.slice(0, 300)}`);
    this.#answered(answer.slice(bodyAt));
  }
}

function urlOf(queue: number): string {
  return `http://127.0.0.1/000000000000/${queueName(queue)}`;
}

function receiveOf(queue: number): string {
  return requestOf("ReceiveMessage", { QueueUrl: urlOf(queue), WaitTimeSeconds: 20 });
}

function batchOf(queue: number): Buffer {
  const Entries = Array.from({ length: 10 }, (_, index) => ({ Id: String(index), MessageBody: `m${queue * 10 + index}` }));
  return Buffer.from(requestOf("SendMessageBatch", { QueueUrl: urlOf(queue), Entries }), "latin1");
}

/** AWS JSON, unsigned, with the headers that an SDK sends: what a request weighs while it waits is its headers, too. */
function requestOf(action: string, input: unknown): string {
  const body = JSON.stringify(input);
  const head = [
    "POST / HTTP/1.1",
    "Host: 127.0.0.1",
    "Content-Type: application/x-amz-json-1.0",
    `X-Amz-Target: AmazonSQS.${action}`,
    "X-Amz-User-Agent: aws-sdk-js/3.1169.0",
    "User-Agent: aws-sdk-js/3.1169.0 ua/2.1 os/linux#6.1 lang/js md/nodejs#26.10.0 api/sqs#3.1169.0 m/E,n",
    "Amz-Sdk-Invocation-Id: 6f4ff0a1-9b0e-4a3b-8f57-2e0d8a9d5f11",
    "Amz-Sdk-Request: attempt=1; max=3",
    `Authorization: AWS4-HMAC-SHA256 Credential=AKIABENCHNOTCHECKED0/20260101/us-east-1/sqs/aws4_request, SignedHeaders=host, Signature=${"0".repeat(64)}`,
    "X-Amz-Date: 20260101T000000Z",
    "Connection: keep-alive",
    `Content-Length: ${body.length}`,
  ];
  return `${head.join("\r\n")}\r\n\r\n${body}`;
}
