import { createServer, request as httpRequest, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { assert } from "../kernel/assert.ts";
import type { Random } from "../kernel/random.ts";
import { SECOND_MS } from "../kernel/units.ts";

/** Where a worker can be killed: it has received; its handler has resolved; its outputs are acknowledged, and nothing is deleted. */
export type CrashPoint = "receive" | "handler" | "publish";

/** What goes wrong, by chance that a seed repeats. */
export interface Faults {
  /** The share of deliveries, from 0 to 1, after which a standard queue delivers the message once more at the same time. */
  readonly duplicate?: number;
  /** Whether standard queues deliver in an order of chance. Default true. */
  readonly reorder?: boolean;
  /** Every so many requests that are not receives lose their connection: before they do anything, or after. */
  readonly failEvery?: number;
}

/** A message as it went to a queue or topic. */
export interface SentMessage {
  /** The name of the queue or topic. */
  readonly target: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
}

interface Request {
  readonly action: string;
  readonly incoming: IncomingMessage;
  readonly response: ServerResponse;
  readonly body: Buffer;
  /** When it was first found that there is nothing for it, in milliseconds of the test's clock. */
  emptySinceMs?: number;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
}

interface Receive {
  readonly QueueUrl: string;
  readonly MaxNumberOfMessages?: number;
  readonly WaitTimeSeconds?: number;
}

interface Received {
  readonly ReceiptHandle: string;
}

/** SQS hands out at most so many at once. */
const RECEIVE_MAX = 10;

/**
 * The network between one worker and the server, as an HTTP proxy: it holds receives until the test lets them through, loses
 * connections and repeats deliveries where that is asked for, and ends the worker's world at a crash point.
 */
export class Network {
  readonly sent: SentMessage[] = [];
  faults: Faults = {};
  /** Grows with everything that happens. */
  activity = 0;
  inFlight = 0;
  readonly #target: URL;
  readonly #random: Random;
  readonly #server: Server;
  readonly #held = new Set<Request>();
  /** Messages that were received and wait for their turn, by queue. */
  readonly #ahead = new Map<string, Received[]>();
  #requests = 0;
  #trap: { readonly after: CrashPoint; readonly sprung: () => void } | undefined;

  private constructor(target: URL, random: Random) {
    this.#target = target;
    this.#random = random;
    this.#server = createServer((incoming, response) => void this.#take(incoming, response));
  }

  static async start(target: string, random: Random): Promise<Network> {
    const network = new Network(new URL(target), random);
    await new Promise<void>((resolve) => network.#server.listen(0, "127.0.0.1", resolve));
    return network;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** At how many queues the worker waits for messages. */
  get waitsAt(): number {
    return new Set([...this.#held].map((request) => receiveOf(request).QueueUrl)).size;
  }

  /** Resolves when the worker has come to this point, and is cut off there. */
  async crashAt(after: CrashPoint): Promise<void> {
    await new Promise<void>((sprung) => (this.#trap = { after, sprung }));
  }

  /** Ends every connection, and takes no other. */
  die(): void {
    this.#held.clear();
    this.#server.close();
    this.#server.closeAllConnections();
  }

  /** Lets the worker's receives through, one after the other; those that have waited in vain are answered so. @returns how many messages that brought. */
  async deliver(nowMs: number): Promise<number> {
    let delivered = 0;
    for (const request of this.#held) {
      const messages = await this.#receive(request);
      if (messages.length === 0) {
        request.emptySinceMs ??= nowMs;
        const { WaitTimeSeconds = 0 } = receiveOf(request);
        if (nowMs - request.emptySinceMs < WaitTimeSeconds * SECOND_MS) continue;
      }
      delivered += messages.length;
      if (messages.length > 0 && this.#springs("receive")) return delivered;
      this.#held.delete(request);
      this.#answer(request, messages);
    }
    return delivered;
  }

  /** Ends the worker's waits with nothing, as a long poll ends. */
  answerEmpty(): void {
    for (const request of this.#held) this.#answer(request, []);
    this.#held.clear();
  }

  #answer({ response }: Request, Messages: readonly Received[]): void {
    this.activity += 1;
    response
      .writeHead(200, { "content-type": "application/x-amz-json-1.0" })
      .end(JSON.stringify(Messages.length === 0 ? {} : { Messages }));
  }

  async #take(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    this.activity += 1;
    this.inFlight += 1;
    try {
      const chunks: Buffer[] = [];
      for await (const chunk of incoming) chunks.push(chunk as Buffer);
      const body = Buffer.concat(chunks);
      const request = { action: actionOf(incoming, body), incoming, response, body };
      if (request.action !== "ReceiveMessage") return await this.#pass(request);
      this.#held.add(request);
      response.once("close", () => this.#held.delete(request));
    } catch {
      response.destroy();
    } finally {
      this.inFlight -= 1;
      this.activity += 1;
    }
  }

  async #pass(request: Request): Promise<void> {
    const { action, response } = request;
    const isSend = action === "SendMessageBatch" || action === "PublishBatch";
    const isDelete = action === "DeleteMessageBatch";
    if (((isSend || isDelete) && this.#springs("handler")) || (isDelete && this.#springs("publish"))) return;
    const fault = this.#fault();
    if (fault === "before") return void response.destroy();
    const answer = await this.#forward(request);
    if (isSend && answer.status === 200) this.sent.push(...sentBy(request));
    if (fault === "after") return void response.destroy();
    response.writeHead(answer.status, answer.headers).end(answer.body);
  }

  #springs(point: CrashPoint): boolean {
    if (this.#trap?.after !== point) return false;
    const { sprung } = this.#trap;
    this.#trap = undefined;
    this.die();
    sprung();
    return true;
  }

  #fault(): "before" | "after" | undefined {
    const { failEvery = 0 } = this.faults;
    this.#requests += 1;
    if (failEvery === 0 || this.#requests % failEvery !== 0) return undefined;
    return this.#random.fraction() < 0.5 ? "before" : "after";
  }

  async #receive(request: Request): Promise<Received[]> {
    const input = receiveOf(request);
    const count = input.MaxNumberOfMessages ?? 1;
    const isFifo = input.QueueUrl.endsWith(".fifo");
    const mixes = (this.faults.reorder ?? true) && !isFifo && this.#trap === undefined;
    let ahead = this.#ahead.get(input.QueueUrl) ?? [];
    if (ahead.length === 0) {
      const asked = { ...input, WaitTimeSeconds: 0, MaxNumberOfMessages: mixes ? RECEIVE_MAX : count };
      const answer = await this.#forward(request, { body: Buffer.from(JSON.stringify(asked)) });
      if (answer.status !== 200) return [];
      const { Messages = [] } = JSON.parse(answer.body.toString()) as { Messages?: Received[] };
      ahead = mixes ? this.#shuffled(Messages) : Messages;
    }
    this.#ahead.set(input.QueueUrl, ahead.slice(count));
    const messages = ahead.slice(0, count);
    if (!isFifo) for (const message of messages) await this.#repeat(request, input.QueueUrl, message);
    return messages;
  }

  /** Shows a message again while it is being worked on, as a queue that delivers at least once may. */
  async #repeat(request: Request, QueueUrl: string, { ReceiptHandle }: Received): Promise<void> {
    if (this.#random.fraction() >= (this.faults.duplicate ?? 0)) return;
    const body = Buffer.from(JSON.stringify({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }));
    await this.#forward(request, { body, action: "ChangeMessageVisibility" });
  }

  #shuffled(messages: readonly Received[]): Received[] {
    const keyed = messages.map((message) => ({ message, key: this.#random.fraction() }));
    return keyed.sort((one, other) => one.key - other.key).map(({ message }) => message);
  }

  /** @param changes make it a request of the network's own, which has nobody's signature. */
  async #forward(request: Request, changes?: { readonly body: Buffer; readonly action?: string }): Promise<Answer> {
    const { incoming } = request;
    const { "transfer-encoding": _, ...signed } = incoming.headers;
    const { authorization: __, "x-amz-content-sha256": ___, ...unsigned } = signed;
    const headers = changes === undefined ? signed : unsigned;
    const body = changes?.body ?? request.body;
    const action = changes?.action === undefined ? {} : { "x-amz-target": `AmazonSQS.${changes.action}` };
    const { hostname, port } = this.#target;
    return await new Promise((resolve, reject) => {
      const length = body.byteLength > 0 || "content-length" in headers ? { "content-length": String(body.byteLength) } : {};
      const sent = httpRequest({
        hostname,
        port,
        method: incoming.method,
        path: incoming.url,
        agent: false,
        headers: { ...headers, ...length, ...action, connection: "close" },
      });
      sent.on("error", reject);
      sent.on("response", (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          const { connection: _, "transfer-encoding": __, ...headers } = response.headers;
          resolve({ status: response.statusCode ?? 500, headers, body: Buffer.concat(chunks) });
        });
      });
      sent.end(body);
    });
  }
}

function receiveOf({ body }: Request): Receive {
  return JSON.parse(body.toString()) as Receive;
}

/** The action's name, by protocol: `AmazonSQS.SendMessage` in a header, or `Action=Publish` in a form. Empty for S3's requests. */
function actionOf({ headers }: IncomingMessage, body: Buffer): string {
  const target = headers["x-amz-target"];
  if (typeof target === "string") return target.slice(target.indexOf(".") + 1);
  const isForm = headers["content-type"]?.startsWith("application/x-www-form-urlencoded") === true;
  return isForm ? (new URLSearchParams(body.toString()).get("Action") ?? "") : "";
}

interface SentEntry {
  readonly MessageBody: string;
  readonly MessageAttributes?: Readonly<Record<string, { readonly StringValue?: string }>>;
}

/** What a SendMessageBatch or a PublishBatch carried. */
function sentBy({ action, body }: Request): SentMessage[] {
  if (action === "PublishBatch") return publishedBy(new URLSearchParams(body.toString()));
  const { QueueUrl, Entries } = JSON.parse(body.toString()) as { QueueUrl: string; Entries: SentEntry[] };
  return Entries.map(({ MessageBody, MessageAttributes = {} }) => ({
    target: QueueUrl.slice(QueueUrl.lastIndexOf("/") + 1),
    body: MessageBody,
    attributes: Object.fromEntries(Object.entries(MessageAttributes).map(([name, { StringValue = "" }]) => [name, StringValue])),
  }));
}

function publishedBy(form: URLSearchParams): SentMessage[] {
  const topic = form.get("TopicArn") ?? "";
  assert(topic !== "", "a PublishBatch names its topic");
  const entries: SentMessage[] = [];
  for (let place = 1; ; place += 1) {
    const entry = `PublishBatchRequestEntries.member.${place}`;
    const body = form.get(`${entry}.Message`);
    if (body === null) return entries;
    const attributes: Record<string, string> = {};
    for (let index = 1; ; index += 1) {
      const name = form.get(`${entry}.MessageAttributes.entry.${index}.Name`);
      if (name === null) break;
      attributes[name] = form.get(`${entry}.MessageAttributes.entry.${index}.Value.StringValue`) ?? "";
    }
    entries.push({ target: topic.slice(topic.lastIndexOf(":") + 1), body, attributes });
  }
}
