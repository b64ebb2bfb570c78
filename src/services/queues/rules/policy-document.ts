import { invalidPolicy } from "./errors.ts";
import { POLICY_ACTIONS_MAX, POLICY_BYTES_MAX, POLICY_CONDITIONS_MAX, POLICY_PRINCIPALS_MAX, POLICY_STATEMENTS_MAX } from "./limits.ts";
import { textBytes } from "./message.ts";
import { actionsNamed } from "./policy-actions.ts";
import { noVariables, parseConditions, type Condition } from "./policy-conditions.ts";
import { parseJsonStrictly } from "./policy-json.ts";
import { namesOf, parsePrincipals, type Principals } from "./policy-principals.ts";

/** A policy document, read and ready to be asked (`policy.ts`). */
export interface Policy {
  readonly statements: readonly Statement[];
}

export interface Statement {
  readonly effect: "Allow" | "Deny";
  readonly principals: Principals;
  /** As `policy-actions.ts` names them, wildcards resolved. */
  readonly actions: ReadonlySet<string>;
  /** Patterns of queue ARNs. */
  readonly resources: readonly string[];
  readonly conditions: readonly Condition[];
}

const VERSIONS: readonly unknown[] = ["2008-10-17", "2012-10-17"];
const DOCUMENT_ELEMENTS: readonly string[] = ["Version", "Id", "Statement"];
const STATEMENT_ELEMENTS: readonly string[] = ["Sid", "Effect", "Principal", "Action", "Resource", "Condition"];

/**
 * Reads a policy as it stands in the attribute Policy. Whatever is not understood exactly is refused, so that a policy
 * that is accepted does what it says: no element, operator, key or name is ever ignored.
 * @throws {ServiceError} InvalidAttributeValue; its text names the statement, counted from 1, and what is wrong with it.
 */
export function parsePolicy(text: string): Policy {
  if (textBytes(text) > POLICY_BYTES_MAX) throw invalidPolicy(`it is longer than ${POLICY_BYTES_MAX} bytes.`);
  const document = objectOf(parseJsonStrictly(text));
  if (document === undefined) throw invalidPolicy();
  refuseUnknown(document, DOCUMENT_ELEMENTS, "The document");
  const { Version: version, Id: id, Statement: statement } = document;
  if (version !== undefined && !VERSIONS.includes(version)) throw invalidPolicy(`the Version must be ${VERSIONS.join(" or ")}.`);
  if (id !== undefined && typeof id !== "string") throw invalidPolicy("the Id must be a text.");
  const statements: unknown[] = Array.isArray(statement) ? statement : statement === undefined ? [] : [statement];
  if (statements.length === 0) throw invalidPolicy("it has no Statement.");
  if (statements.length > POLICY_STATEMENTS_MAX) {
    throw invalidPolicy(`it has ${statements.length} statements, at most ${POLICY_STATEMENTS_MAX} are taken.`);
  }
  const literally = version !== "2012-10-17";
  const read = statements.map((one, index) => parseStatement(one, `statement ${index + 1}`, literally));
  checkSids(statements);
  checkTotals(read);
  return { statements: read };
}

function parseStatement(value: unknown, where: string, literally: boolean): Statement {
  const statement = objectOf(value);
  if (statement === undefined) throw invalidPolicy(`${where}: it must be an object.`);
  refuseUnknown(statement, STATEMENT_ELEMENTS, where);
  const { Sid: sid, Effect: effect, Principal: principal, Action: action, Resource: resource, Condition: condition } = statement;
  if (sid !== undefined && typeof sid !== "string") throw invalidPolicy(`${where}: the Sid must be a text.`);
  if (effect !== "Allow" && effect !== "Deny") throw invalidPolicy(`${where}: the Effect must be Allow or Deny.`);
  const actions = namesOf(action, `${where}: Action`);
  if (actions.length > POLICY_ACTIONS_MAX) {
    throw invalidPolicy(`${where}: it has ${actions.length} actions, at most ${POLICY_ACTIONS_MAX} are taken.`);
  }
  const resources = namesOf(resource, `${where}: Resource`);
  if (!literally && resources.some((one) => one.includes("${"))) throw noVariables(where);
  return {
    effect,
    principals: parsePrincipals(principal, where),
    actions: actionsNamed(actions, where),
    resources,
    conditions: condition === undefined ? [] : parseConditions(condition, where, literally),
  };
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  return value as Readonly<Record<string, unknown>>;
}

/** NotPrincipal, NotAction and NotResource are among the unknown: what they let in is easily more than was meant. */
function refuseUnknown(object: object, known: readonly string[], where: string): void {
  const unknown = Object.keys(object).find((name) => !known.includes(name));
  if (unknown !== undefined) throw invalidPolicy(`${where}: the element "${unknown}" is not supported here; ${known.join(", ")} are.`);
}

function checkSids(statements: readonly unknown[]): void {
  const sids = statements.flatMap((statement) => (statement as { Sid?: string }).Sid ?? []);
  const repeated = sids.find((sid, index) => sids.indexOf(sid) !== index);
  if (repeated !== undefined) throw invalidPolicy(`the Sid "${repeated}" stands twice.`);
}

/** Principals and conditions are counted over the whole document. */
function checkTotals(statements: readonly Statement[]): void {
  const principals = statements.reduce((count, statement) => count + statement.principals.count, 0);
  if (principals > POLICY_PRINCIPALS_MAX) {
    throw invalidPolicy(`it has ${principals} principals, at most ${POLICY_PRINCIPALS_MAX} are taken.`);
  }
  const conditions = statements.reduce((count, statement) => count + statement.conditions.length, 0);
  if (conditions > POLICY_CONDITIONS_MAX) {
    throw invalidPolicy(`it has ${conditions} conditions, at most ${POLICY_CONDITIONS_MAX} are taken.`);
  }
}
