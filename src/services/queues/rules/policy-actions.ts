import { invalidPolicy } from "./errors.ts";
import { fitsWildcard } from "./policy-wildcard.ts";

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

/** Every action as policies name them: those of batches are one with the action of a single message. */
export const POLICY_ACTIONS: readonly string[] = [
  ...GRANTABLE_ACTIONS,
  ...OWNER_ONLY_ACTIONS,
  "StartMessageMoveTask",
  "CancelMessageMoveTask",
  "ListMessageMoveTasks",
];

/** The action that a policy must allow for this one: `SendMessage` for `SendMessageBatch`. */
export function actionInPolicy(action: string): string {
  return action.endsWith("Batch") ? action.slice(0, -"Batch".length) : action;
}

/**
 * The actions that an element `Action` means, in any case: `sqs:SendMessage`, `SQS:*`, `*`.
 * @throws {ServiceError} where a name means no action: such a statement would not do what it seems to say.
 */
export function actionsNamed(names: readonly string[], where: string): ReadonlySet<string> {
  return new Set(names.flatMap((name) => actionsFitting(name, where)));
}

function actionsFitting(name: string, where: string): string[] {
  const lower = name.toLowerCase();
  if (lower === "*") return [...POLICY_ACTIONS];
  const pattern = lower.startsWith("sqs:") ? lower.slice("sqs:".length) : undefined;
  if (pattern === undefined) throw invalidPolicy(`${where}: the action "${name}" is none of SQS; it must begin with "sqs:".`);
  const fitting = POLICY_ACTIONS.filter((action) => fitsWildcard(pattern, action.toLowerCase()));
  if (fitting.length > 0) return fitting;
  const single = POLICY_ACTIONS.find((action) => `${action.toLowerCase()}batch` === pattern);
  const instead = single === undefined ? "there is no such action" : `name sqs:${single}, which covers the batch`;
  throw invalidPolicy(`${where}: the action "${name}" cannot be taken; ${instead}.`);
}
