import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ServiceError } from "../kernel/service-error.ts";
import { QUEUE_POLICIES } from "../services/queues/rules/policy.ts";
import { queueArn, type QueueRef } from "../services/queues/rules/queue-url.ts";
import type { Asker } from "./asker.ts";
import { isAuthorised } from "./authorisation.ts";
import type { AccessRequest } from "./condition-keys.ts";
import * as decisions from "./decide.ts";
import { parsePolicy, policyOf, type PolicyDocument } from "./document.ts";

/**
 * Policies against a slow and obvious reading of the same documents, straight from their JSON.
 * `MILLRACE_FUZZ_RUNS=20000 node --test <this file>` compares for longer; a failure prints its seed.
 */
const RUNS = Number(process.env["MILLRACE_FUZZ_RUNS"] ?? 1500);

type QueueRequest = AccessRequest & { readonly resource: QueueRef };
const read = (text: string) => parsePolicy(text, QUEUE_POLICIES);
const decide = (document: PolicyDocument, asked: QueueRequest) => decisions.decide(policyOf(queueArn(asked.resource), document), asked);

// ── What is asked ────────────────────────────────────────────────────────────────────────────────────────────────────

const ACCOUNTS = ["000000000000", "111111111111", "222222222222"];
const IDENTITIES = ["root", "user/a", "user/team/b"];
const SOURCES = ["arn:aws:s3:::ab", "arn:aws:s3:::b", "arn:aws:sns:us-east-1:111111111111:a"];
const ADDRESSES = ["10.0.0.1", "10.1.2.3", "192.168.0.9", "2001:db8::1", ""];
const TIMES = ["2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z", "2026-06-01T12:00:00Z"];

const account = fc.constantFrom(...ACCOUNTS);
const action = fc.constantFrom(...QUEUE_POLICIES.actions);
const caller: fc.Arbitrary<Asker> = fc.record({
  kind: fc.constant("caller" as const),
  action,
  accountId: account,
  arn: fc.constantFrom(...IDENTITIES),
  uniqueId: fc.constantFrom("AIDAA", "AIDAB"),
  sourceIp: fc.constantFrom(...ADDRESSES),
  secure: fc.boolean(),
});
const service: fc.Arbitrary<Asker> = fc.record({
  kind: fc.constant("service" as const),
  action: fc.constant("SendMessage" as const),
  accountId: account,
  service: fc.constantFrom("s3.amazonaws.com", "sns.amazonaws.com"),
  sourceArn: fc.constantFrom(...SOURCES),
});
const request: fc.Arbitrary<QueueRequest> = fc.record({
  asker: fc
    .oneof({ arbitrary: caller, weight: 3 }, service)
    .map((asker) => (asker.kind === "caller" ? { ...asker, arn: `arn:aws:iam::${asker.accountId}:${asker.arn}` } : asker)),
  resource: fc.record({ account, region: fc.constantFrom("us-east-1", "cn-north-1"), name: fc.constantFrom("ab", "b") }),
  nowMs: fc.constantFrom(...TIMES).map((time) => Date.parse(time)),
});

// ── What policies say ────────────────────────────────────────────────────────────────────────────────────────────────

const some = <T>(one: fc.Arbitrary<T>) => fc.oneof(one, fc.array(one, { minLength: 1, maxLength: 3 }));
const principal = fc.oneof(
  fc.constant("*"),
  fc.record({
    AWS: some(
      fc.oneof(
        fc.constant("*"),
        account,
        fc.tuple(account, fc.constantFrom(...IDENTITIES)).map(([id, who]) => `arn:aws:iam::${id}:${who}`),
      ),
    ),
  }),
  fc.record({ Service: some(fc.constantFrom("s3.amazonaws.com", "sns.amazonaws.com")) }),
);
const actionPattern = fc.oneof(
  fc.constantFrom("*", "sqs:*", "SQS:*Message*", "sqs:Send*", "sqs:?etQueue*", "sqs:*e"),
  action.map((name) => `sqs:${name}`),
);
const resource = fc.oneof(
  fc.constantFrom("*", "arn:aws:sqs:*", "arn:aws:sqs:us-east-1:*:?b", "arn:*:b", "arn:aws-cn:sqs:*:*:ab"),
  fc.tuple(account, fc.constantFrom("ab", "b", "*")).map(([id, name]) => `arn:aws:sqs:us-east-1:${id}:${name}`),
);

