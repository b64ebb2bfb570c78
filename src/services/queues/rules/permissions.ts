import * as document from "../../../access/permissions.ts";
import type { Permission } from "../../../access/permissions.ts";
import { parsePolicy } from "../../../access/document.ts";
import { invalidValue, labelInvalid, missingParameter, permissionsOverLimit, tooManyActions } from "./errors.ts";
import { POLICY_ACTIONS_MAX, POLICY_BYTES_MAX, POLICY_PRINCIPALS_MAX, POLICY_STATEMENTS_MAX } from "./limits.ts";
import { textBytes } from "./message.ts";
import { GRANTABLE_ACTIONS, OWNER_ONLY_ACTIONS, QUEUE_POLICIES } from "./policy.ts";

const LABEL = /^[A-Za-z0-9_-]{1,80}$/;

/** @throws {ServiceError} MissingParameter, InvalidParameterValue, OverLimit */
export function checkPermission({ label, accountIds, actions }: Permission): void {
  checkLabel(label);
  if (accountIds.length === 0) throw missingParameter("AWSAccountIds");
  if (actions.length === 0) throw missingParameter("Actions");
  const stranger = accountIds.find((id) => !/^\d{12}$/.test(id));
  if (stranger !== undefined) throw invalidValue(`[${stranger}]`, "PrincipalId", "Unable to verify.");
  if (actions.length > POLICY_ACTIONS_MAX) throw tooManyActions(actions.length);
  for (const action of actions) {
    if (OWNER_ONLY_ACTIONS.includes(action)) {
      throw invalidValue(`SQS:${action}`, "ActionName", "Only the queue owner is allowed to invoke this action.");
    }
    if (action !== "*" && !GRANTABLE_ACTIONS.includes(action)) {
      throw invalidValue(`SQS:${action}`, "ActionName", "Please refer to the appropriate WSDL for a list of valid actions.");
    }
  }
}

/** @throws {ServiceError} InvalidParameterValue */
export function checkLabel(label: string): void {
  if (!LABEL.test(label)) throw labelInvalid(label);
}

/**
 * The policy with one statement more.
 * @param policy undefined where the queue has none yet.
 * @throws {ServiceError} InvalidParameterValue where the label is in use, OverLimit.
 */
export function withPermission(policy: string | undefined, permission: Permission, queueArn: string): string {
  const changed = document.withPermission(policy ?? firstPolicy(queueArn), permission, { arn: queueArn, prefix: "SQS" });
  if (changed === undefined) throw invalidValue(permission.label, "Label", "Already exists.");
  checkLimits(policy, permission, changed);
  return changed;
}

/**
 * The policy without the statement of that label; empty where no other is left.
 * @throws {ServiceError} InvalidParameterValue where there is no such label.
 */
export function withoutPermission(policy: string | undefined, label: string): string {
  const left = policy === undefined ? undefined : document.withoutPermission(policy, label);
  if (left === undefined) throw invalidValue(label, "Label", "can't find label.");
  return left.statements === 0 ? "" : left.policy;
}

function firstPolicy(queueArn: string): string {
  return JSON.stringify({ Version: "2008-10-17", Id: `${queueArn}/SQSDefaultPolicy`, Statement: [] });
}

function checkLimits(policy: string | undefined, permission: Permission, changed: string): void {
  const before = policy === undefined ? [] : parsePolicy(policy, QUEUE_POLICIES).statements;
  const principals = before.reduce((count, statement) => count + statement.principals.count, permission.accountIds.length);
  if (before.length >= POLICY_STATEMENTS_MAX) throw permissionsOverLimit(`${POLICY_STATEMENTS_MAX} statements`);
  if (principals > POLICY_PRINCIPALS_MAX) throw permissionsOverLimit(`${POLICY_PRINCIPALS_MAX} principals`);
  if (textBytes(changed) > POLICY_BYTES_MAX) throw permissionsOverLimit(`${POLICY_BYTES_MAX} bytes`);
}
