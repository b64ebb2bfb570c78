import { hash } from "node:crypto";
import type { BatchResultErrorEntry, Message, SendMessageBatchRequestEntry, SQSClient } from "@aws-sdk/client-sqs";
import { PlainRequests, type PlainParts } from "./plain-requests.ts";

/** The four actions that a worker asks of SQS for its messages. */
type Action = "ReceiveMessage" | "DeleteMessageBatch" | "ChangeMessageVisibilityBatch" | "SendMessageBatch";

const TARGET = "x-amz-target";
const JSON_1_0 = "application/x-amz-json-1.0";

/** The actions of a worker as plain requests of the JSON protocol; see `PlainRequests`. */
export class PlainQueues {
  readonly #requests: PlainRequests;

  constructor(client: SQSClient, parts: PlainParts) {
    const keyOf = (input: object, { headers }: { headers: Readonly<Record<string, string>> }) => {
      const { QueueUrl } = input as { QueueUrl?: unknown };
      return typeof QueueUrl === "string" && headers[TARGET] !== undefined ? QueueUrl : undefined;
    };
    this.#requests = new PlainRequests(client, keyOf, parts);
  }

  /** @returns the answer's JSON; `undefined` where the client is to make the call. @throws when the signal was aborted. */
  async call<Answer = object>(action: Action, input: { readonly QueueUrl: string }, signal: AbortSignal): Promise<Answer | undefined> {
    // Bytes are in attributes that are sent, and nowhere else. To look at every value takes longer than all the rest.
    const text = action === "SendMessageBatch" ? JSON.stringify(input, withBase64) : JSON.stringify(input);
    const answer = await this.#requests.send(input.QueueUrl, {
      method: "POST",
      path: (seen) => seen,
      headers: [
        ["content-type", JSON_1_0],
        [TARGET, `AmazonSQS.${action}`],
      ],
      body: text,
      signal,
    });
    if (answer?.status !== 200) return undefined;
    try {
      return JSON.parse(answer.text) as Answer;
    } catch {
      return undefined;
    }
  }
}

/** The messages of a ReceiveMessage as the SDK's client gives them: whole, and with bytes as bytes. @throws where one is damaged. */
export function receivedPlain(answer: object): Message[] {
  const { Messages = [] } = answer as { Messages?: Message[] };
  for (const { MessageId, Body = "", MD5OfBody, MessageAttributes = {} } of Messages) {
    if (hash("md5", Body) !== MD5OfBody) throw new Error(`the body of message ${MessageId} was damaged on its way`);
    for (const attribute of Object.values(MessageAttributes))
      if (typeof attribute.BinaryValue === "string") attribute.BinaryValue = Buffer.from(attribute.BinaryValue, "base64");
  }
  return Messages;
}

const DAMAGED = { Code: "DamagedBody", Message: "the body was damaged on its way to the queue", SenderFault: false };

/** What a batch is answered with, whatever it was to do. */
export interface BatchAnswer {
  readonly Successful?: { readonly Id?: string | undefined; readonly MD5OfMessageBody?: string | undefined }[] | undefined;
  readonly Failed?: BatchResultErrorEntry[] | undefined;
}

/** An answer to a SendMessageBatch, in which what has arrived otherwise than it was sent has failed, as the SDK's client would have it. */
export function sentPlain(entries: readonly SendMessageBatchRequestEntry[], { Successful = [], Failed = [] }: BatchAnswer): BatchAnswer {
  const digests = new Map(entries.map(({ Id, MessageBody = "" }) => [Id, hash("md5", MessageBody)]));
  const isWhole = ({ Id, MD5OfMessageBody }: { Id?: string | undefined; MD5OfMessageBody?: string | undefined }) =>
    MD5OfMessageBody === digests.get(Id);
  const damaged = Successful.filter((sent) => !isWhole(sent)).map(({ Id }) => ({ Id, ...DAMAGED }));
  return { Successful: Successful.filter(isWhole), Failed: [...Failed, ...damaged] };
}

/** Bytes as the JSON protocol has them. A `Buffer` would make an object of itself first, so the value is looked at where it stands. */
function withBase64(this: Readonly<Record<string, unknown>>, key: string, value: unknown): unknown {
  const given = this[key];
  return given instanceof Uint8Array ? Buffer.from(given.buffer, given.byteOffset, given.byteLength).toString("base64") : value;
}
