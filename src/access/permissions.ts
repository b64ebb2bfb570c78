/** What AddPermission adds: a statement that lets accounts do something. */
export interface Permission {
  readonly label: string;
  /** Twelve digits each. */
  readonly accountIds: readonly string[];
  /** `SendMessage` */
  readonly actions: readonly string[];
}

/** A policy as it is stored: it was accepted before. */
interface Document {
  readonly Statement: object | readonly object[];
}

/**
 * The policy with one statement more, in the form that AWS gives it.
 * @param to the ARN of the queue or topic, and what stands before the colon of its actions: `SQS`.
 * @returns undefined where the label is in use.
 */
export function withPermission(policy: string, permission: Permission, to: { arn: string; prefix: string }): string | undefined {
  const document = JSON.parse(policy) as Document;
  const statements = statementsOf(document);
  if (statements.some((statement) => sidOf(statement) === permission.label)) return undefined;
  return JSON.stringify({ ...document, Statement: [...statements, statementOf(permission, to)] });
}

/** What is left of a policy. */
export interface Remainder {
  readonly policy: string;
  readonly statements: number;
}

/** The policy without the statement of that label; undefined where it has none. */
export function withoutPermission(policy: string, label: string): Remainder | undefined {
  const document = JSON.parse(policy) as Document;
  const statements = statementsOf(document);
  const left = statements.filter((statement) => sidOf(statement) !== label);
  if (left.length === statements.length) return undefined;
  return { policy: JSON.stringify({ ...document, Statement: left }), statements: left.length };
}

function statementOf({ label, accountIds, actions }: Permission, { arn, prefix }: { arn: string; prefix: string }): object {
  const partition = arn.split(":", 2)[1];
  const principals = accountIds.map((id) => `arn:${partition}:iam::${id}:root`);
  const named = actions.map((action) => `${prefix}:${action}`);
  return { Sid: label, Effect: "Allow", Principal: { AWS: oneOrAll(principals) }, Action: oneOrAll(named), Resource: arn };
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
