import { ServiceError } from "../../../src/kernel/service-error.ts";
import { seededRandom } from "../../../src/kernel/random.ts";
import type { Actions } from "../../sdk/queues/protocols.ts";
import type { Server } from "./server.ts";

/** Longer than any recording: a hidden message stays hidden. */
const HIDDEN_SECONDS = 40_000;
const DELAY_SECONDS = 900;

const QUEUES = { standard: "standard", fifo: "ordered.fifo", poisoned: "poisoned", dead: "dead", events: "events" } as const;
const BUCKET = "photos";
const KEYS = 8;

interface Held {
  readonly queue: string;
  readonly receiptHandle: string;
}

/** How often each thing is done, as weights. */
export interface Habits {
  readonly send?: number;
  readonly batch?: number;
  readonly ordered?: number;
  readonly again?: number;
  readonly receive?: number;
  readonly delete?: number;
  readonly show?: number;
  readonly poison?: number;
  readonly purge?: number;
  readonly put?: number;
  readonly remove?: number;
  readonly copy?: number;
  readonly parts?: number;
  readonly tag?: number;
}

/** People who use a server, several at a time: what they do is drawn by chance from a seed. */
export class Users {
  readonly #server: Server;
  readonly #random;
  readonly #held: Held[] = [];
  readonly #orders: Actions["SendMessage"][0][] = [];
  readonly #keys = new Set<string>();
  #made = 0;

  constructor(server: Server, seed: number) {
    this.#server = server;
    this.#random = seededRandom(seed);
  }

