import type { RowId } from "../../contract/rows.ts";
import type { Refusal as AnyRefusal } from "../case.ts";

/**
 * A request and the answer that is known from Amazon SNS. How it is known, the rows of the contract say that the case
 * shows: `test/contract/row.ts` explains the words.
 */
export interface RecordedCase {
  readonly name: string;
  readonly rows: readonly RowId[];
  /** It is known of callers who say who they are: a request without a signature has no region of its own. */
  readonly signed?: true;
  /** What came before: requests, and milliseconds that passed. */
  readonly given?: readonly (Asked | number)[];
  readonly ask: Asked;
  /** The answer, with `ANY` for what differs each time. A text of JSON may stand as what it says. */
  readonly answer?: object;
  /** What is answered instead. */
  readonly refused?: Refusal;
  /** What then is in a queue, in its order: body, message attributes and those of the system that are asked for. */
  readonly received?: { readonly queue: string; readonly attributes?: readonly string[]; readonly messages: readonly object[] };
}

/**
 * An action and its input; those of Amazon SQS are `CreateQueue` and `SetQueueAttributes`. `SUBSCRIPTION` stands for the ARN
 * that was answered last, `MESSAGE` and `SEQUENCE` for the first id and number of a message that were.
 */
export type Asked = readonly [action: string, input: Readonly<Record<string, unknown>>];

export type Refusal = Omit<AnyRefusal, "queryMessage">;

export const SUBSCRIPTION = "‹subscription›";
export const MESSAGE = "‹message›";
export const SEQUENCE = "‹sequence›";

const ACCOUNT = "000000000000";
export const topicArn = (name: string) => `arn:aws:sns:us-east-1:${ACCOUNT}:${name}`;
export const queueArn = (name: string) => `arn:aws:sqs:us-east-1:${ACCOUNT}:${name}`;
export const root = (account: string) => `arn:aws:iam::${account}:root`;
export const NEWS = topicArn("news");
export const ORDERED = topicArn("news.fifo");

export const createTopic = (Name: string, Attributes: Readonly<Record<string, string>> = {}): Asked => [
  "CreateTopic",
  { Name, Attributes: { ...(Name.endsWith(".fifo") ? { FifoTopic: "true" } : {}), ...Attributes } },
];
export const createQueue = (QueueName: string): Asked => [
  "CreateQueue",
  { QueueName, Attributes: QueueName.endsWith(".fifo") ? { FifoQueue: "true" } : {} },
];
export const subscribe = (TopicArn: string, queue: string, Attributes: Readonly<Record<string, string>> = {}): Asked => [
  "Subscribe",
  { TopicArn, Protocol: "sqs", Endpoint: queueArn(queue), Attributes },
];
export const setTopic = (AttributeName: string, AttributeValue: string): Asked => [
  "SetTopicAttributes",
  { TopicArn: NEWS, AttributeName, AttributeValue },
];
export const setSubscription = (AttributeName: string, AttributeValue: string): Asked => [
  "SetSubscriptionAttributes",
  { SubscriptionArn: SUBSCRIPTION, AttributeName, AttributeValue },
];
export const RAW = { RawMessageDelivery: "true" };
export const publish = (Message: string, input: object = {}, TopicArn: string = NEWS): Asked => ["Publish", { TopicArn, Message, ...input }];
export const batch = (entries: readonly object[], TopicArn: string = NEWS): Asked => [
  "PublishBatch",
  { TopicArn, PublishBatchRequestEntries: entries },
];

const refusal = (shape: string, code: string, status: number) => (message: string): Refusal => ({ type: shape, code, status, message });
const invalidParameter = refusal("InvalidParameterException", "InvalidParameter", 400);
/** @param reason what stands behind `Invalid parameter: `. */
export const invalid = (reason: string) => invalidParameter(`Invalid parameter: ${reason}`);
export const invalidToken = invalidParameter("Invalid token");
export const invalidValue = refusal("InvalidParameterValueException", "ParameterValueInvalid", 400);
export const validationError = refusal("ValidationError", "ValidationError", 400);
export const batchError = (code: string) => refusal(`${code}Exception`, code, 400);
const notFound = refusal("NotFoundException", "NotFound", 404);
export const noTopic = notFound("Topic does not exist");
export const noSubscription = notFound("Subscription does not exist");
