import { invalidParameter } from "./errors.ts";
import { POLICY_BYTES_MAX } from "./limits.ts";
import { partitionOf } from "../../../access/partition.ts";
import { topicArn, type TopicRef } from "./topic-arn.ts";

/** What AddPermission can grant, and what the default policy grants to the owner's account. */
const TOPIC_ACTIONS: readonly string[] = [
  "GetTopicAttributes",
  "SetTopicAttributes",
  "AddPermission",
  "RemovePermission",
  "DeleteTopic",
  "Subscribe",
  "ListSubscriptionsByTopic",
  "Publish",
];

/** What AddPermission adds: a statement that lets accounts do something. */
export interface Permission {
  readonly label: string;
  /** Twelve digits each. */
  readonly accountIds: readonly string[];
  /** `Publish` */
  readonly actions: readonly string[];
}

interface Document {
  readonly Statement: object | readonly object[];
}

/** The policy of a topic to which none was given. */
export function defaultPolicy(topic: TopicRef): string {
  return JSON.stringify({
    Version: "2008-10-17",
    Id: "__default_policy_ID",
    Statement: [
      {
        Sid: "__default_statement_ID",
        Effect: "Allow",
        Principal: { AWS: "*" },
        Action: TOPIC_ACTIONS.map((action) => `SNS:${action}`),
        Resource: topicArn(topic),
        Condition: { StringEquals: { "AWS:SourceOwner": topic.account } },
      },
    ],
  });
}

/** A policy as it is stored. @throws {ServiceError} InvalidParameter */
export function readPolicy(text: string): string {
  if (Buffer.byteLength(text) > POLICY_BYTES_MAX) throw invalidParameter(`Policy Reason: it is longer than ${POLICY_BYTES_MAX} bytes`);
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    throw invalidParameter("Policy Error: it is not JSON");
  }
  if (typeof document !== "object" || document === null || !("Statement" in document))
    throw invalidParameter("Policy Error: it has no Statement");
  // A topic is its account's alone here, so that what is allowed to others is only kept; what is denied would have to hold.
  const denies = statementsOf(document as Document).some((one) => (one as { Effect?: unknown } | null)?.Effect !== "Allow");
  if (denies) throw invalidParameter("Policy Reason: this release of Millrace takes no policy of a topic that denies something");
  return text;
}

/** @throws {ServiceError} InvalidParameter */
export function checkPermission({ label, accountIds, actions }: Permission): void {
  if (label === "") throw invalidParameter("Label Reason: no value for required parameter");
  if (accountIds.length === 0) throw invalidParameter("AWSAccountId Reason: no value for required parameter");
  if (actions.length === 0) throw invalidParameter("ActionName Reason: no value for required parameter");
  const stranger = accountIds.find((id) => !/^\d{12}$/.test(id));
  if (stranger !== undefined) throw invalidParameter(`AWSAccountId Reason: ${stranger} is no account`);
  if (!actions.every((action) => TOPIC_ACTIONS.includes(action))) {
    throw invalidParameter("Policy statement action out of service scope!");
  }
}

/** The policy with one statement more, in the form that AWS gives it. @throws {ServiceError} InvalidParameter where the label is in use. */
export function withPermission(policy: string, { label, accountIds, actions }: Permission, topic: TopicRef): string {
  const document = JSON.parse(policy) as Document;
  const statements = statementsOf(document);
  if (statements.some((statement) => sidOf(statement) === label)) throw invalidParameter("Statement already exists");
  const principals = accountIds.map((id) => `arn:${partitionOf(topic.region)}:iam::${id}:root`);
  const named = actions.map((action) => `SNS:${action}`);
  const added = {
    Sid: label,
    Effect: "Allow",
    Principal: { AWS: oneOrAll(principals) },
    Action: oneOrAll(named),
    Resource: topicArn(topic),
  };
  return readPolicy(JSON.stringify({ ...document, Statement: [...statements, added] }));
}

/** The policy without the statement of that label; the same where there is none. */
export function withoutPermission(policy: string, label: string): string {
  const document = JSON.parse(policy) as Document;
  return JSON.stringify({ ...document, Statement: statementsOf(document).filter((statement) => sidOf(statement) !== label) });
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