  async createQueues(): Promise<void> {
    const server = this.#server;
    await server.queue("CreateQueue", { QueueName: QUEUES.standard, tags: { team: "print" } });
    await server.queue("CreateQueue", { QueueName: QUEUES.fifo, Attributes: { FifoQueue: "true" } });
    await server.queue("CreateQueue", { QueueName: QUEUES.dead });
    const deadLetterTargetArn = `arn:aws:sqs:us-east-1:000000000000:${QUEUES.dead}`;
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 2 });
    await server.queue("CreateQueue", { QueueName: QUEUES.poisoned, Attributes: { RedrivePolicy, VisibilityTimeout: "40000" } });
  }

  async createBucket(): Promise<void> {
    const server = this.#server;
    await server.queue("CreateQueue", { QueueName: QUEUES.events });
    await server.object({ method: "PUT", target: `/${BUCKET}` });
    const arn = `arn:aws:sqs:us-east-1:000000000000:${QUEUES.events}`;
    const events = ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"].map((event) => `<Event>${event}</Event>`).join("");
    const body = `<NotificationConfiguration><QueueConfiguration><Id>one</Id><Queue>${arn}</Queue>${events}</QueueConfiguration></NotificationConfiguration>`;
    await server.object({ method: "PUT", target: `/${BUCKET}?notification`, body });
  }

  /** A wave of requests that come together, as a group of the engine takes them. */
  async wave(habits: Habits, requestsMax: number): Promise<void> {
    const requests = Array.from({ length: 1 + this.#below(requestsMax) }, () => this.#request(this.#pick(habits)));
    await Promise.all(requests);
  }

  /** Sends so many messages that end in the dead-letter queue. */
  async fillDeadLetters(count: number): Promise<void> {
    const url = urlOf(QUEUES.poisoned);
    for (let sent = 0; sent < count; sent += 1) await this.#server.queue("SendMessage", { QueueUrl: url, MessageBody: this.#text(60) });
    for (let receive = 0; receive < 3; receive += 1)
      for (let left = count; left > 0; left -= 10) await this.#receive(QUEUES.poisoned, { shown: true });
  }

  /** A send is refused with an error that clients retry. */
  async isRefused(): Promise<void> {
    const refusal = await this.#server
      .queue("SendMessage", { QueueUrl: urlOf(QUEUES.standard), ...this.#message() })
      .catch((error: unknown) => error);
    if (!(refusal instanceof ServiceError) || refusal.options.httpStatus !== 503)
      throw new Error("a send was not refused", { cause: refusal });
  }

  clearEvents(): Promise<unknown> {
    return this.#server.queue("PurgeQueue", { QueueUrl: urlOf(QUEUES.events) });
  }

  startMoveTask(): Promise<unknown> {
    return this.#server.queue("StartMessageMoveTask", {
      SourceArn: `arn:aws:sqs:us-east-1:000000000000:${QUEUES.dead}`,
      DestinationArn: `arn:aws:sqs:us-east-1:000000000000:${QUEUES.standard}`,
      MaxNumberOfMessagesPerSecond: 100,
    });
  }

  async #request(what: keyof Habits): Promise<unknown> {
    switch (what) {
      case "send":
        return this.#server.queue("SendMessage", { QueueUrl: urlOf(QUEUES.standard), ...this.#message() });
      case "batch": {
        const Entries = Array.from({ length: 2 + this.#below(9) }, (_, index) => ({ Id: String(index), ...this.#message() }));
        return this.#server.queue("SendMessageBatch", { QueueUrl: urlOf(QUEUES.standard), Entries });
      }
      case "ordered":
        return this.#sendOrdered();
      case "again": {
        const order = this.#orders[this.#below(this.#orders.length)];
        return order === undefined ? this.#sendOrdered() : this.#server.queue("SendMessage", order);
      }
      case "receive":
        return this.#receive(this.#below(3) === 0 ? QUEUES.fifo : QUEUES.standard, { shown: this.#below(5) === 0 });
      case "delete":
        return this.#delete(1 + this.#below(8));
      case "show":
        return this.#show();
      case "poison":
        return this.#below(3) === 0
          ? this.#server.queue("SendMessage", { QueueUrl: urlOf(QUEUES.poisoned), MessageBody: this.#text(100) })
          : this.#receive(QUEUES.poisoned, { shown: true });
      case "purge":
        return this.#server.queue("PurgeQueue", { QueueUrl: urlOf(QUEUES.dead) });
      default:
        return this.#objectRequest(what);
    }
  }

  async #objectRequest(what: "put" | "remove" | "copy" | "parts" | "tag"): Promise<unknown> {
    const there = [...this.#keys];
    const key = there[this.#below(there.length)];
    const target = `/${BUCKET}/key-${this.#below(KEYS)}`;
    if (what === "put" || key === undefined || key === target) {
      this.#keys.add(target);
      return this.#server.object({ method: "PUT", target, body: this.#text(this.#below(5) === 0 ? 20_000 : 3000) });
    }
    if (what === "copy") {
      // What is copied may be removed meanwhile.
      return this.#server.object({ method: "PUT", target, headers: { "x-amz-copy-source": key } }).catch(notThere);
    }
    if (what === "remove") {
      this.#keys.delete(key);
      return this.#server.object({ method: "DELETE", target: key });
    }
    if (what === "tag") {
      const body = `<Tagging><TagSet><Tag><Key>k</Key><Value>${this.#below(100)}</Value></Tag></TagSet></Tagging>`;
      return this.#server.object({ method: "PUT", target: `${key}?tagging`, body }).catch(notThere);
    }
    return this.#upload(target);
  }

  async #upload(target: string): Promise<void> {
    const { text } = await this.#server.object({ method: "POST", target: `${target}?uploads` });
    const id = /<UploadId>(.*)<\/UploadId>/.exec(text)?.[1] ?? "";
    const { headers } = await this.#server.object({
      method: "PUT",
      target: `${target}?partNumber=1&uploadId=${id}`,
      body: this.#text(6000),
    });
    if (this.#below(5) === 0) return void (await this.#server.object({ method: "DELETE", target: `${target}?uploadId=${id}` }));
    const part = `<Part><PartNumber>1</PartNumber><ETag>${headers["etag"] ?? ""}</ETag></Part>`;
    const body = `<CompleteMultipartUpload>${part}</CompleteMultipartUpload>`;
    await this.#server.object({ method: "POST", target: `${target}?uploadId=${id}`, body });
    this.#keys.add(target);
  }

  #sendOrdered(): Promise<unknown> {
    const order = {
      QueueUrl: urlOf(QUEUES.fifo),
      MessageBody: this.#text(200),
      MessageGroupId: `group-${this.#below(4)}`,
      MessageDeduplicationId: `order-${this.#made}`,
    };
    this.#orders.push(order);
    return this.#server.queue("SendMessage", order);
  }

  async #receive(queue: string, { shown }: { shown: boolean }): Promise<void> {
    const { Messages = [] } = await this.#server.queue("ReceiveMessage", {
      QueueUrl: urlOf(queue),
      MaxNumberOfMessages: 1 + this.#below(10),
      VisibilityTimeout: shown ? 0 : HIDDEN_SECONDS,
      WaitTimeSeconds: 0,
    });
    for (const { ReceiptHandle = "" } of Messages) this.#held.push({ queue, receiptHandle: ReceiptHandle });
  }

  async #delete(count: number): Promise<void> {
    const held = this.#held.splice(this.#below(this.#held.length), count);
    await Promise.all(
      held.map(({ queue, receiptHandle }) =>
        // From a FIFO queue only by the receive that holds the message.
        this.#server.queue("DeleteMessage", { QueueUrl: urlOf(queue), ReceiptHandle: receiptHandle }).catch(() => {}),
      ),
    );
  }

  async #show(): Promise<void> {
    const held = this.#held[this.#below(this.#held.length)];
    if (held === undefined) return;
    const seconds = this.#below(2) === 0 ? 0 : HIDDEN_SECONDS - 1000;
    const input = { QueueUrl: urlOf(held.queue), ReceiptHandle: held.receiptHandle, VisibilityTimeout: seconds };
    await this.#server.queue("ChangeMessageVisibility", input).catch(() => {});
  }

  #message(): { MessageBody: string; DelaySeconds?: number } {
    const body = { MessageBody: this.#text(this.#below(12) === 0 ? 9000 : 150) };
    return this.#below(10) === 0 ? { ...body, DelaySeconds: DELAY_SECONDS } : body;
  }

  /** Begins with a name that is never given again. */
  #text(charactersMax: number): string {
    this.#made += 1;
    const letters = "abcdefghijklmnopqrstuvwxyz";
    const name = `text ${this.#made} `;
    return name + Array.from({ length: this.#below(charactersMax) }, () => letters[this.#below(letters.length)]).join("");
  }

  #pick(habits: Habits): keyof Habits {
    const all = Object.entries(habits) as [keyof Habits, number][];
    let at = this.#random.fraction() * all.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [what, weight] of all) if ((at -= weight) < 0) return what;
    return "send";
  }

  #below(limit: number): number {
    return Math.floor(this.#random.fraction() * limit);
  }
}

export const MOVED = { source: QUEUES.dead, target: QUEUES.standard } as const;

function urlOf(queue: string): string {
  return `http://localhost:4566/000000000000/${queue}`;
}

function notThere(error: Error): void {
  if (!/NoSuchKey/.test(error.message)) throw error;
}
