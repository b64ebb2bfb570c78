import assert from "node:assert/strict";
import { test } from "node:test";
import { topicsApi } from "../../../src/services/topics/api.ts";
import { GRANTABLE_ACTIONS, OWNER_ONLY_ACTIONS } from "../../../src/services/topics/rules/topic-policy.ts";
import { covers } from "../../contract/covers.ts";
import { arnOf, GuardedServer, OWNER, OWN_USER, STRANGE_USER, STRANGER, type Answer, type Caller, type Signed } from "../queues/callers.ts";
import { queueArn, topicArn } from "./harness.ts";

/**
 * Every action that is offered, asked by everybody, with its parameters in a form and in the URL: who is not, or not
 * rightly, signed in, and who may and may not. An action that is added without a line in `INPUTS` fails here.
 */

/** The contents page is built without what the handlers work with: none of them is called. */
const ACTIONS = Object.keys(topicsApi({} as never).actions);

/** A topic of its owner with a subscription, a tag and a permission. */
interface Prepared {
  readonly name: string;
  readonly arn: string;
  readonly subscription: string;
}

type Parameters = Readonly<Record<string, string>>;

const INPUTS: Readonly<Record<string, (topic: Prepared) => Parameters>> = {
  CreateTopic: ({ name }) => ({ Name: name }),
  DeleteTopic: ({ arn }) => ({ TopicArn: arn }),
  GetTopicAttributes: ({ arn }) => ({ TopicArn: arn }),
  SetTopicAttributes: ({ arn }) => ({ TopicArn: arn, AttributeName: "DisplayName", AttributeValue: "changed" }),
  ListTopics: () => ({}),
  TagResource: ({ arn }) => ({ ResourceArn: arn, "Tags.member.1.Key": "b", "Tags.member.1.Value": "2" }),
  UntagResource: ({ arn }) => ({ ResourceArn: arn, "TagKeys.member.1": "a" }),
  ListTagsForResource: ({ arn }) => ({ ResourceArn: arn }),
  AddPermission: ({ arn }) => ({
    TopicArn: arn,
    Label: "new",
    "AWSAccountId.member.1": "999999999999",
    "ActionName.member.1": "Publish",
  }),
  RemovePermission: ({ arn }) => ({ TopicArn: arn, Label: "old" }),
  Subscribe: ({ arn }) => ({ TopicArn: arn, Protocol: "sqs", Endpoint: queueArn("another") }),
  ConfirmSubscription: ({ arn }) => ({ TopicArn: arn, Token: "0123456789abcdef" }),
  Unsubscribe: ({ subscription }) => ({ SubscriptionArn: subscription }),
  GetSubscriptionAttributes: ({ subscription }) => ({ SubscriptionArn: subscription }),
  SetSubscriptionAttributes: ({ subscription }) => ({
    SubscriptionArn: subscription,
    AttributeName: "RawMessageDelivery",
    AttributeValue: "true",
  }),
  ListSubscriptions: () => ({}),
  ListSubscriptionsByTopic: ({ arn }) => ({ TopicArn: arn }),
  Publish: ({ arn }) => ({ TopicArn: arn, Message: "m" }),
  PublishBatch: ({ arn }) => ({
    TopicArn: arn,
    "PublishBatchRequestEntries.member.1.Id": "a",
    "PublishBatchRequestEntries.member.1.Message": "m",
  }),
};

const OLD = { Sid: "old", Effect: "Allow", Principal: { AWS: "999999999999" }, Action: "sns:Publish", Resource: "*" };
const line = (Effect: "Allow" | "Deny", Principal: unknown) => ({ Effect, Principal, Action: "sns:*", Resource: "*" });

/** Where a request has its parameters. */
type Way = "form" | "URL";

/** One way of asking, and what every action then answers: `done` or the code of the refusal. */
interface Row {
  readonly who: string;
  /** Statements of the topic's policy. */
  readonly policy?: readonly object[];
  readonly sign: (server: GuardedServer, asked: Asked) => Promise<Signed>;
  readonly answers: (action: string) => string;
}

interface Asked {
  readonly way: Way;
  readonly action: string;
  readonly parameters: Parameters;
}

const signedBy =
  (caller: Caller, service = "sns") =>
  (server: GuardedServer, asked: Asked) =>
    signed(server, asked, { caller, service });
const always = (answer: string) => () => answer;

/** What is asked of no topic: what a caller has itself, and what a token decides. */
const OF_NO_TOPIC: readonly string[] = ["ListTopics", "ListSubscriptions", "ConfirmSubscription"];
const deniedOnTopics = (action: string) => (OF_NO_TOPIC.includes(action) ? "done" : "AuthorizationError");
/** Another account makes a topic of its own. */
const onlyItsOwn = (action: string) => (action === "CreateTopic" ? "done" : deniedOnTopics(action));
const whatCanBeGranted = (action: string) => (OWNER_ONLY_ACTIONS.includes(action) ? onlyItsOwn(action) : "done");

