import { SECOND_MS } from "../kernel/units.ts";
import { isRoot, userName, type Asker } from "./asker.ts";
import type { PolicyLanguage } from "./language.ts";

/** What a policy is asked about: who, what it belongs to, when. */
export interface AccessRequest {
  readonly asker: Asker;
  /** The queue or topic. */
  readonly resource: { readonly account: string; readonly region: string };
  /** Epoch milliseconds. */
  readonly nowMs: number;
}

/** Which operators can look at the value: those for texts always can. */
export type KeyKind = "text" | "arn" | "address" | "boolean" | "date" | "epoch";

/** Something that a condition may look at. */
export interface ConditionKey {
  /** As AWS writes it; case does not matter in policies. */
  readonly name: string;
  readonly kind: KeyKind;
  readonly meaning: string;
  /** Undefined where a request of this kind has no such value. */
  readonly valueOf: (request: AccessRequest) => string | undefined;
}

/** The keys of AWS that every service knows, as far as they mean something here. Others are refused when a policy is set: what they ask could never be answered. */
export const CONDITION_KEYS: readonly ConditionKey[] = [
  {
    name: "aws:CurrentTime",
    kind: "date",
    meaning: "the time, in whole seconds",
    valueOf: ({ nowMs }) => `${new Date(nowMs).toISOString().slice(0, 19)}Z`,
  },
  {
    name: "aws:EpochTime",
    kind: "epoch",
    meaning: "the same in seconds since 1970",
    valueOf: ({ nowMs }) => String(Math.floor(nowMs / SECOND_MS)),
  },
  {
    name: "aws:SecureTransport",
    kind: "boolean",
    meaning: "whether the request came over TLS, as a trusted proxy says; always for what other services deliver",
    valueOf: ({ asker }) => String(asker.kind === "service" || asker.secure),
  },
  {
    name: "aws:SourceIp",
    kind: "address",
    meaning: "the caller's address; absent for what other services deliver",
    valueOf: ({ asker }) => (asker.kind === "caller" && asker.sourceIp !== "" ? asker.sourceIp : undefined),
  },
  {
    name: "aws:SourceArn",
    kind: "arn",
    meaning: "the bucket or topic that a service delivers for; absent for callers",
    valueOf: ({ asker }) => (asker.kind === "service" ? asker.sourceArn : undefined),
  },
  {
    name: "aws:SourceAccount",
    kind: "text",
    meaning: "the account of that bucket or topic; absent for callers",
    valueOf: ({ asker }) => (asker.kind === "service" ? asker.accountId : undefined),
  },
  {
    name: "aws:SourceOwner",
    kind: "text",
    meaning: "the older name of aws:SourceAccount",
    valueOf: ({ asker }) => (asker.kind === "service" ? asker.accountId : undefined),
  },
  {
    name: "aws:PrincipalArn",
    kind: "arn",
    meaning: "the caller's ARN; absent for services",
    valueOf: ({ asker }) => (asker.kind === "caller" ? asker.arn : undefined),
  },
  {
    name: "aws:PrincipalAccount",
    kind: "text",
    meaning: "the caller's account; absent for services",
    valueOf: ({ asker }) => (asker.kind === "caller" ? asker.accountId : undefined),
  },
  {
    name: "aws:PrincipalType",
    kind: "text",
    meaning: "Account for a root, User for a user; absent for services",
    valueOf: ({ asker }) => (asker.kind === "service" ? undefined : isRoot(asker) ? "Account" : "User"),
  },
  {
    name: "aws:userid",
    kind: "text",
    meaning: "the caller's unique id, for a root the account; absent for services",
    valueOf: ({ asker }) => (asker.kind === "caller" ? asker.uniqueId : undefined),
  },
  {
    name: "aws:username",
    kind: "text",
    meaning: "the user's name; absent for roots and services",
    valueOf: ({ asker }) => userName(asker),
  },
  {
    name: "aws:PrincipalIsAWSService",
    kind: "boolean",
    meaning: "whether a service asks, not a caller",
    valueOf: ({ asker }) => String(asker.kind === "service"),
  },
  {
    name: "aws:PrincipalServiceName",
    kind: "text",
    meaning: "the service that asks; absent for callers",
    valueOf: ({ asker }) => (asker.kind === "service" ? asker.service : undefined),
  },
  { name: "aws:RequestedRegion", kind: "text", meaning: "the region of the queue or topic", valueOf: ({ resource }) => resource.region },
  { name: "aws:ResourceAccount", kind: "text", meaning: "its account", valueOf: ({ resource }) => resource.account },
];

const BY_NAME: ReadonlyMap<string, ConditionKey> = new Map(CONDITION_KEYS.map((key) => [key.name.toLowerCase(), key]));

/** The key of that name in any case; undefined where policies of this language know none. */
export function conditionKey(name: string, { keys }: PolicyLanguage): ConditionKey | undefined {
  const lower = name.toLowerCase();
  return BY_NAME.get(lower) ?? keys.find((key) => key.name.toLowerCase() === lower);
}
