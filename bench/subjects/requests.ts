import type { SignatureV4 } from "@smithy/signature-v4";
import { hash, randomUUID } from "node:crypto";
import type { Keys, QueueKind } from "../job.ts";
import { signedRequest, signerFor } from "./signed-request.ts";
import { BODY, bodyOf } from "./subject.ts";

/** Signatures are made before the run, since making one costs more than all else that the load generator does. */
export const POOL_SIZE = 64;
/** Message groups of a FIFO queue. */
export const FIFO_GROUPS = 1000;
/** Of all messages of a batch. */
const BATCH_BYTES_MAX = 1024 * 1024;

/** The head of a request around the digest of its body, which every server checks, signed or not. */
type Frame = readonly [before: string, after: string];

function framed([before, after]: Frame, body: string): Buffer {
  return Buffer.from(`${before}${hash("sha256", body)}${after}\r\nContent-Length: ${body.length}\r\n\r\n${body}`, "latin1");
}

export interface RequestsOptions {
  readonly keys?: Keys | undefined;
  readonly path?: string;
  readonly queue?: QueueKind | undefined;
  readonly bodyBytes?: number | undefined;
}

/** Requests as bytes, with the headers that an AWS SDK sends. */
export class Requests {
  readonly #port: number;
  readonly #signer: SignatureV4;
  readonly #pools = new Map<string, readonly Buffer[]>();
  #next = 0;
  #deleteOne: Frame = ["", ""];
  #deleteMany: Frame = ["", ""];
  #queueUrl = "";
  readonly #queue: QueueKind | undefined;
  #sendMany: Frame = ["", ""];
  /** Of the request line. The echo is told here how much to answer. */
  readonly #path: string;
  readonly #body: string;

  constructor(port: number, options: RequestsOptions = {}) {
    this.#port = port;
    this.#queue = options.queue;
    this.#body = options.bodyBytes === undefined ? BODY : bodyOf(options.bodyBytes);
    this.#path = options.path ?? "/";
    this.#signer = signerFor("sqs", options.keys);
  }

  createQueue(name: string): Promise<Buffer> {
    return this.#signed("CreateQueue", { QueueName: name, ...(this.#queue === "fifo" ? { Attributes: { FifoQueue: "true" } } : {}) });
  }

  /** Makes all that is sent while the clock runs. */
  async prepare(queueUrl: string): Promise<void> {
    this.#queueUrl = queueUrl;
    const entries = Array.from({ length: 10 }, (_, index) => ({ Id: String(index), MessageBody: this.#body }));
    await this.#pool("send1", "SendMessage", { QueueUrl: queueUrl, MessageBody: this.#body });
    if (10 * this.#body.length <= BATCH_BYTES_MAX) await this.#pool("send10", "SendMessageBatch", { QueueUrl: queueUrl, Entries: entries });
    for (const messagesMax of [1, 10])
      for (const waitSeconds of [0, 20])
        await this.#pool(`receive${messagesMax}wait${waitSeconds}`, "ReceiveMessage", {
          QueueUrl: queueUrl,
          MaxNumberOfMessages: messagesMax,
          WaitTimeSeconds: waitSeconds,
        });
    this.#sendMany = await this.#frame("SendMessageBatch");
    this.#deleteOne = await this.#frame("DeleteMessage");
    this.#deleteMany = await this.#frame("DeleteMessageBatch");
  }

  send(messages: number): Buffer {
    return this.#queue === undefined ? this.#pick(`send${messages}`) : this.#batch(messages, this.#queue);
  }

  /** With the signature of another request, as deletes. Ids are at random, as those of most senders, groups too. */
  #batch(messages: number, queue: QueueKind): Buffer {
    const entries = Array.from({ length: messages }, (_, index) => {
      const id = randomUUID();
      const group = Number.parseInt(id.slice(0, 8), 16) % FIFO_GROUPS;
      const fifo = queue === "fifo" ? `,"MessageGroupId":"group-${group}","MessageDeduplicationId":"${id}"` : "";
      return `{"Id":"${index}","MessageBody":"${BODY}"${fifo}}`;
    });
    return framed(this.#sendMany, `{"QueueUrl":"${this.#queueUrl}","Entries":[${entries.join(",")}]}`);
  }

  receive(messagesMax: number, waitSeconds: number): Buffer {
    return this.#pick(`receive${messagesMax}wait${waitSeconds}`);
  }

  /** With the signature of another request: handles are known too late to sign beforehand, and dev mode does not look at it. */
  delete(handles: readonly string[]): Buffer {
    if (handles.length === 1) return framed(this.#deleteOne, `{"QueueUrl":"${this.#queueUrl}","ReceiptHandle":"${handles[0]}"}`);
    const entries = handles.map((handle, index) => `{"Id":"${index}","ReceiptHandle":"${handle}"}`);
    return framed(this.#deleteMany, `{"QueueUrl":"${this.#queueUrl}","Entries":[${entries.join(",")}]}`);
  }

  #pick(name: string): Buffer {
    const pool = this.#pools.get(name);
    this.#next += 1;
    const picked = pool?.[this.#next % POOL_SIZE];
    if (picked === undefined) throw new Error(`no request "${name}" was prepared`);
    return picked;
  }

  async #pool(name: string, action: string, input: unknown): Promise<void> {
    const made: Buffer[] = [];
    while (made.length < POOL_SIZE) made.push(await this.#signed(action, input));
    this.#pools.set(name, made);
  }

  async #frame(action: string): Promise<Frame> {
    const text = (await this.#signed(action, {})).toString("latin1");
    const [, head = "", rest = ""] = /^([^]*x-amz-content-sha256: )[0-9a-f]{64}([^]*)\r\nContent-Length:/.exec(text) ?? [];
    return [head, rest];
  }

  #signed(action: string, input: unknown): Promise<Buffer> {
    const headers = { "content-type": "application/x-amz-json-1.0", "x-amz-target": `AmazonSQS.${action}` };
    return signedRequest(this.#signer, this.#port, { path: this.#path, headers, body: JSON.stringify(input) });
  }
}
