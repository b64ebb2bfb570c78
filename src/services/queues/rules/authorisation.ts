import { isRoot, type Asker } from "./asker.ts";
import { accessDenied, queueDoesNotExist } from "./errors.ts";
import { decide } from "./policy.ts";
import { OWNER_ONLY_ACTIONS } from "./policy-actions.ts";
import type { Policy } from "./policy-document.ts";
import type { AccessRequest } from "./policy-keys.ts";
import { queueArn, type QueueRef } from "./queue-url.ts";

/** By these the root of the owner can mend a policy that denies everybody everything, itself included. */
const NEVER_LOCKED_OUT: readonly string[] = ["GetQueueAttributes", "SetQueueAttributes", "RemovePermission"];

/**
 * Whether a request may be done.
 *
 * Identities of the queue's own account may do everything that its policy does not deny: there are no policies of
 * identities here that would have to allow it first. So may services that act for a bucket or topic of that account.
 * Everybody else may do what the policy allows and does not deny, but never what is its owner's alone.
 * @param policy undefined where the queue has none.
 */
export function isAuthorised(policy: Policy | undefined, request: AccessRequest): boolean {
  const { asker, queue } = request;
  const own = asker.accountId === queue.account;
  if (own && isRoot(asker) && NEVER_LOCKED_OUT.includes(asker.action)) return true;
  const decision = policy === undefined ? "silent" : decide(policy, request);
  if (own) return decision !== "denied";
  return decision === "allowed" && !OWNER_ONLY_ACTIONS.includes(asker.action);
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
