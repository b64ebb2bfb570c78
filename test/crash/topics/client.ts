import assert from "node:assert/strict";
import { HttpClient, NoAnswer } from "../http-client.ts";
import type { ServerProcess } from "../server-process.ts";

export const queueArn = (name: string) => `arn:aws:sqs:us-east-1:000000000000:${name}`;
export const topicArn = (name: string) => `arn:aws:sns:us-east-1:000000000000:${name}`;

interface Taken {
  readonly Body: string;
  readonly ReceiptHandle: string;
}

/** What the tests ask of the server. Each call has a connection of its own, since the server of the last may be dead. */
export class TopicClient {
  readonly #server: ServerProcess;

  constructor(server: ServerProcess) {
    this.#server = server;
  }

  async createTopic(Name: string): Promise<void> {
    await this.#topics({ Action: "CreateTopic", Name, ...(Name.endsWith(".fifo") ? attributes({ FifoTopic: "true" }) : {}) });
  }

  async createQueue(QueueName: string): Promise<void> {
    await this.#queues("CreateQueue", { QueueName, ...(QueueName.endsWith(".fifo") ? { Attributes: { FifoQueue: "true" } } : {}) });
  }

  async subscribe(topic: string, queue: string, given: Record<string, string>): Promise<void> {
    const of = { TopicArn: topicArn(topic), Protocol: "sqs", Endpoint: queueArn(queue) };
    await this.#topics({ Action: "Subscribe", ...of, ...attributes(given) });
  }

  /** Subscribes an endpoint of HTTP, which is then asked. */
  async subscribeUrl(topic: string, url: string, given: Record<string, string>): Promise<void> {
    const of = { TopicArn: topicArn(topic), Protocol: url.slice(0, url.indexOf(":")), Endpoint: url };
    await this.#topics({ Action: "Subscribe", ...of, ...attributes(given) });
  }

  /** @returns whether it was acknowledged: without an answer nobody knows. */
  async publish(topic: string, messages: readonly string[], ordered?: { group: string }): Promise<boolean> {
    const entries = messages.flatMap((Message, index) => {
      const fifo = ordered === undefined ? {} : { MessageGroupId: ordered.group, MessageDeduplicationId: Message };
      return Object.entries({ Id: `e${index}`, Message, ...fifo }).map(([name, value]) => [
        `PublishBatchRequestEntries.member.${index + 1}.${name}`,
        value,
      ]);
    });
    try {
      await this.#topics({ Action: "PublishBatch", TopicArn: topicArn(topic), ...Object.fromEntries(entries) });
      return true;
    } catch (failure) {
      if (failure instanceof NoAnswer) return false;
      throw failure;
    }
  }

  /** Receives everything and deletes it. */
  async takeAll(queue: string): Promise<string[]> {
    const all: string[] = [];
    for (;;) {
      const { Messages = [] } = await this.#queues("ReceiveMessage", { QueueUrl: queue, MaxNumberOfMessages: 10, VisibilityTimeout: 600 });
      const taken = Messages as Taken[];
      if (taken.length === 0) return all;
      all.push(...taken.map(({ Body }) => Body));
      const Entries = taken.map(({ ReceiptHandle }, index) => ({ Id: `e${index}`, ReceiptHandle }));
      await this.#queues("DeleteMessageBatch", { QueueUrl: queue, Entries });
    }
  }

  async #topics(parameters: Record<string, string>): Promise<void> {
    const body = new URLSearchParams({ Version: "2010-03-31", ...parameters }).toString();
    await this.#ask({ "content-type": "application/x-www-form-urlencoded" }, body);
  }

  async #queues(action: string, input: object): Promise<Record<string, unknown>> {
    const headers = { "content-type": "application/x-amz-json-1.0", "x-amz-target": `AmazonSQS.${action}` };
    return JSON.parse((await this.#ask(headers, JSON.stringify(input))) || "{}") as Record<string, unknown>;
  }

  async #ask(headers: Record<string, string>, body: string): Promise<string> {
    await this.#server.up;
    const client = new HttpClient(this.#server.port);
    try {
      const { status, body: answer } = await client.ask({ method: "POST", path: "/", headers, body });
      assert.equal(status, 200, String(answer));
      return String(answer);
    } finally {
      client.close();
    }
  }
}

function attributes(given: Record<string, string>): Record<string, string> {
  const entries = Object.entries(given).flatMap(([key, value], index) => [
    [`Attributes.entry.${index + 1}.key`, key],
    [`Attributes.entry.${index + 1}.value`, value],
  ]);
  return Object.fromEntries(entries) as Record<string, string>;
}
