import assert from "node:assert/strict";
import { ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import {
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
  type Message,
} from "@aws-sdk/client-sqs";
import { silentLogger } from "../../../src/kernel/logger.ts";
import { startTestServer, type TestServer } from "../../../src/testing/index.ts";
import type { Pipeline, PipelineWorkers, StageRef, WorkRequest } from "../../../src/worker/index.ts";
import { until } from "../worker/harness.ts";

type Stages = Readonly<Record<string, StageRef>>;
type AnyPipeline = Pick<Pipeline, "graph" | "work">;

/** A server in memory on a clock of the test's own, and pipelines on it. */
export class PipelineScene implements AsyncDisposable {
  readonly server: TestServer;
  readonly sqs: SQSClient;
  readonly s3: S3Client;
  readonly #stops: (() => Promise<unknown>)[] = [];

  private constructor(server: TestServer) {
    this.server = server;
    this.sqs = new SQSClient(server.clientConfig());
    this.s3 = new S3Client(server.clientConfig());
  }

  static async start(): Promise<PipelineScene> {
    return new PipelineScene(await startTestServer());
  }

  /** The pipeline on this server, with all that it needs created. */
  async ensured<Name extends string, Given extends Stages>(pipeline: Pipeline<Name, Given>): Promise<Pipeline<Name, Given>> {
    const here = pipeline.with({ aws: this.server.clientConfig(), logger: silentLogger });
    this.#stops.push(async () => await here[Symbol.asyncDispose]());
    await here.ensure();
    return here;
  }

  work(pipeline: AnyPipeline, request: WorkRequest = {}): PipelineWorkers {
    const workers = pipeline.work({ signals: false, ...request });
    this.#stops.push(async () => await workers.stop({ grace: 0 }));
    return workers;
  }

  /** Works until these queues, by default all of the pipeline's, hold nothing; what is hidden or delayed becomes visible meanwhile. */
  async drain(pipeline: AnyPipeline, request: WorkRequest & { readonly advanceMs?: number } = {}): Promise<PipelineWorkers> {
    const { advanceMs = 0, ...rest } = request;
    const workers = this.work(pipeline, rest);
    const stages = pipeline.graph().stages.filter(({ name }) => rest.stages?.includes(name) ?? true);
    const queues = stages.flatMap(({ queue, lanes }) => [queue, ...lanes.map((lane) => lane.queue)]);
    await until(async () => {
      if (advanceMs > 0) this.server.clock.advance(advanceMs);
      const held = await Promise.all(queues.map(async (queue) => await this.held(queue)));
      return held.every((count) => count === 0);
    });
    await workers.stop({ grace: 0 });
    // What is sent before the server has noticed that a receive was given up would go to that receive, and wait for its lease to end.
    for (let round = 0; round < 50; round += 1) await new Promise(setImmediate);
    return workers;
  }

  async url(QueueName: string): Promise<string> {
    const { QueueUrl } = await this.sqs.send(new GetQueueUrlCommand({ QueueName }));
    assert.ok(QueueUrl !== undefined);
    return QueueUrl;
  }

  async attributes(queue: string): Promise<Record<string, string>> {
    const { Attributes = {} } = await this.sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: await this.url(queue), AttributeNames: ["All"] }),
    );
    return Attributes;
  }

  /** Messages in a queue, in whatever state. */
  async held(queue: string): Promise<number> {
    const attributes = await this.attributes(queue);
    return ["", "NotVisible", "Delayed"].reduce((sum, state) => sum + Number(attributes[`ApproximateNumberOfMessages${state}`]), 0);
  }

  /** How many messages a queue has got so far. */
  async sent(queue: string): Promise<number> {
    const response = await fetch(new URL(`/_millrace/queues/000000000000/${queue}`, this.server.endpoint));
    return ((await response.json()) as { sent: number }).sent;
  }

  /** Sends past the pipeline, as any other program could. */
  async sendRaw(queue: string, body: string, more: Partial<ConstructorParameters<typeof SendMessageCommand>[0]> = {}): Promise<void> {
    await this.sqs.send(new SendMessageCommand({ QueueUrl: await this.url(queue), MessageBody: body, ...more }));
  }

  async purge(queue: string): Promise<void> {
    await this.sqs.send(new PurgeQueueCommand({ QueueUrl: await this.url(queue) }));
  }

  /** All that can be received now, which hides it. */
  async received(queue: string): Promise<Message[]> {
    const all: Message[] = [];
    const everything = { MaxNumberOfMessages: 10, MessageSystemAttributeNames: ["All" as const], MessageAttributeNames: ["All"] };
    for (;;) {
      const { Messages = [] } = await this.sqs.send(new ReceiveMessageCommand({ QueueUrl: await this.url(queue), ...everything }));
      if (Messages.length === 0) return all;
      all.push(...Messages);
    }
  }

  /** Until when the one message of a queue is in flight, on the server's clock. */
  async hiddenUntilMs(queue: string): Promise<number> {
    const response = await fetch(new URL(`/_millrace/queues/000000000000/${queue}/messages`, this.server.endpoint));
    const { messages } = (await response.json()) as { messages: { visibleMs: number | null }[] };
    return messages[0]?.visibleMs ?? 0;
  }

  async keys(Bucket: string, Prefix: string): Promise<string[]> {
    const { Contents = [] } = await this.s3.send(new ListObjectsV2Command({ Bucket, Prefix }));
    return Contents.map(({ Key = "" }) => Key);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const stop of this.#stops.toReversed()) await stop();
    this.sqs.destroy();
    this.s3.destroy();
    await this.server.stop();
  }
}

/** The handler of a stage that hands on what it gets by two outputs. */
export function handsOn<Message>(message: Message, ctx: { emit(name: "one" | "both", body: Message): void }): void {
  ctx.emit("one", message);
  ctx.emit("both", message);
}

export const attributeOf = (message: Message, name: string): string | undefined => message.MessageAttributes?.[name]?.StringValue;
