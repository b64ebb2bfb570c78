import { assert } from "../../kernel/assert.ts";
import { awsSqs } from "../aws.ts";
import { pause } from "../pause.ts";
import type { MessageAttribute } from "../rules/outgoing.ts";
import type { ReceivedMessage, Sqs } from "../sqs.ts";
import { Worker } from "../worker.ts";
import { connected, type PipelineConnection, type PipelineParts } from "./clients.ts";
import type { PipelineDefinition, StageDefinition } from "./definition.ts";
import type { LambdaAnswer, LambdaEvent, LambdaHandler } from "./lambda-event.ts";
import { queuesOf } from "./stage-queues.ts";
import { settingsFor } from "./work.ts";

/** The last thing that a worker tells of a message. */
const ENDS = ["succeeded", "dead", "retried", "released", "lease-lost"] as const;

/** The stage as a function behind an SQS event source; clients are made at the first event and kept for the next. */
export function toLambda(definition: PipelineDefinition, stage: StageDefinition, connection: PipelineConnection = {}): LambdaHandler {
  let parts: PipelineParts | undefined;
  return async (event) => {
    parts ??= connected(connection);
    return await handleEvent(definition, parts, { stage, event });
  };
}

/** Runs a worker on the event's messages alone: what it would receive is the event, what it deletes is what Lambda may delete. */
async function handleEvent(
  definition: PipelineDefinition,
  parts: PipelineParts,
  about: { stage: StageDefinition; event: LambdaEvent },
): Promise<LambdaAnswer> {
  const { stage, event } = about;
  const records = event.Records;
  if (records.length === 0) return { batchItemFailures: [] };
  const concurrency = Math.min(records.length, stage.work.concurrency ?? 10);
  const settings = settingsFor(definition, parts, { stage, concurrency });
  try {
    const deleted = new Set<string>();
    const sqs = eventSqs(awsSqs(parts.clients.sqs, parts.clients.publish), parts, { records, deleted });
    await workOn(new Worker(eventQueue(stage, records[0]?.eventSourceARN), settings, { ...parts, sqs }), records.length);
    const undone = records.filter(({ receiptHandle }) => !deleted.has(receiptHandle));
    return { batchItemFailures: undone.map(({ messageId }) => ({ itemIdentifier: messageId })) };
  } finally {
    settings.close?.();
  }
}

/** The one queue that an event is of: Lambda invokes for each lane by itself. */
function eventQueue(stage: StageDefinition, arn: string = ""): string {
  const name = arn.slice(arn.lastIndexOf(":") + 1);
  return queuesOf(stage).includes(name) ? name : stage.names.queue;
}

/** Stops the worker once so many messages have come to their end. */
async function workOn(worker: Worker, messages: number): Promise<void> {
  const ended = Promise.withResolvers<void>();
  let left = messages;
  for (const name of ENDS)
    worker.on(name, () => {
      left -= 1;
      if (left === 0) ended.resolve();
    });
  await ended.promise;
  await worker.stop({ grace: 0 });
}

/** SQS for one event: its messages are received once, and deletes are noted and not sent. */
function eventSqs(sqs: Sqs, { clock }: PipelineParts, given: { records: LambdaEvent["Records"]; deleted: Set<string> }): Sqs {
  const waiting = given.records.map(received);
  return {
    ...sqs,
    async receive({ count, waitSeconds, signal }) {
      if (waiting.length === 0) await pause(clock, waitSeconds * 1000, signal);
      return waiting.splice(0, count);
    },
    async deleteBatch(_queueUrl, receiptHandles) {
      for (const handle of receiptHandles) given.deleted.add(handle);
      return receiptHandles.map(() => ({ ok: true }));
    },
  };
}

function received(record: LambdaEvent["Records"][number]): ReceivedMessage {
  const { messageId, receiptHandle, body, messageAttributes = {} } = record;
  assert(typeof messageId === "string" && typeof body === "string", "this is not an event of an SQS queue");
  const system = Object.fromEntries(Object.entries(record.attributes).filter((entry): entry is [string, string] => entry[1] !== undefined));
  const attributes = Object.fromEntries(
    Object.entries(messageAttributes).map(([name, { dataType, stringValue, binaryValue }]): [string, MessageAttribute] => [
      name,
      { type: dataType, value: binaryValue === undefined ? (stringValue ?? "") : Buffer.from(binaryValue, "base64") },
    ]),
  );
  return {
    messageId,
    receiptHandle,
    body,
    receiveCount: Number(system["ApproximateReceiveCount"] ?? 1),
    sentMs: system["SentTimestamp"] === undefined ? undefined : Number(system["SentTimestamp"]),
    attributes,
    groupId: system["MessageGroupId"],
    traceHeader: system["AWSTraceHeader"],
    system,
  };
}
