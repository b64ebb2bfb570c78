import type { Behaviours, Row } from "./row.ts";
import { DEAD_LETTERS } from "./sqs/dead-letters.ts";
import { ERRORS } from "./sqs/errors.ts";
import { FIFO } from "./sqs/fifo.ts";
import { OPERATION } from "./sqs/operation.ts";
import { PROTOCOLS } from "./sqs/protocols.ts";
import { QUEUES } from "./sqs/queues.ts";
import { RECEIVING } from "./sqs/receiving.ts";
import { SENDING } from "./sqs/sending.ts";
import { ENDPOINTS } from "./sns/endpoints.ts";
import { FILTERS } from "./sns/filters.ts";
import { PROTOCOL } from "./sns/protocol.ts";
import { PUBLISHING } from "./sns/publishing.ts";
import { SUBSCRIPTIONS } from "./sns/subscriptions.ts";
import { TOPICS } from "./sns/topics.ts";

/** The contract of Amazon SQS: every behaviour that a test cites, by its id without the service's name. */
const SQS = { ...PROTOCOLS, ...ERRORS, ...QUEUES, ...SENDING, ...RECEIVING, ...FIFO, ...DEAD_LETTERS, ...OPERATION } satisfies Behaviours;

/** The same of Amazon SNS. */
const SNS = { ...PROTOCOL, ...TOPICS, ...SUBSCRIPTIONS, ...PUBLISHING, ...ENDPOINTS, ...FILTERS } satisfies Behaviours;

/** What `covers` takes: a typing mistake does not compile. */
export type RowId = `sqs/${keyof typeof SQS}` | `sns/${keyof typeof SNS}`;

/** The service whose contract a row stands in, by its name in a signing scope. */
export type Contract = "sqs" | "sns";

type Sections = ReadonlyMap<string, { readonly title: string; readonly actions: readonly string[] }>;

const PERMISSIONS = ["AddPermission", "RemovePermission"];
const PUBLISH = ["Publish", "PublishBatch"];

const SQS_SECTIONS: Sections = new Map([
  ["1", { title: "Two protocols", actions: [] }],
  ["1.1", { title: "AWS JSON 1.0", actions: [] }],
  ["1.2", { title: "Query", actions: [] }],
  ["1.3", { title: "URLs, ARNs, signatures", actions: [] }],
  ["2", { title: "Errors", actions: [] }],
  ["3.1", { title: "CreateQueue", actions: ["CreateQueue"] }],
  ["3.2", { title: "DeleteQueue", actions: ["DeleteQueue"] }],
  ["3.3", { title: "GetQueueUrl", actions: ["GetQueueUrl"] }],
  ["3.4", { title: "ListQueues", actions: ["ListQueues"] }],
  ["3.5", { title: "ListDeadLetterSourceQueues", actions: ["ListDeadLetterSourceQueues"] }],
  ["3.6", { title: "GetQueueAttributes", actions: ["GetQueueAttributes"] }],
  ["3.7", { title: "SetQueueAttributes", actions: ["SetQueueAttributes"] }],
  ["3.8", { title: "PurgeQueue", actions: ["PurgeQueue"] }],
  ["3.9", { title: "Tags", actions: ["TagQueue", "UntagQueue", "ListQueueTags"] }],
  ["3.10", { title: "Permissions", actions: PERMISSIONS }],
  ["4.1", { title: "SendMessage", actions: ["SendMessage", "SendMessageBatch"] }],
  ["4.2", { title: "Message attributes", actions: ["SendMessage", "SendMessageBatch"] }],
  ["4.3", { title: "Batches", actions: ["SendMessageBatch", "DeleteMessageBatch", "ChangeMessageVisibilityBatch"] }],
  ["5.1", { title: "ReceiveMessage", actions: ["ReceiveMessage"] }],
  ["5.2", { title: "Receipt handles", actions: ["DeleteMessage", "ChangeMessageVisibility"] }],
  ["5.3", { title: "DeleteMessage", actions: ["DeleteMessage"] }],
  ["5.4", { title: "ChangeMessageVisibility", actions: ["ChangeMessageVisibility"] }],
  ["5.5", { title: "Counts, limits, retention", actions: [] }],
  ["6", { title: "FIFO", actions: ["SendMessage"] }],
  ["7.1", { title: "RedrivePolicy", actions: ["SetQueueAttributes"] }],
  ["7.2", { title: "Moves to a dead-letter queue", actions: ["ReceiveMessage"] }],
  ["7.3", { title: "RedriveAllowPolicy", actions: ["SetQueueAttributes"] }],
  ["7.4", { title: "Message move tasks", actions: ["StartMessageMoveTask"] }],
  ["8", { title: "Fair queues", actions: ["ReceiveMessage"] }],
  ["9", { title: "Metrics", actions: [] }],
  ["10", { title: "Quotas", actions: [] }],
  ["11", { title: "Open points", actions: [] }],
]);