/** Keys by their kind, and values that operators for them take. */
const KINDS = {
  text: {
    operators: ["StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", "StringLike", "StringNotLike"],
    keys: [
      "aws:username",
      "aws:PrincipalAccount",
      "AWS:SOURCEACCOUNT",
      "aws:SourceArn",
      "aws:PrincipalType",
      "aws:userid",
      "aws:SourceIp",
      "aws:PrincipalServiceName",
    ],
    values: ["a", "A", "b", "*", "?", "User", "account", "111111111111", "1*1", "AIDA?", "10.*", "s3.amazonaws.com", ...SOURCES, "arn:*b"],
  },
  arn: {
    operators: ["ArnEquals", "ArnNotEquals", "ArnLike", "ArnNotLike"],
    keys: ["aws:SourceArn", "aws:PrincipalArn"],
    values: [...SOURCES, "arn:aws:s3:::*", "arn:aws:*:*:*:a*", "arn:aws:iam::*:user/*", "arn:aws:iam::111111111111:root"],
  },
  address: {
    operators: ["IpAddress", "NotIpAddress"],
    keys: ["aws:SourceIp"],
    values: ["10.0.0.0/8", "10.0.0.1", "10.1.0.0/16", "2001:db8::/32", "0.0.0.0/0"],
  },
  boolean: { operators: ["Bool"], keys: ["aws:SecureTransport", "aws:PrincipalIsAWSService"], values: ["true", "false", true, false] },
  date: {
    operators: ["DateEquals", "DateNotEquals", "DateLessThan", "DateLessThanEquals", "DateGreaterThan", "DateGreaterThanEquals"],
    keys: ["aws:CurrentTime", "aws:EpochTime"],
    values: [...TIMES, "2026-03-01", "1767225600"],
  },
  number: {
    operators: [
      "NumericEquals",
      "NumericNotEquals",
      "NumericLessThan",
      "NumericLessThanEquals",
      "NumericGreaterThan",
      "NumericGreaterThanEquals",
    ],
    keys: ["aws:EpochTime"],
    values: ["1767225600", 1_767_225_601, 1_780_315_200],
  },
  null: { operators: ["Null"], keys: ["aws:SourceArn", "aws:username", "aws:SourceIp"], values: ["true", "false"] },
} as const;

const condition = fc.constantFrom(...Object.values(KINDS)).chain(({ operators, keys, values }) =>
  fc
    .record({
      operator: fc.constantFrom<string>(...operators),
      quantifier: fc.constantFrom("", "", "", "ForAnyValue:", "ForAllValues:"),
      ifExists: fc.constantFrom("", "", "IfExists"),
      key: fc.constantFrom<string>(...keys),
      value: some(fc.constantFrom<string | number | boolean>(...values)),
    })
    .map(
      ({ operator, quantifier, ifExists, key, value }) =>
        [operator === "Null" ? operator : quantifier + operator + ifExists, { [key]: value }] as const,
    ),
);
const statement = fc.record(
  {
    Effect: fc.constantFrom("Allow", "Allow", "Deny"),
    Principal: principal,
    Action: some(actionPattern),
    Resource: some(resource),
    Condition: fc.array(condition, { minLength: 1, maxLength: 2 }).map((lines) => Object.fromEntries(lines)),
  },
  { requiredKeys: ["Effect", "Principal", "Action", "Resource"] },
);
const document = fc.record({ Version: fc.constantFrom("2008-10-17", "2012-10-17"), Statement: some(statement) });

// ── The slow reading ─────────────────────────────────────────────────────────────────────────────────────────────────

type Json = Readonly<Record<string, unknown>>;
const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : [value]);

function fits(pattern: string, text: string): boolean {
  const first = pattern[0];
  if (first === undefined) return text === "";
  if (first === "*") return fits(pattern.slice(1), text) || (text !== "" && fits(pattern, text.slice(1)));
  return text !== "" && (first === "?" || first === text[0]) && fits(pattern.slice(1), text.slice(1));
}

/** What the request has, by lower-case name; what is not there is absent. */
function factsOf({ asker, resource: queue, nowMs }: QueueRequest): Map<string, string> {
  const time = new Date(nowMs).toISOString().replace(".000Z", "Z");
  const facts: [string, string | undefined][] = [
    ["aws:currenttime", time],
    ["aws:epochtime", `${nowMs / 1000}`],
    ["aws:requestedregion", queue.region],
    ["aws:resourceaccount", queue.account],
    ["aws:principalisawsservice", asker.kind === "service" ? "true" : "false"],
  ];
  if (asker.kind === "service") {
    facts.push(["aws:securetransport", "true"], ["aws:sourcearn", asker.sourceArn], ["aws:sourceaccount", asker.accountId]);
    facts.push(["aws:sourceowner", asker.accountId], ["aws:principalservicename", asker.service]);
  } else {
    const who = asker.arn.split(":")[5] ?? "";
    facts.push(["aws:securetransport", `${asker.secure}`], ["aws:sourceip", asker.sourceIp === "" ? undefined : asker.sourceIp]);
    facts.push(["aws:principalarn", asker.arn], ["aws:principalaccount", asker.accountId], ["aws:userid", asker.uniqueId]);
    facts.push(
      ["aws:principaltype", who === "root" ? "Account" : "User"],
      ["aws:username", who === "root" ? undefined : who.split("/").at(-1)],
    );
  }
  return new Map(facts.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])));
}

