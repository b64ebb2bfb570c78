import {
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import type { Pipeline } from "../../../src/worker/index.ts";
import type { Entry } from "./judge.ts";
import { Job } from "./shapes.ts";

/** A tenth of it would show that more is wrong than a connection. */
const LEDGER_ROUNDS_MAX = 20;

type Stages = ReturnType<Pipeline["graph"]>["stages"];

/** The queues of one pipeline, as somebody sees them who does not work on it. */
export class Queues {
  readonly #sqs: SQSClient;
  readonly #stages: Stages;
  readonly #urls = new Map<string, string>();

  constructor(sqs: SQSClient, stages: Stages) {
    this.#sqs = sqs;
    this.#stages = stages;
  }

  /** Messages in all queues but the ledger, in whatever state. */
  async held(): Promise<number> {
    return await this.#sum(this.#stages.filter(({ name }) => name !== "ledger").map(({ queue }) => queue));
  }

  async dead(): Promise<number> {
    return await this.#sum(this.#stages.map(({ deadLetterQueue }) => deadLetterQueue));
  }

  /** Messages in one stage's queue. */
  async in(stage: string): Promise<number> {
    return await this.#sum(this.#stages.filter(({ name }) => name === stage).map(({ queue }) => queue));
  }

  /**
   * Takes everything out of the ledger, in its order.
   * @param again called when something is left that cannot be received: an answer was lost, and what was in it is hidden for half a minute.
   */
  async ledger(again: () => void): Promise<Entry[]> {
    const entries: Entry[] = [];
    for (let round = 0; round < LEDGER_ROUNDS_MAX; round += 1) {
      if (round > 0) again();
      entries.push(...(await this.#taken()));
      if ((await this.in("ledger")) === 0) return entries;
    }
    throw new Error(`the ledger gives no more, and there are ${await this.in("ledger")} messages in it`);
  }

  async #taken(): Promise<Entry[]> {
    const QueueUrl = await this.#urlOf(this.#stages.find(({ name }) => name === "ledger")?.queue ?? "");
    const entries: Entry[] = [];
    for (;;) {
      const { Messages = [] } = await this.#sqs.send(
        new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, MessageAttributeNames: ["All"] }),
      );
      if (Messages.length === 0) return entries;
      for (const { Body = "", MessageAttributes = {} } of Messages)
        entries.push({ id: MessageAttributes["Millrace.Id"]?.StringValue ?? "", job: Job.parse(JSON.parse(Body)) });
      const Entries = Messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
      await this.#sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
    }
  }

  async #sum(queues: readonly string[]): Promise<number> {
    let sum = 0;
    for (const queue of queues) {
      const QueueUrl = await this.#urlOf(queue);
      const { Attributes = {} } = await this.#sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }));
      for (const state of ["", "NotVisible", "Delayed"] as const) sum += Number(Attributes[`ApproximateNumberOfMessages${state}`]);
    }
    return sum;
  }

  async #urlOf(QueueName: string): Promise<string> {
    const known = this.#urls.get(QueueName);
    if (known !== undefined) return known;
    const { QueueUrl = "" } = await this.#sqs.send(new GetQueueUrlCommand({ QueueName }));
    this.#urls.set(QueueName, QueueUrl);
    return QueueUrl;
  }
}
