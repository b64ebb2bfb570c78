import { parsePolicy, policyOf, type Policy } from "../../../access/document.ts";
import type { PolicyLanguage } from "../../../access/language.ts";
import type { Asker } from "../../../access/asker.ts";
import { accessDenied, invalidPolicy, queueDoesNotExist } from "./errors.ts";
import { POLICY_ACTIONS_MAX, POLICY_BYTES_MAX, POLICY_CONDITIONS_MAX, POLICY_PRINCIPALS_MAX, POLICY_STATEMENTS_MAX } from "./limits.ts";
import { queueArn, type QueueRef } from "./queue-url.ts";

/** What AddPermission can grant to other accounts. Source: AWS's reference of AddPermission, and the developer guide's list of permissions. */
export const GRANTABLE_ACTIONS: readonly string[] = [
  "SendMessage",
  "ReceiveMessage",
  "DeleteMessage",
  "ChangeMessageVisibility",
  "GetQueueAttributes",
  "GetQueueUrl",
  "ListDeadLetterSourceQueues",
  "PurgeQueue",
];

/** What no policy can grant to another account. Source: "Limitations of Amazon SQS custom policies" in the developer guide. */
export const OWNER_ONLY_ACTIONS: readonly string[] = [
  "AddPermission",
  "CreateQueue",
  "DeleteQueue",
  "ListQueues",
  "ListQueueTags",
  "RemovePermission",
  "SetQueueAttributes",
  "TagQueue",
  "UntagQueue",
];

/** What policies of queues can say. */
export const QUEUE_POLICIES: PolicyLanguage = {
  prefix: "sqs",
  actions: [...GRANTABLE_ACTIONS, ...OWNER_ONLY_ACTIONS, "StartMessageMoveTask", "CancelMessageMoveTask", "ListMessageMoveTasks"],
  idleActions: [],
  ownerOnly: OWNER_ONLY_ACTIONS,
  neverLockedOut: ["GetQueueAttributes", "SetQueueAttributes", "RemovePermission"],
  keys: [],
  limits: {
    bytes: POLICY_BYTES_MAX,
    statements: POLICY_STATEMENTS_MAX,
    principals: POLICY_PRINCIPALS_MAX,
    conditions: POLICY_CONDITIONS_MAX,
    actions: POLICY_ACTIONS_MAX,
  },
  invalid: invalidPolicy,
};

/** A queue's attribute Policy, ready to be asked. @param text undefined where the queue has none. */
export function queuePolicy(text: string | undefined, queue: QueueRef): Policy | undefined {
  return text === undefined ? undefined : policyOf(queueArn(queue), parsePolicy(text, QUEUE_POLICIES));
}

/**
 * What somebody is told who may not. Another account learns nothing by it, not even whether there is such a queue.
 */
export function refusalOf(asker: Asker, queue: QueueRef): Error {
  const own = asker.accountId === queue.account;
  if (!own && asker.action === "GetQueueUrl") return queueDoesNotExist();
  const who = asker.kind === "caller" ? asker.arn : asker.service;
  return accessDenied({ who, action: asker.action, queueArn: queueArn(queue), explicitly: own });
}