/** One value of a policy against the one that the request has; `operator` without Not, IfExists and quantifier. */
function compares(operator: string, wanted: string, actual: string): boolean {
  const number = (text: string) => (/^\d{5,}$/.test(text) ? Number(text) : Date.parse(text) / 1000);
  const relation = operator.replace(/^(?:Date|Numeric)/, "");
  switch (operator) {
    case "StringEquals":
      return wanted === actual;
    case "StringEqualsIgnoreCase":
      return wanted.toUpperCase() === actual.toUpperCase();
    case "StringLike":
      return fits(wanted, actual);
    case "ArnEquals":
    case "ArnLike": {
      const [want, have] = [wanted.split(":"), actual.split(":")];
      return (
        [0, 1, 2, 3, 4].every((part) => fits(want[part] ?? "", have[part] ?? "")) && fits(want.slice(5).join(":"), have.slice(5).join(":"))
      );
    }
    case "Bool":
      return wanted.toLowerCase() === actual;
    case "IpAddress":
      return inRange(wanted, actual);
    default: {
      const [have, want] = [number(actual), number(wanted)];
      if (relation === "Equals") return have === want;
      if (relation === "LessThan") return have < want;
      if (relation === "LessThanEquals") return have <= want;
      return relation === "GreaterThan" ? have > want : have >= want;
    }
  }
}

/** For the few ranges above. */
function inRange(range: string, address: string): boolean {
  if (range.includes(":") || address.includes(":")) return range.includes(":") && address.startsWith("2001:db8:");
  const [base = "", prefix = "32"] = range.split("/");
  const bits = (text: string) =>
    text
      .split(".")
      .map((part) => Number(part).toString(2).padStart(8, "0"))
      .join("");
  return bits(base).slice(0, Number(prefix)) === bits(address).slice(0, Number(prefix));
}

/** @param actual what the request has of the key that the condition is about. */
function meets(name: string, wanted: unknown, actual: string | undefined): boolean {
  const values = listOf(wanted).map(String);
  if (name === "Null") return values.some((value) => (value === "true") === (actual === undefined));
  const quantifier = /^(ForAnyValue|ForAllValues):/.exec(name)?.[1];
  const ifExists = name.endsWith("IfExists");
  const operator = name.replace(/^\w+:/, "").replace(/IfExists$/, "");
  const negated = operator.includes("Not");
  const single = (have: string) => values.some((value) => compares(operator.replace("Not", ""), value, have)) !== negated;
  if (actual === undefined && ifExists) return true;
  const have = actual === undefined ? [] : [actual];
  if (quantifier === "ForAnyValue") return have.some(single);
  if (quantifier === "ForAllValues") return have.every(single);
  return actual === undefined ? negated : single(actual);
}

function isAbout(wanted: unknown, asker: Asker): boolean {
  if (wanted === "*") return true;
  const { AWS = [], Service = [] } = wanted as { AWS?: unknown; Service?: unknown };
  if (listOf(AWS).includes("*")) return true;
  if (asker.kind === "service") return listOf(Service).includes(asker.service);
  return [asker.arn, asker.accountId, `arn:aws:iam::${asker.accountId}:root`].some((name) => listOf(AWS).includes(name));
}

function slowly(policy: Json, asked: QueueRequest): string {
  const facts = factsOf(asked);
  const { asker, resource: queue } = asked;
  const partition = queue.region.startsWith("cn-") ? "aws-cn" : "aws";
  const arn = `arn:${partition}:sqs:${queue.region}:${queue.account}:${queue.name}`;
  const applying = listOf(policy["Statement"]).filter((one) => {
    const { Principal, Action, Resource, Condition = {} } = one as Json;
    return (
      isAbout(Principal, asker) &&
      listOf(Action).some((pattern) => fits(String(pattern).toLowerCase(), `sqs:${asker.action}`.toLowerCase())) &&
      listOf(Resource).some((pattern) => fits(String(pattern), arn)) &&
      Object.entries(Condition as Json).every(([name, keys]) =>
        Object.entries(keys as Json).every(([key, value]) => meets(name, value, facts.get(key.toLowerCase()))),
      )
    );
  });
  const effects = new Set(applying.map((one) => (one as Json)["Effect"]));
  return effects.has("Deny") ? "denied" : effects.has("Allow") ? "allowed" : "silent";
}

// ── The comparison ───────────────────────────────────────────────────────────────────────────────────────────────────

