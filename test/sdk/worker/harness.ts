import assert from "node:assert/strict";
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SQSClient,
  type Message,
} from "@aws-sdk/client-sqs";
import { silentLogger } from "../../../src/kernel/logger.ts";
import { startTestServer, type TestServer } from "../../../src/testing/index.ts";
import type { Worker, WorkerEvents } from "../../../src/worker/index.ts";

export type EventName = keyof WorkerEvents;

/** A server in memory on a clock of the test's own, and what a test asks of it as a client. */
export class Scene implements AsyncDisposable {
  readonly server: TestServer;
  readonly client: SQSClient;
  readonly #workers: Worker[] = [];

  private constructor(server: TestServer) {
    this.server = server;
    this.client = new SQSClient(server.clientConfig());
  }

  static async start(): Promise<Scene> {
    return new Scene(await startTestServer());
  }

  /** What every worker of these tests is given. */
  get shared() {
    return { client: this.client, logger: silentLogger, signals: false } as const;
  }

  /** Stops the worker with the scene. */
  own(worker: Worker): Worker {
    this.#workers.push(worker);
    return worker;
  }

  async queue(QueueName: string): Promise<string> {
    const { QueueUrl } = await this.client.send(new CreateQueueCommand({ QueueName }));
    assert.ok(QueueUrl !== undefined);
    return QueueUrl;
  }

  async send(QueueUrl: string, bodies: readonly unknown[]): Promise<void> {
    for (let from = 0; from < bodies.length; from += 10) {
      const Entries = bodies.slice(from, from + 10).map((body, index) => ({ Id: String(index), MessageBody: JSON.stringify(body) }));
      const { Failed } = await this.client.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
      assert.deepEqual(Failed ?? [], []);
    }
  }

  /** All that can be received now, which hides it for the queue's visibility timeout. */
  async receiveAll(QueueUrl: string): Promise<Message[]> {
    const all: Message[] = [];
    for (;;) {
      const everything = { MaxNumberOfMessages: 10, MessageSystemAttributeNames: ["All" as const], MessageAttributeNames: ["All"] };
      const { Messages = [] } = await this.client.send(new ReceiveMessageCommand({ QueueUrl, ...everything }));
      if (Messages.length === 0) return all;
      all.push(...Messages);
    }
  }

  async counts(QueueUrl: string): Promise<{ visible: number; inFlight: number }> {
    const { Attributes = {} } = await this.client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }));
    return {
      visible: Number(Attributes["ApproximateNumberOfMessages"]),
      inFlight: Number(Attributes["ApproximateNumberOfMessagesNotVisible"]),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#workers.map(async (worker) => await worker.stop({ grace: 0 })));
    this.client.destroy();
    await this.server.stop();
  }
}

/** Resolves with the event after which it has been told `count` times since now. */
export async function told<Name extends EventName>(worker: Worker, name: Name, count: number = 1): Promise<WorkerEvents[Name][0]> {
  let left = count;
  return await new Promise((resolve) => {
    const listener = (...[event]: WorkerEvents[Name]) => {
      left -= 1;
      if (left > 0) return;
      worker.off(name, listener);
      resolve(event);
    };
    worker.on(name, listener);
  });
}

/** Asks again, after each round of the event loop, until the answer is yes. The runner's timeout is the limit. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise(setImmediate);
}
