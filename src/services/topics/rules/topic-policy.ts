import type { Asker, CallerAsking } from "../../../access/asker.ts";
import type { AccessRequest } from "../../../access/condition-keys.ts";
import { parsePolicy, policyOf, type Policy } from "../../../access/document.ts";
import type { PolicyLanguage } from "../../../access/language.ts";
import * as document from "../../../access/permissions.ts";
import type { Permission } from "../../../access/permissions.ts";
import { ServiceError } from "../../../kernel/service-error.ts";
import { invalidParameter, notAuthorised } from "./errors.ts";
import { POLICY_ACTIONS_MAX, POLICY_BYTES_MAX, POLICY_CONDITIONS_MAX, POLICY_PRINCIPALS_MAX, POLICY_STATEMENTS_MAX } from "./limits.ts";
import { topicArn, type TopicRef } from "./topic-arn.ts";

/** What AddPermission can grant, and what the default policy grants to the owner's account. */
export const GRANTABLE_ACTIONS: readonly string[] = [
  "GetTopicAttributes",
  "SetTopicAttributes",
  "AddPermission",
  "RemovePermission",
  "DeleteTopic",
  "Subscribe",
  "ListSubscriptionsByTopic",
  "Publish",
];

/** What no policy can grant to another account. Those of a subscription are also of the account whose subscription it is. */
export const OWNER_ONLY_ACTIONS: readonly string[] = [
  "CreateTopic",
  "TagResource",
  "UntagResource",
  "ListTagsForResource",
  "GetSubscriptionAttributes",
  "SetSubscriptionAttributes",
  "Unsubscribe",
];

/** What a Subscribe says, for the condition keys below. Source: "Amazon SNS policy keys" in the developer guide. */
export function saidBySubscribe(protocol: string, endpoint: string | undefined): NonNullable<CallerAsking["said"]> {
  return { "sns:protocol": protocol, ...(endpoint === undefined ? {} : { "sns:endpoint": endpoint }) };
}

const said =
  (key: string) =>
  ({ asker }: AccessRequest) =>
    asker.kind === "caller" ? asker.said?.[key] : undefined;

/** What policies of topics can say. */
export const TOPIC_POLICIES: PolicyLanguage = {
  prefix: "sns",
  actions: [...GRANTABLE_ACTIONS, ...OWNER_ONLY_ACTIONS],
  idleActions: ["Receive"], // Tools write it beside the others; AWS has no such action either.
  ownerOnly: OWNER_ONLY_ACTIONS,
  neverLockedOut: ["GetTopicAttributes", "SetTopicAttributes", "RemovePermission"],
  keys: [
    { name: "sns:Protocol", kind: "text", meaning: "the protocol of a Subscribe; absent for other actions", valueOf: said("sns:protocol") },
    { name: "sns:Endpoint", kind: "text", meaning: "the endpoint of a Subscribe; absent for other actions", valueOf: said("sns:endpoint") },
  ],
  limits: {
    bytes: POLICY_BYTES_MAX,
    statements: POLICY_STATEMENTS_MAX,
    principals: POLICY_PRINCIPALS_MAX,
    conditions: POLICY_CONDITIONS_MAX,
    actions: POLICY_ACTIONS_MAX,
  },
  invalid: (reason) => invalidParameter(reason === undefined ? "Policy Error: it is no JSON object" : `Policy Reason: ${reason}`),
};

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
        Action: GRANTABLE_ACTIONS.map((action) => `SNS:${action}`),
        Resource: topicArn(topic),
        Condition: { StringEquals: { "AWS:SourceOwner": topic.account } },
      },
    ],
  });
}

/** A policy as it is stored. @throws {ServiceError} InvalidParameter */
export function readPolicy(text: string): string {
  parsePolicy(text, TOPIC_POLICIES);
  return text;
}

/**
 * A topic's attribute Policy, ready to be asked. Undefined: the topic has the default one, by which it is its account's
 * alone. What releases have kept that asked no policy of a topic, and this one does not understand, has never allowed
 * anybody anything, and counts as the default.
 */
export function topicPolicy(text: string | undefined, topic: TopicRef): Policy | undefined {
  if (text === undefined) return undefined;
  try {
    return policyOf(topicArn(topic), parsePolicy(text, TOPIC_POLICIES));
  } catch (refusal) {
    if (refusal instanceof ServiceError) return undefined;
    throw refusal;
  }
}

/** What somebody is told who may not. Another account learns nothing by it, not even whether there is such a topic. */
export function refusalOf(asker: Asker, resource: { readonly account: string; readonly arn: string }): ServiceError {
  const who = asker.kind === "caller" ? asker.arn : asker.service;
  return notAuthorised({ who, action: asker.action, resource: resource.arn, explicitly: asker.accountId === resource.account });
}

/** @throws {ServiceError} InvalidParameter */
export function checkPermission({ label, accountIds, actions }: Permission): void {
  if (label === "") throw invalidParameter("Label Reason: no value for required parameter");
  if (accountIds.length === 0) throw invalidParameter("AWSAccountId Reason: no value for required parameter");
  if (actions.length === 0) throw invalidParameter("ActionName Reason: no value for required parameter");
  const stranger = accountIds.find((id) => !/^\d{12}$/.test(id));
  if (stranger !== undefined) throw invalidParameter(`AWSAccountId Reason: ${stranger} is no account`);
  if (!actions.every((action) => GRANTABLE_ACTIONS.includes(action))) {
    throw invalidParameter("Policy statement action out of service scope!");
  }
}

/** The policy with one statement more. @throws {ServiceError} InvalidParameter where the label is in use, or the policy is full. */
export function withPermission(policy: string, permission: Permission, topic: TopicRef): string {
  const changed = document.withPermission(policy, permission, { arn: topicArn(topic), prefix: "SNS" });
  if (changed === undefined) throw invalidParameter("Statement already exists");
  return readPolicy(changed);
}

/** The policy without the statement of that label, the same where there is none; empty, which stands for the default one, where no other is left. */
export function withoutPermission(policy: string, label: string): string {
  const left = document.withoutPermission(policy, label);
  if (left === undefined) return policy;
  return left.statements === 0 ? "" : left.policy;
}