const ROWS: readonly Row[] = [
  { who: "nobody, where a policy lets everyone in", policy: [line("Allow", "*")], sign: unsigned, answers: always("AccessDenied") },
  { who: "a key that is not known", sign: signedBy({ ...OWNER, accessKeyId: "AKIANOBODY" }), answers: always("InvalidClientTokenId") },
  {
    who: "the owner's key with another secret",
    sign: signedBy({ ...OWNER, secretAccessKey: STRANGER.secretAccessKey }),
    answers: always("SignatureDoesNotMatch"),
  },
  {
    who: "the owner, with parameters that were changed on the way",
    async sign(server, asked) {
      const { path, body, ...rest } = await signed(server, asked, { caller: OWNER });
      return asked.way === "form" ? { ...rest, path, body: `${body}&x=y` } : { ...rest, path: `${path}&x=y`, body };
    },
    answers: always("SignatureDoesNotMatch"),
  },
  { who: "the owner, signed for another service", sign: signedBy(OWNER, "sqs"), answers: always("IncompleteSignature") },
  {
    who: "the owner, replayed after 15 minutes",
    async sign(server, asked) {
      const made = await signed(server, asked, { caller: OWNER });
      server.clock.advance(901_000);
      return made;
    },
    answers: always("RequestExpired"),
  },
  { who: "the owner", policy: [OLD], sign: signedBy(OWNER), answers: always("done") },
  { who: "a user of the owner's account, by the default policy", sign: signedBy(OWN_USER), answers: always("done") },
  {
    who: "a user of the owner's account whom the policy denies",
    policy: [OLD, line("Deny", { AWS: arnOf(OWN_USER) }), line("Allow", { AWS: OWNER.accountId })],
    sign: signedBy(OWN_USER),
    answers: deniedOnTopics,
  },
  {
    who: "the owner, whom the policy denies as it denies everyone",
    policy: [OLD, line("Deny", "*")],
    sign: signedBy(OWNER),
    answers: (action) =>
      ["GetTopicAttributes", "SetTopicAttributes", "RemovePermission"].includes(action) ? "done" : deniedOnTopics(action),
  },
  { who: "another account, by the default policy", sign: signedBy(STRANGER), answers: onlyItsOwn },
  { who: "a user of another account, where the policy is about a third", policy: [OLD], sign: signedBy(STRANGE_USER), answers: onlyItsOwn },
  {
    who: "another account, allowed by the policy",
    policy: [OLD, line("Allow", { AWS: STRANGER.accountId })],
    sign: signedBy(STRANGER),
    answers: whatCanBeGranted,
  },
  {
    who: "the root of another account, of which the policy allows a user",
    policy: [OLD, line("Allow", { AWS: arnOf(STRANGE_USER) })],
    sign: signedBy(STRANGER),
    answers: onlyItsOwn,
  },
  {
    who: "another account, allowed and denied by the policy",
    policy: [OLD, line("Allow", "*"), line("Deny", { AWS: STRANGER.accountId })],
    sign: signedBy(STRANGER),
    answers: onlyItsOwn,
  },
];

test("the matrix has a line for every action that is offered, and a policy knows each that is asked of a topic", () => {
  assert.deepEqual(
    ACTIONS.filter((action) => INPUTS[action] === undefined),
    [],
    "give INPUTS (test/sdk/topics/authorisation.test.ts) a line",
  );
  assert.deepEqual([...GRANTABLE_ACTIONS, ...OWNER_ONLY_ACTIONS, ...OF_NO_TOPIC, "PublishBatch"].toSorted(), ACTIONS.toSorted());
});

for (const row of ROWS) {
  test(`topics, asked by ${row.who}`, { timeout: 60_000 }, async () => {
    covers("sns/1-bad-signature", "sns/3.7-asked");
    await using server = await GuardedServer.start();
    for (const way of ["form", "URL"] as const) {
      const kept = await prepared(server, row.policy); // A refused action does not use it up.
      for (const action of ACTIONS) await asksOne(server, row, { way, action, kept });
    }
  });
}

async function asksOne(server: GuardedServer, row: Row, of: { way: Way; action: string; kept: Prepared }): Promise<void> {
  const { way, action, kept } = of;
  const expected = row.answers(action);
  const topic = expected === "done" ? await prepared(server, row.policy) : kept;
  const parameters = INPUTS[action]?.(topic);
  assert.ok(parameters !== undefined, action);
  const request = await row.sign(server, { way, action, parameters });
  const before = expected === "done" ? "" : await shown(server, topic);
  const { status, code, text } = await server.send(request);
  // Nobody was sent the token that is shown: whoever asks is told so, and no policy is asked.
  const done = action === "ConfirmSubscription" ? "InvalidParameter" : "";
  assert.equal(code, expected === "done" ? done : expected, `${action} [${way}]: ${status} ${text}`);
  if (expected !== "done") assert.equal(await shown(server, topic), before, `${action} was refused and did something`);
}

let topics = 0;

