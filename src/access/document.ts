import { actionsNamed } from "./actions.ts";
import { noVariables, parseConditions, type Condition } from "./conditions.ts";
import type { PolicyLanguage, Reading } from "./language.ts";
import { namesOf, parsePrincipals, type Principals } from "./principals.ts";
import { parseJsonStrictly } from "./strict-json.ts";
import { fitsWildcard } from "./wildcard.ts";

/** A policy document that was understood. */
export interface PolicyDocument {
  readonly statements: readonly ResourceStatement[];
}

/** What a document says of one resource, ready to be asked (`decide.ts`). */
export interface Policy {
  /** The ARN of the resource. */
  readonly of: string;
  readonly statements: readonly Statement[];
}

export interface Statement {
  readonly effect: "Allow" | "Deny";
  readonly principals: Principals;
  /** As the language names them, wildcards resolved. */
  readonly actions: ReadonlySet<string>;
  readonly conditions: readonly Condition[];
}

interface ResourceStatement extends Statement {
  /** Patterns of ARNs. */
  readonly resources: readonly string[];
}

const VERSIONS: readonly unknown[] = ["2008-10-17", "2012-10-17"];
const DOCUMENT_ELEMENTS: readonly string[] = ["Version", "Id", "Statement"];
const STATEMENT_ELEMENTS: readonly string[] = ["Sid", "Effect", "Principal", "Action", "Resource", "Condition"];

/** The policy of the one resource that has it: what its document says of others is left out once, not at every request. */
export function policyOf(arn: string, { statements }: PolicyDocument): Policy {
  return { of: arn, statements: statements.filter(({ resources }) => resources.some((pattern) => fitsWildcard(pattern, arn))) };
}

/**
 * Reads a policy as it stands in the attribute Policy. Whatever is not understood exactly is refused, so that a policy
 * that is accepted does what it says: no element, operator, key or name is ever ignored.
 * @throws {ServiceError} in the words of its language; the text names the statement, counted from 1, and what is wrong with it.
 */
export function parsePolicy(text: string, language: PolicyLanguage): PolicyDocument {
  const { invalid, limits } = language;
  if (Buffer.byteLength(text) > limits.bytes) throw invalid(`it is longer than ${limits.bytes} bytes.`);
  const document = objectOf(parseJsonStrictly(text, invalid));
  if (document === undefined) throw invalid();
  refuseUnknown(document, DOCUMENT_ELEMENTS, { language, where: "The document" });
  const { Version: version, Id: id, Statement: statement } = document;
  if (version !== undefined && !VERSIONS.includes(version)) throw invalid(`the Version must be ${VERSIONS.join(" or ")}.`);
  if (id !== undefined && typeof id !== "string") throw invalid("the Id must be a text.");
  const statements: unknown[] = Array.isArray(statement) ? statement : statement === undefined ? [] : [statement];
  if (statements.length === 0) throw invalid("it has no Statement.");
  if (statements.length > limits.statements) {
    throw invalid(`it has ${statements.length} statements, at most ${limits.statements} are taken.`);
  }
  const literally = version !== "2012-10-17";
  const read = statements.map((one, index) => parseStatement(one, { language, where: `statement ${index + 1}`, literally }));
  checkSids(statements, language);
  checkTotals(read, language);
  return { statements: read };
}

function parseStatement(value: unknown, reading: Reading): ResourceStatement {
  const { language, where, literally } = reading;
  const { invalid, limits } = language;
  const statement = objectOf(value);
  if (statement === undefined) throw invalid(`${where}: it must be an object.`);
  refuseUnknown(statement, STATEMENT_ELEMENTS, reading);
  const { Sid: sid, Effect: effect, Principal: principal, Action: action, Resource: resource, Condition: condition } = statement;
  if (sid !== undefined && typeof sid !== "string") throw invalid(`${where}: the Sid must be a text.`);
  if (effect !== "Allow" && effect !== "Deny") throw invalid(`${where}: the Effect must be Allow or Deny.`);
  const actions = namesOf(action, "Action", reading);
  if (actions.length > limits.actions) {
    throw invalid(`${where}: it has ${actions.length} actions, at most ${limits.actions} are taken.`);
  }
  const resources = namesOf(resource, "Resource", reading);
  if (!literally && resources.some((one) => one.includes("${"))) throw noVariables(reading);
  return {
    effect,
    principals: parsePrincipals(principal, reading),
    actions: actionsNamed(actions, reading),
    resources,
    conditions: condition === undefined ? [] : parseConditions(condition, reading),
  };
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  return value as Readonly<Record<string, unknown>>;
}

/** NotPrincipal, NotAction and NotResource are among the unknown: what they let in is easily more than was meant. */
function refuseUnknown(object: object, known: readonly string[], { language, where }: Omit<Reading, "literally">): void {
  const unknown = Object.keys(object).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw language.invalid(`${where}: the element "${unknown}" is not supported here; ${known.join(", ")} are.`);
}

function checkSids(statements: readonly unknown[], { invalid }: PolicyLanguage): void {
  const sids = statements.flatMap((statement) => (statement as { Sid?: string }).Sid ?? []);
  const repeated = sids.find((sid, index) => sids.indexOf(sid) !== index);
  if (repeated !== undefined) throw invalid(`the Sid "${repeated}" stands twice.`);
}

/** Principals and conditions are counted over the whole document. */
function checkTotals(statements: readonly Statement[], { invalid, limits }: PolicyLanguage): void {
  const principals = statements.reduce((count, statement) => count + statement.principals.count, 0);
  if (principals > limits.principals) throw invalid(`it has ${principals} principals, at most ${limits.principals} are taken.`);
  const conditions = statements.reduce((count, statement) => count + statement.conditions.length, 0);
  if (conditions > limits.conditions) throw invalid(`it has ${conditions} conditions, at most ${limits.conditions} are taken.`);
}