test("a policy decides as a slow reading of its text does", () => {
  const seen = { allowed: 0, denied: 0, silent: 0 };
  fc.assert(
    fc.property(document, fc.array(request, { minLength: 4, maxLength: 4 }), (policy, requests) => {
      const parsed = read(JSON.stringify(policy));
      for (const asked of requests) {
        const decision = decide(parsed, asked);
        seen[decision] += 1;
        assert.equal(decision, slowly(policy, asked));
      }
    }),
    { numRuns: RUNS },
  );
  for (const [decision, count] of Object.entries(seen)) assert.ok(count > RUNS / 20, `only ${count} requests were ${decision}`);
});

test("owners are let in unless denied, others and services if allowed and not denied", () => {
  const only = fc.tuple(document, request);
  fc.assert(
    fc.property(only, ([policy, asked]) => {
      const { asker, resource: queue } = asked;
      const decision = slowly(policy, asked);
      const mends = ["GetQueueAttributes", "SetQueueAttributes", "RemovePermission"].includes(asker.action);
      const ownersAlone = /^(?:Add|Remove)Permission$|^(?:Create|Delete)Queue$|^ListQueue(?:s|Tags)$|^SetQueue|^(?:Tag|Untag)Queue$/.test(
        asker.action,
      );
      const own = asker.accountId === queue.account;
      const root = asker.kind === "caller" && asker.arn.endsWith(":root");
      const callersOwn = own && asker.kind === "caller";
      const expected = callersOwn ? decision !== "denied" || (root && mends) : decision === "allowed" && !ownersAlone;
      assert.equal(isAuthorised(policyOf(queueArn(queue), read(JSON.stringify(policy))), asked, QUEUE_POLICIES), expected);
    }),
    { numRuns: RUNS },
  );
});

/** The document with something in it replaced, left out or called otherwise. */
function damaged(value: unknown, path: readonly number[], by: { kind: "replace" | "remove" | "rename"; value: unknown }): unknown {
  if (typeof value !== "object" || value === null || path.length === 0) return by.value;
  const members = Object.entries(value);
  const [at = 0, ...rest] = path;
  const index = at % Math.max(members.length, 1);
  const changed = members.flatMap(([name, member], position): [string, unknown][] => {
    if (position !== index) return [[name, member]];
    if (rest.length > 0) return [[name, damaged(member, rest, by)]];
    if (by.kind === "remove") return [];
    return by.kind === "rename" ? [[typeof by.value === "string" ? by.value : JSON.stringify(by.value), member]] : [[name, by.value]];
  });
  return Array.isArray(value) ? changed.map(([, member]) => member) : Object.fromEntries(changed);
}

const strange = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom("*", "NotAction", "NotPrincipal", "__proto__", "constructor", "Deny", "${aws:username}", "sqs:Fly", [], {}, [[]], [null]),
);

/** @returns the policy, or undefined where it was refused as a policy is. */
function parsedOrRefused(text: string) {
  try {
    return read(text);
  } catch (refusal) {
    if (!(refusal instanceof ServiceError)) throw refusal;
    assert.equal(refusal.code, "InvalidAttributeValue");
    assert.match(refusal.message, /^Invalid value for the parameter Policy\.(?: Reason: .+)?$/s);
    return undefined;
  }
}

test("a damaged policy is refused, or still does what a slow reading of it says", () => {
  const before = Object.getOwnPropertyNames(Object.prototype).join();
  let refused = 0;
  const path = fc.array(fc.nat(20), { minLength: 1, maxLength: 5 });
  const damage = fc.record({ path, kind: fc.constantFrom("replace" as const, "remove" as const, "rename" as const), value: strange });
  fc.assert(
    fc.property(document, damage, request, (policy, { path, ...by }, asked) => {
      const text = JSON.stringify(damaged(policy, path, by));
      const parsed = parsedOrRefused(text);
      if (parsed === undefined) refused += 1;
      else assert.equal(decide(parsed, asked), slowly(JSON.parse(text) as Json, asked), text);
    }),
    { numRuns: RUNS },
  );
  assert.ok(refused > RUNS / 4, `only ${refused} were refused`);
  assert.equal(Object.getOwnPropertyNames(Object.prototype).join(), before);
});

test("any text at all is taken or refused, never more", () => {
  const cut = fc.tuple(document, fc.nat(), fc.nat(3), fc.string({ maxLength: 3 }));
  const text = fc.oneof(
    fc.string(),
    fc.json(),
    cut.map(([policy, at, length, other]) => {
      const json = JSON.stringify(policy);
      const from = at % json.length;
      return json.slice(0, from) + other + json.slice(from + length);
    }),
  );
  fc.assert(
    fc.property(text, (one) => void parsedOrRefused(one)),
    { numRuns: RUNS },
  );
  for (const deep of ["[".repeat(8000), '{"a":'.repeat(1600), `${"[".repeat(4000)}${"]".repeat(4000)}`])
    assert.equal(parsedOrRefused(deep), undefined);
});
