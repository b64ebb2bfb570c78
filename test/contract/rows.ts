import type { Behaviours, Row } from "./row.ts";
import { DEAD_LETTERS } from "./sqs/dead-letters.ts";
import { ERRORS } from "./sqs/errors.ts";
import { FIFO } from "./sqs/fifo.ts";
import { OPERATION } from "./sqs/operation.ts";
import { PROTOCOLS } from "./sqs/protocols.ts";
import { QUEUES } from "./sqs/queues.ts";
import { RECEIVING } from "./sqs/receiving.ts";
import { SENDING } from "./sqs/sending.ts";

/** The contract of Amazon SQS: every behaviour that a test cites, by its id without the service's name. */
const SQS = { ...PROTOCOLS, ...ERRORS, ...QUEUES, ...SENDING, ...RECEIVING, ...FIFO, ...DEAD_LETTERS, ...OPERATION } satisfies Behaviours;

/** What `covers` takes: a typing mistake does not compile. */
export type RowId = `sqs/${keyof typeof SQS}`;

/** The sections of the contract: their titles, and the actions that their behaviours are about unless they say otherwise. */
export const SECTIONS: ReadonlyMap<string, { readonly title: string; readonly actions: readonly string[] }> = new Map([
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
  ["3.10", { title: "Permissions", actions: ["AddPermission", "RemovePermission"] }],
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

/** Every row, in the order of the sections. */
export const ROWS: readonly (Row & { readonly id: RowId })[] = Object.entries(SQS as Behaviours).map(([name, stated]) => {
  const section = name.slice(0, name.indexOf("-"));
  const actions = stated.actions ?? SECTIONS.get(section)?.actions;
  if (actions === undefined) throw new Error(`${name} is of no section`);
  return { ...stated, id: `sqs/${name}` as RowId, section, actions };
});