async function prepared(server: GuardedServer, policy?: readonly object[]): Promise<Prepared> {
  topics += 1;
  const name = `t${topics}`;
  const arn = topicArn(name);
  await own(server, "CreateTopic", { Name: name, "Tags.member.1.Key": "a", "Tags.member.1.Value": "1" });
  const subscribed = await own(server, "Subscribe", { TopicArn: arn, Protocol: "sqs", Endpoint: queueArn("inbox") });
  const subscription = /<SubscriptionArn>([^<]+)</.exec(subscribed)?.[1] ?? assert.fail(subscribed);
  if (policy !== undefined) {
    const AttributeValue = JSON.stringify({ Statement: policy });
    // Last: a policy may deny its owner all that came before.
    await own(server, "SetTopicAttributes", { TopicArn: arn, AttributeName: "Policy", AttributeValue });
  }
  return { name, arn, subscription };
}

/** What the owner's root sees of the topic, whatever its policy denies: attributes and the number of its subscriptions. */
async function shown(server: GuardedServer, { arn }: Prepared): Promise<string> {
  return (await own(server, "GetTopicAttributes", { TopicArn: arn })).replace(/<RequestId>.*<\/RequestId>/, "");
}

async function own(server: GuardedServer, action: string, parameters: Parameters): Promise<string> {
  const { status, text } = await ask(server, OWNER, [action, parameters]);
  assert.equal(status, 200, `${action}: ${text}`);
  return text;
}

async function ask(server: GuardedServer, caller: Caller, [action, parameters]: readonly [string, Parameters]): Promise<Answer> {
  return server.send(await signed(server, { way: "form", action, parameters }, { caller }));
}

function requestOf(server: GuardedServer, { way, action, parameters }: Asked) {
  const { host } = new URL(server.endpoint);
  const query = { Action: action, Version: "2010-03-31", ...parameters };
  if (way === "URL") return { method: "POST", path: "/", query, headers: { host }, body: "" };
  const headers = { host, "content-type": "application/x-www-form-urlencoded" };
  return { method: "POST", path: "/", query: {}, headers, body: new URLSearchParams(query).toString() };
}

async function unsigned(server: GuardedServer, asked: Asked): Promise<Signed> {
  return sent(requestOf(server, asked));
}

async function signed(server: GuardedServer, asked: Asked, { caller, service = "sns" }: { caller: Caller; service?: string }) {
  const request = requestOf(server, asked);
  const { headers } = await server.signRequest(caller, request, { service });
  return sent({ ...request, headers });
}

function sent({ query, ...request }: Signed & { query: Parameters }): Signed {
  const parameters = new URLSearchParams(query).toString();
  return { ...request, path: parameters === "" ? "/" : `/?${parameters}` };
}

test("a subscription is of the account that made it and of the topic's, and of nobody else", { timeout: 20_000 }, async () => {
  covers("sns/3.7-asked");
  await using server = await GuardedServer.start();
  const { arn } = await prepared(server, [{ ...line("Allow", { AWS: STRANGER.accountId }), Action: "sns:Subscribe" }]);
  const made = await ask(server, STRANGER, ["Subscribe", { TopicArn: arn, Protocol: "sqs", Endpoint: queueArn("theirs") }]);
  const SubscriptionArn = /<SubscriptionArn>([^<]+)</.exec(made.text)?.[1] ?? assert.fail(made.text);
  await own(server, "SetTopicAttributes", { TopicArn: arn, AttributeName: "Policy", AttributeValue: "" });

  const may = async (caller: Caller, action: string, more: Parameters = {}) =>
    (await ask(server, caller, [action, { SubscriptionArn, ...more }])).status === 200;
  const raw = { AttributeName: "RawMessageDelivery", AttributeValue: "true" };
  for (const caller of [OWNER, OWN_USER, STRANGER, STRANGE_USER]) {
    assert.ok(await may(caller, "GetSubscriptionAttributes"), arnOf(caller));
    assert.ok(await may(caller, "SetSubscriptionAttributes", raw), arnOf(caller));
  }
  const listed = async (caller: Caller) => (await ask(server, caller, ["ListSubscriptions", {}])).text.includes(SubscriptionArn);
  assert.deepEqual([await listed(STRANGER), await listed(OWNER)], [true, false]);
  assert.ok((await own(server, "ListSubscriptionsByTopic", { TopicArn: arn })).includes(SubscriptionArn));

  const denial = JSON.stringify({ Statement: line("Deny", { AWS: arnOf(STRANGE_USER) }) });
  await own(server, "SetTopicAttributes", { TopicArn: arn, AttributeName: "Policy", AttributeValue: denial });
  assert.ok(!(await may(STRANGE_USER, "Unsubscribe")));
  assert.ok(await may(STRANGER, "Unsubscribe"));
  const gone = await ask(server, STRANGER, ["GetSubscriptionAttributes", { SubscriptionArn }]);
  assert.equal(gone.code, "AuthorizationError", "to another account nothing is like what it may not see");
  const mine = await ask(server, OWNER, ["GetSubscriptionAttributes", { SubscriptionArn }]);
  assert.equal(mine.code, "NotFound");
});
