import { GetQueueUrlCommand, SendMessageBatchCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import type { Clients } from "./aws.ts";
import type { Send, SendAll } from "./objects.ts";

const BATCH_ENTRIES_MAX = 10;

export interface Sender {
  readonly send: Send;
  readonly sendAll: SendAll;
}

export function senderOf({ sqs }: Clients): Sender {
  const urls = new Map<string, string>();
  const urlOf = async (queue: string): Promise<string> => {
    const known = urls.get(queue);
    if (known !== undefined) return known;
    const { QueueUrl = "" } = await sqs.send(new GetQueueUrlCommand({ QueueName: queue }));
    urls.set(queue, QueueUrl);
    return QueueUrl;
  };
  const sendTen = async (queue: string, bodies: readonly unknown[]): Promise<void> => {
    const Entries = bodies.map((body, index) => ({ Id: String(index), MessageBody: JSON.stringify(body) }));
    const { Failed = [] } = await sqs.send(new SendMessageBatchCommand({ QueueUrl: await urlOf(queue), Entries }));
    const [first] = Failed;
    if (first !== undefined)
      throw new Error(`${Failed.length} of ${bodies.length} messages were refused: ${first.Code} ${first.Message ?? ""}`);
  };
  return {
    async send(queue, body) {
      await sqs.send(new SendMessageCommand({ QueueUrl: await urlOf(queue), MessageBody: JSON.stringify(body) }));
    },
    async sendAll(queue, bodies) {
      for (let from = 0; from < bodies.length; from += BATCH_ENTRIES_MAX)
        await sendTen(queue, bodies.slice(from, from + BATCH_ENTRIES_MAX));
    },
  };
}
