import { invalidValue, labelInvalid, missingParameter, permissionsOverLimit, tooManyActions } from "./errors.ts";
import { POLICY_ACTIONS_MAX, POLICY_BYTES_MAX, POLICY_PRINCIPALS_MAX, POLICY_STATEMENTS_MAX } from "./limits.ts";
import { textBytes } from "./message.ts";
import { GRANTABLE_ACTIONS, OWNER_ONLY_ACTIONS } from "./policy-actions.ts";
import { parsePolicy } from "./policy-document.ts";

/** What AddPermission adds: a statement that lets accounts do something. */
export interface Permission {
  readonly label: string;
  /** Twelve digits each. */
  readonly accountIds: readonly string[];
  /** `SendMessage`, or `*`. */
  readonly actions: readonly string[];
}

/** A policy as it is stored; `rules/policy-document.ts` has accepted it. */
interface Document {
  readonly Statement: object | readonly object[];
}

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
 * The policy with one statement more, in the form that AWS gives it.
 * @param policy undefined where the queue has none yet.
 * @throws {ServiceError} InvalidParameterValue where the label is in use, OverLimit.
 */
export function withPermission(policy: string | undefined, permission: Permission, queueArn: string): string {
  const document = policy === undefined ? firstDocument(queueArn) : (JSON.parse(policy) as Document);
  const statements = statementsOf(document);
  if (statements.some((statement) => sidOf(statement) === permission.label)) {
    throw invalidValue(permission.label, "Label", "Already exists.");
  }
  const changed = JSON.stringify({ ...document, Statement: [...statements, statementOf(permission, queueArn)] });
  checkLimits(changed, statements.length + 1, permission.accountIds.length + (policy === undefined ? 0 : principalsOf(policy)));
  return changed;
}

/**
 * The policy without the statement of that label; empty where no other is left.
 * @throws {ServiceError} InvalidParameterValue where there is no such label.
 */
export function withoutPermission(policy: string | undefined, label: string): string {
  const document = policy === undefined ? undefined : (JSON.parse(policy) as Document);
  const statements = document === undefined ? [] : statementsOf(document);
  const left = statements.filter((statement) => sidOf(statement) !== label);
  if (left.length === statements.length) throw invalidValue(label, "Label", "can't find label.");
  return left.length === 0 ? "" : JSON.stringify({ ...document, Statement: left });
}

function firstDocument(queueArn: string): Document {
  const head = { Version: "2008-10-17", Id: `${queueArn}/SQSDefaultPolicy` };
  return { ...head, Statement: [] };
}

function statementOf({ label, accountIds, actions }: Permission, queueArn: string): object {
  const partition = queueArn.split(":", 2)[1];
  const principals = accountIds.map((id) => `arn:${partition}:iam::${id}:root`);
  const named = actions.map((action) => `SQS:${action}`);
  return { Sid: label, Effect: "Allow", Principal: { AWS: oneOrAll(principals) }, Action: oneOrAll(named), Resource: queueArn };
}

function oneOrAll(values: readonly string[]): string | readonly string[] | undefined {
  return values.length === 1 ? values[0] : values;
}

function statementsOf({ Statement }: Document): readonly object[] {
  return Array.isArray(Statement) ? (Statement as readonly object[]) : [Statement];
}

function sidOf(statement: object): string | undefined {
  return (statement as { Sid?: string }).Sid;
}

function principalsOf(policy: string): number {
  return parsePolicy(policy).statements.reduce((count, { principals }) => count + principals.count, 0);
}

function checkLimits(policy: string, statements: number, principals: number): void {
  if (statements > POLICY_STATEMENTS_MAX) throw permissionsOverLimit(`${POLICY_STATEMENTS_MAX} statements`);
  if (principals > POLICY_PRINCIPALS_MAX) throw permissionsOverLimit(`${POLICY_PRINCIPALS_MAX} principals`);
  if (textBytes(policy) > POLICY_BYTES_MAX) throw permissionsOverLimit(`${POLICY_BYTES_MAX} bytes`);
}
