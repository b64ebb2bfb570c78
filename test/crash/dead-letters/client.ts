import assert from "node:assert/strict";
import { HttpClient } from "../http-client.ts";
import type { ServerProcess } from "../server-process.ts";

export interface Taken {
  readonly MessageId: string;
  readonly Body: string;
  readonly ReceiptHandle: string;
}

const arnOf = (name: string) => `arn:aws:sqs:us-east-1:000000000000:${name}`;

/** What the tests ask of the server. Each call has a connection of its own, since the server of the last may be dead. */
export class DeadLetterClient {
  readonly #server: ServerProcess;

  constructor(server: ServerProcess) {
    this.#server = server;
  }

  /** A queue `orders`, which gives messages up to `dead` after one receive. */
  async createPair(): Promise<void> {
    await this.#call("CreateQueue", { QueueName: "dead" });
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: arnOf("dead"), maxReceiveCount: 1 });
    await this.#call("CreateQueue", { QueueName: "orders", Attributes: { RedrivePolicy } });
  }

  async send(queue: string, bodies: readonly string[]): Promise<void> {
    for (let first = 0; first < bodies.length; first += 10) {
      const Entries = bodies.slice(first, first + 10).map((MessageBody, index) => ({ Id: `e${index}`, MessageBody }));
      await this.#call("SendMessageBatch", { QueueUrl: queue, Entries });
    }
  }

  async receive(queue: string): Promise<Taken[]> {
    const { Messages = [] } = await this.#call("ReceiveMessage", { QueueUrl: queue, MaxNumberOfMessages: 10, VisibilityTimeout: 600 });
    return Messages as Taken[];
  }

  /** Receives everything and deletes it. */
  async takeAll(queue: string): Promise<Taken[]> {
    const all: Taken[] = [];
    for (let taken = await this.receive(queue); taken.length > 0; taken = await this.receive(queue)) {
      all.push(...taken);
      const Entries = taken.map(({ ReceiptHandle }, index) => ({ Id: `e${index}`, ReceiptHandle }));
      await this.#call("DeleteMessageBatch", { QueueUrl: queue, Entries });
    }
    return all;
  }

  async visible(queue: string): Promise<number> {
    const AttributeNames = ["ApproximateNumberOfMessages"];
    const { Attributes } = await this.#call("GetQueueAttributes", { QueueUrl: queue, AttributeNames });
    return Number((Attributes as Record<string, string>)["ApproximateNumberOfMessages"]);
  }

  /** Makes messages visible again that were received. */
  async show(queue: string, handles: readonly string[]): Promise<void> {
    for (let first = 0; first < handles.length; first += 10) {
      const Entries = handles
        .slice(first, first + 10)
        .map((ReceiptHandle, index) => ({ Id: `e${index}`, ReceiptHandle, VisibilityTimeout: 0 }));
      await this.#call("ChangeMessageVisibilityBatch", { QueueUrl: queue, Entries });
    }
  }

  /** Back from the dead-letter queue, each message to where it came from. */
  async startTask(perSecond: number): Promise<void> {
    await this.#call("StartMessageMoveTask", { SourceArn: arnOf("dead"), MaxNumberOfMessagesPerSecond: perSecond });
  }

  async task(): Promise<{ status: string; moved: number }> {
    const { Results } = await this.#call("ListMessageMoveTasks", { SourceArn: arnOf("dead") });
    const [task] = Results as { Status: string; ApproximateNumberOfMessagesMoved: number }[];
    assert.ok(task !== undefined, "the task is known");
    return { status: task.Status, moved: task.ApproximateNumberOfMessagesMoved };
  }

  async #call(action: string, input: object): Promise<Record<string, unknown>> {
    const http = new HttpClient(this.#server.port);
    try {
      const headers = { "content-type": "application/x-amz-json-1.0", "x-amz-target": `AmazonSQS.${action}` };
      const { status, body } = await http.ask({ method: "POST", path: "/", headers, body: JSON.stringify(input) });
      assert.equal(status, 200, `${action}: ${String(body)}`);
      return JSON.parse(String(body) || "{}") as Record<string, unknown>;
    } finally {
      http.close();
    }
  }
}
