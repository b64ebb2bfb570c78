import { idOf, type BatchIds, type Command, type HandlePick, type Received } from "./commands.ts";
import type { Sqs } from "./sqs/sqs.ts";
import type { Actions } from "../sdk/queues/protocols.ts";

/** A request as the service is asked it. */
export type Request =
  | { readonly action: Exclude<keyof Actions, "ReceiveMessage">; readonly input: object }
  | { readonly receive: Actions["ReceiveMessage"][0]; readonly gone: boolean };

/** What a command asks, by what is known when it is asked. */
export function requestOf(sqs: Sqs, command: Command): Request {
  if (!("queue" in command)) throw new TypeError(`${command.do} is no request`);
  const QueueUrl = urlOf(command.queue);
  switch (command.do) {
    case "create":
      return {
        action: "CreateQueue",
        input: { QueueName: command.queue, Attributes: { ...typeOf(command.queue), ...command.attributes } },
      };
    case "set":
      return { action: "SetQueueAttributes", input: { QueueUrl, Attributes: command.attributes } };
    case "look":
      return { action: "GetQueueAttributes", input: { QueueUrl, AttributeNames: ["All"] } };
    case "remove":
      return { action: "DeleteQueue", input: { QueueUrl } };
    case "sources":
      return {
        action: "ListDeadLetterSourceQueues",
        input: { QueueUrl, ...(command.max === undefined ? {} : { MaxResults: command.max }) },
      };
    case "purge":
      return { action: "PurgeQueue", input: { QueueUrl } };
    case "send":
      return { action: "SendMessage", input: { QueueUrl, ...command.message } };
    case "send batch": {
      const Entries = command.messages.map((message, index) => ({ Id: idOf(command.ids, index), ...message }));
      return { action: "SendMessageBatch", input: { QueueUrl, Entries } };
    }
    case "receive":
      return { receive: { QueueUrl, ...receiveInput(command) }, gone: command.gone };
    case "delete":
      return { action: "DeleteMessage", input: { QueueUrl, ReceiptHandle: handleOf(sqs, command.queue, command.handle) } };
    case "delete batch": {
      const Entries = command.handles.map((pick, index) => handleEntry(sqs, { ...command, pick }, index));
      return { action: "DeleteMessageBatch", input: { QueueUrl, Entries } };
    }
    case "change": {
      const ReceiptHandle = handleOf(sqs, command.queue, command.handle);
      return { action: "ChangeMessageVisibility", input: { QueueUrl, ReceiptHandle, VisibilityTimeout: command.seconds } };
    }
    case "kill in receive":
      throw new TypeError("nobody is told of that receive");
    case "change batch": {
      const Entries = command.changes.map(({ handle, seconds }, index) => ({
        ...handleEntry(sqs, { ...command, pick: handle }, index),
        ...(seconds === undefined ? {} : { VisibilityTimeout: seconds }),
      }));
      return { action: "ChangeMessageVisibilityBatch", input: { QueueUrl, Entries } };
    }
  }
}

export function urlOf(queue: string): string {
  return `http://localhost:4566/000000000000/${queue}`;
}

function handleEntry(sqs: Sqs, { queue, ids, pick }: { queue: string; ids: BatchIds; pick: HandlePick }, index: number) {
  return { Id: idOf(ids, index), ReceiptHandle: handleOf(sqs, queue, pick) };
}

function handleOf(sqs: Sqs, queue: string, pick: HandlePick): string {
  if (pick.of === "nothing") return pick.text;
  const handles = [...sqs.handles.values()].filter((handle) => pick.of === "any" || handle.queue.name === queue);
  return handles.at(-1 - (pick.nth % handles.length))?.text ?? "no handle yet";
}

function typeOf(queue: string): Record<string, string> {
  return queue.endsWith(".fifo") ? { FifoQueue: "true" } : {};
}

function receiveInput({ max, wait, hide, attempt }: Received) {
  return {
    MessageSystemAttributeNames: ["All" as const],
    MessageAttributeNames: ["All"],
    ...(max === undefined ? {} : { MaxNumberOfMessages: max }),
    ...(wait === undefined ? {} : { WaitTimeSeconds: wait }),
    ...(hide === undefined ? {} : { VisibilityTimeout: hide }),
    ...(attempt === undefined ? {} : { ReceiveRequestAttemptId: attempt }),
  };
}