const SNS_SECTIONS: Sections = new Map([
  ["1", { title: "The protocol", actions: [] }],
  ["2", { title: "ARNs", actions: [] }],
  ["3.1", { title: "CreateTopic", actions: ["CreateTopic"] }],
  ["3.2", { title: "DeleteTopic", actions: ["DeleteTopic"] }],
  ["3.3", { title: "GetTopicAttributes", actions: ["GetTopicAttributes"] }],
  ["3.4", { title: "SetTopicAttributes", actions: ["SetTopicAttributes"] }],
  ["3.5", { title: "Lists", actions: [] }],
  ["3.6", { title: "Tags", actions: ["TagResource", "UntagResource", "ListTagsForResource"] }],
  ["3.7", { title: "Permissions", actions: PERMISSIONS }],
  ["4.1", { title: "Subscribe", actions: ["Subscribe"] }],
  ["4.2", { title: "Attributes of subscriptions", actions: ["Subscribe", "SetSubscriptionAttributes"] }],
  ["4.3", { title: "The end of subscriptions", actions: ["GetSubscriptionAttributes", "Unsubscribe"] }],
  ["5.1", { title: "Publish", actions: ["Publish"] }],
  ["5.2", { title: "PublishBatch", actions: ["PublishBatch"] }],
  ["5.3", { title: "Message attributes", actions: PUBLISH }],
  ["5.4", { title: "Envelopes", actions: PUBLISH }],
  ["5.5", { title: "Signatures", actions: PUBLISH }],
  ["5.6", { title: "Raw delivery", actions: PUBLISH }],
  ["6.1", { title: "HTTP endpoints", actions: ["Subscribe"] }],
  ["6.2", { title: "Delivery over HTTP", actions: PUBLISH }],
  ["6.3", { title: "Delivery policies", actions: ["SetTopicAttributes", "SetSubscriptionAttributes"] }],
  ["7", { title: "Queues as endpoints", actions: PUBLISH }],
  ["8", { title: "FIFO topics", actions: PUBLISH }],
  ["9", { title: "Dead-letter queues of subscriptions", actions: PUBLISH }],
  ["10.1", { title: "Rules of filter policies", actions: ["Publish"] }],
  ["10.2", { title: "What is a filter policy", actions: ["Subscribe", "SetSubscriptionAttributes"] }],
  ["10.3", { title: "Filters of message attributes", actions: ["Publish"] }],
  ["10.4", { title: "Filters of message bodies", actions: ["Publish"] }],
  ["11", { title: "Quotas", actions: [] }],
]);

/** The sections of each contract: their titles, and the actions that their behaviours are about unless they say otherwise. */
export const SECTIONS: Readonly<Record<Contract, Sections>> = { sqs: SQS_SECTIONS, sns: SNS_SECTIONS };

type KnownRow = Row & { readonly id: RowId; readonly contract: Contract };

/** Every row, contract by contract in the order of the sections. */
export const ROWS: readonly KnownRow[] = [...rowsOf("sqs", SQS), ...rowsOf("sns", SNS)];

function rowsOf(contract: Contract, behaviours: Behaviours): KnownRow[] {
  return Object.entries(behaviours).map(([name, stated]) => {
    const section = name.slice(0, name.indexOf("-"));
    const actions = stated.actions ?? SECTIONS[contract].get(section)?.actions;
    if (actions === undefined) throw new Error(`${name} is of no section`);
    return { ...stated, id: `${contract}/${name}` as RowId, contract, section, actions };
  });
}
