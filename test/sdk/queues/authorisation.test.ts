import assert from "node:assert/strict";
import { test } from "node:test";
import * as sqs from "@aws-sdk/client-sqs";
import { systemClock, manualClock } from "../../../src/kernel/clock.ts";
import { queuesApi } from "../../../src/services/queues/api.ts";
import { OWNER_ONLY_ACTIONS } from "../../../src/services/queues/rules/policy.ts";
import { covers } from "../../contract/covers.ts";
import { arnOf, GuardedServer, OWNER, OWN_USER, STRANGE_USER, STRANGER, type Asked, type Caller, type Signed } from "./callers.ts";

/**
 * Every action that is offered, asked by everybody: who is not, or not rightly, signed in, and who may and may not. An
 * action that is added without a line in `INPUTS` fails here.
 */

/** The contents page is built without what the handlers work with: none of them is called. */
const ACTIONS = Object.keys(queuesApi({} as never).actions);

/** A queue of its owner, with a message in it and a receipt of another. */
interface Prepared {
  readonly name: string;
  readonly url: string;
  readonly arn: string;
  readonly receipt: string;
  /** Of a move task that runs on it; empty where none does. */
  readonly task: string;
}

const INPUTS: Readonly<Record<string, (queue: Prepared) => object>> = {
  CreateQueue: ({ name }) => ({ QueueName: name }),
  DeleteQueue: ({ url }) => ({ QueueUrl: url }),
  GetQueueUrl: ({ name }) => ({ QueueName: name, QueueOwnerAWSAccountId: OWNER.accountId }),
  ListQueues: () => ({}),
  GetQueueAttributes: ({ url }) => ({ QueueUrl: url, AttributeNames: ["All"] }),
  SetQueueAttributes: ({ url }) => ({ QueueUrl: url, Attributes: { DelaySeconds: "1" } }),
  PurgeQueue: ({ url }) => ({ QueueUrl: url }),
  TagQueue: ({ url }) => ({ QueueUrl: url, Tags: { a: "b" } }),
  UntagQueue: ({ url }) => ({ QueueUrl: url, TagKeys: ["a"] }),
  ListQueueTags: ({ url }) => ({ QueueUrl: url }),
  AddPermission: ({ url }) => ({ QueueUrl: url, Label: "new", AWSAccountIds: ["999999999999"], Actions: ["SendMessage"] }),
  RemovePermission: ({ url }) => ({ QueueUrl: url, Label: "old" }),
  SendMessage: ({ url }) => ({ QueueUrl: url, MessageBody: "b" }),
  SendMessageBatch: ({ url }) => ({ QueueUrl: url, Entries: [{ Id: "a", MessageBody: "b" }] }),
  ReceiveMessage: ({ url }) => ({ QueueUrl: url }),
  DeleteMessage: ({ url, receipt }) => ({ QueueUrl: url, ReceiptHandle: receipt }),
  DeleteMessageBatch: ({ url, receipt }) => ({ QueueUrl: url, Entries: [{ Id: "a", ReceiptHandle: receipt }] }),
  ChangeMessageVisibility: ({ url, receipt }) => ({ QueueUrl: url, ReceiptHandle: receipt, VisibilityTimeout: 0 }),
  ChangeMessageVisibilityBatch: ({ url, receipt }) => ({
    QueueUrl: url,
    Entries: [{ Id: "a", ReceiptHandle: receipt, VisibilityTimeout: 0 }],
  }),
  ListDeadLetterSourceQueues: ({ url }) => ({ QueueUrl: url }),
  StartMessageMoveTask: ({ arn }) => ({ SourceArn: arn }),
  ListMessageMoveTasks: ({ arn }) => ({ SourceArn: arn }),
  CancelMessageMoveTask: ({ task }) => ({ TaskHandle: task }),
};

const OLD = { Sid: "old", Effect: "Allow", Principal: { AWS: "999999999999" }, Action: "sqs:GetQueueUrl", Resource: "*" };
const line = (Effect: "Allow" | "Deny", Principal: unknown) => ({ Effect, Principal, Action: "sqs:*", Resource: "*" });
const NO_QUEUE = "AWS.SimpleQueueService.NonExistentQueue";

/** One way of asking, and what every action then answers: `done` or the code of the refusal. */
interface Row {
  readonly who: string;
  /** Statements of the queue's policy. */
  readonly policy?: readonly object[];
  readonly sign: (server: GuardedServer, asked: Asked) => Promise<Signed>;
  readonly answers: (action: string) => string;
  readonly status?: number;
}

const signedBy = (caller: Caller) => (server: GuardedServer, asked: Asked) => server.sign(caller, asked);
const always = (answer: string) => () => answer;

/** What another account is told without a permission. Its own queues it may create and list; those of the owner are not among them. */
const onlyItsOwn = (action: string) =>
  action === "CreateQueue" || action === "ListQueues" ? "done" : action === "GetQueueUrl" ? NO_QUEUE : "AccessDenied";

/** No queue is asked for in ListQueues, so that no queue's policy could deny it. */
const deniedOnQueues = (action: string) => (action === "ListQueues" ? "done" : "AccessDenied");

const ROWS: readonly Row[] = [
  { who: "nobody", sign: async (server, asked) => server.unsigned(asked), answers: always("AccessDenied"), status: 403 },
  {
    who: "nobody, where a policy lets everyone in",
    policy: [line("Allow", "*")],
    sign: async (server, asked) => server.unsigned(asked),
    answers: always("AccessDenied"),
    status: 403,
  },
  {
    who: "a key that is not known",
    sign: (server, asked) => server.sign({ ...OWNER, accessKeyId: "AKIANOBODY" }, asked),
    answers: always("InvalidClientTokenId"),
    status: 403,
  },
  {
    who: "the owner's key with another secret",
    sign: (server, asked) => server.sign({ ...OWNER, secretAccessKey: STRANGER.secretAccessKey }, asked),
    answers: always("SignatureDoesNotMatch"),
    status: 403,
  },
  {
    who: "the owner, with a body that was changed on the way",
    async sign(server, asked) {
      const signed = await server.sign(OWNER, asked);
      return { ...signed, body: asked.protocol === "JSON" ? `${signed.body} ` : `${signed.body}&x=y` };
    },
    answers: always("SignatureDoesNotMatch"),
    status: 403,
  },
  // What S3 takes for uploads would leave the body of an action unsigned.
  ...["UNSIGNED-PAYLOAD", "STREAMING-UNSIGNED-PAYLOAD-TRAILER", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"].map((contentSha256) => ({
    who: `the owner, whose signature covers ${contentSha256}`,
    sign: (server: GuardedServer, asked: Asked) => server.sign(OWNER, asked, { contentSha256 }),
    answers: always("IncompleteSignature"),
    status: 400,
  })),
  {
    who: "the owner, signed for another service",
    sign: (server, asked) => server.sign(OWNER, asked, { service: "sns" }),
    answers: always("IncompleteSignature"),
    status: 400,
  },
  {
    who: "the owner twice, in a header and in the query string",
    async sign(server, asked) {
      const signed = await server.sign(OWNER, asked);
      return { ...signed, path: "/?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=0" };
    },
    answers: always("IncompleteSignature"),
    status: 400,
  },
  {
    who: "the owner, replayed after 15 minutes",
    async sign(server, asked) {
      const signed = await server.sign(OWNER, asked);
      server.clock.advance(901_000);
      return signed;
    },
    answers: always("RequestExpired"),
    status: 400,
  },
  {
    who: "the owner, signed 15 minutes ahead",
    sign: (server, asked) => server.sign(OWNER, asked, { aheadMs: 901_000 }),
    answers: always("RequestExpired"),
    status: 400,
  },
  { who: "the owner", policy: [OLD], sign: signedBy(OWNER), answers: always("done") },
  { who: "a user of the owner's account", policy: [OLD], sign: signedBy(OWN_USER), answers: always("done") },
  {
    who: "a user of the owner's account whom the policy denies",
    policy: [OLD, line("Deny", { AWS: arnOf(OWN_USER) }), line("Allow", { AWS: OWNER.accountId })],
    sign: signedBy(OWN_USER),
    answers: deniedOnQueues,
  },
  {
    who: "the owner, whom the policy denies as it denies everyone",
    policy: [OLD, line("Deny", "*")],
    sign: signedBy(OWNER),
    answers: (action) =>
      ["GetQueueAttributes", "SetQueueAttributes", "RemovePermission"].includes(action) ? "done" : deniedOnQueues(action),
  },
  { who: "another account", sign: signedBy(STRANGER), answers: onlyItsOwn },
  { who: "a user of another account, where its policy is about a third", policy: [OLD], sign: signedBy(STRANGE_USER), answers: onlyItsOwn },
  {
    who: "another account, allowed by the policy",
    policy: [OLD, line("Allow", { AWS: STRANGER.accountId })],
    sign: signedBy(STRANGER),
    answers: (action) => (OWNER_ONLY_ACTIONS.includes(action) ? onlyItsOwn(action) : "done"),
  },
  {
    who: "a user of another account, allowed by the policy",
    policy: [OLD, line("Allow", { AWS: arnOf(STRANGE_USER) })],
    sign: signedBy(STRANGE_USER),
    answers: (action) => (OWNER_ONLY_ACTIONS.includes(action) ? onlyItsOwn(action) : "done"),
  },
  {
    who: "the root of another account, of which the policy allows a user",
    policy: [OLD, line("Allow", { AWS: arnOf(STRANGE_USER) })],
    sign: signedBy(STRANGER),
    answers: onlyItsOwn,
  },
  {
    who: "another account, where the policy allows everyone",
    policy: [OLD, line("Allow", "*")],
    sign: signedBy(STRANGER),
    answers: (action) => (OWNER_ONLY_ACTIONS.includes(action) ? onlyItsOwn(action) : "done"),
  },
  {
    who: "another account, allowed and denied by the policy",
    policy: [OLD, line("Allow", "*"), line("Deny", { AWS: STRANGER.accountId })],
    sign: signedBy(STRANGER),
    answers: onlyItsOwn,
  },
];

test("the matrix has a line for every action that is offered", () => {
  assert.deepEqual(
    ACTIONS.filter((action) => INPUTS[action] === undefined),
    [],
    "give INPUTS (test/sdk/queues/authorisation.test.ts) a line",
  );
});

for (const row of ROWS) {
  for (const protocol of ["JSON", "Query"] as const) {
    test(`asked by ${row.who} [${protocol}]`, { timeout: 60_000 }, async () => {
      covers("sqs/1.3-policy-denies", "sqs/1.3-owner-only", "sqs/1.3-no-credentials", "sqs/1.3-unknown-key");
      covers("sqs/1.3-wrong-signature", "sqs/1.3-clock-window", "sqs/1.3-signing-scope", "sqs/3.3-other-owner");
      await using server = await GuardedServer.start();
      for (const action of ACTIONS) await asksOne(server, row, { protocol, action });
    });
  }
}

/** A queue for each case: the action may use it up. */
async function asksOne(server: GuardedServer, row: Row, { protocol, action }: Pick<Asked, "protocol" | "action">): Promise<void> {
  const queue = await prepared(server, row.policy, { moving: action === "CancelMessageMoveTask" });
  const input = INPUTS[action]?.(queue);
  assert.ok(input !== undefined, action);
  const signed = await row.sign(server, { protocol, action, input });
  const expected = row.answers(action);
  const before = expected === "done" ? undefined : await shown(server, queue);
  const { status, code, text } = await server.send(signed);
  assert.equal(code === "" ? "done" : code, expected, `${action}: ${status} ${text}`);
  if (row.status !== undefined) assert.equal(status, row.status, action);
  assert.equal(status === 200, expected === "done", `${action}: ${status} ${text}`);
  if (expected === "done") assert.doesNotMatch(text, /Failed|BatchResultErrorEntry/, action);
  else assert.deepEqual(await shown(server, queue), before, `${action} was refused and did something`);
  if (row.answers("GetQueueUrl") === NO_QUEUE)
    assert.doesNotMatch(text, new RegExp(`${OWNER.accountId}/`), `${action} names the owner's queue`);
}

let queues = 0;

/** @param options `moving`: a move task runs on it. */
async function prepared(server: GuardedServer, policy?: readonly object[], { moving } = { moving: false }): Promise<Prepared> {
  queues += 1;
  const name = `q${queues}`;
  const own = (action: string, input: object) => server.output(OWNER, action, input);
  const { QueueUrl: url } = (await own("CreateQueue", { QueueName: name, tags: { a: "1" } })) as { QueueUrl: string };
  for (const MessageBody of ["m1", "m2"]) await own("SendMessage", { QueueUrl: url, MessageBody });
  const { Messages } = (await own("ReceiveMessage", { QueueUrl: url })) as { Messages: { ReceiptHandle: string }[] };
  const arn = `arn:aws:sqs:us-east-1:${OWNER.accountId}:${name}`;
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: arn, maxReceiveCount: 1 });
  await own("CreateQueue", { QueueName: `${name}-source`, Attributes: { RedrivePolicy } });
  const started = moving ? await own("StartMessageMoveTask", { SourceArn: arn }) : {};
  const { TaskHandle: task = "" } = started as { TaskHandle?: string };
  // Last: a policy may deny its owner all that came before.
  if (policy !== undefined) {
    await own("SetQueueAttributes", { QueueUrl: url, Attributes: { Policy: JSON.stringify({ Statement: policy }) } });
  }
  return { name, url, arn, receipt: Messages[0]?.ReceiptHandle ?? "", task };
}

/** What the owner sees of the queue: settings, counts, and whether it is there at all. */
async function shown(server: GuardedServer, { url }: Prepared): Promise<object> {
  return await server.output(OWNER, "GetQueueAttributes", { QueueUrl: url, AttributeNames: ["All"] });
}

test("a move task needs more than the permission to begin it", { timeout: 20_000 }, async () => {
  covers("sqs/1.3-policy-denies");
  await using server = await GuardedServer.start();
  const deny = (Action: string) => ({ ...line("Deny", { AWS: arnOf(OWN_USER) }), Action });
  const start = async (policy: readonly object[], destination?: Prepared) => {
    const { arn } = await prepared(server, policy);
    const input = { SourceArn: arn, ...(destination === undefined ? {} : { DestinationArn: destination.arn }) };
    return (await server.ask(OWN_USER, { protocol: "JSON", action: "StartMessageMoveTask", input })).code;
  };
  for (const action of ["StartMessageMoveTask", "ReceiveMessage", "DeleteMessage"]) {
    assert.equal(await start([deny(`sqs:${action}`)]), "AccessDenied", action);
  }
  assert.equal(await start([deny("sqs:PurgeQueue")]), "");
  assert.equal(await start([OLD], await prepared(server, [deny("sqs:SendMessage")])), "AccessDenied");
  assert.equal(await start([OLD], await prepared(server, [deny("sqs:ReceiveMessage")])), "");
});

test("who may not receive from a queue may not look into it", { timeout: 20_000 }, async () => {
  await using server = await GuardedServer.start();
  const queue = await prepared(server, [line("Deny", { AWS: arnOf(OWN_USER) }), line("Allow", { AWS: STRANGER.accountId })]);
  const pages = [
    `/_millrace/queues/${OWNER.accountId}/${queue.name}/messages`,
    `/_aws/sqs/messages/us-east-1/${OWNER.accountId}/${queue.name}`,
  ];
  for (const page of pages) {
    for (const caller of [OWN_USER, STRANGER, STRANGE_USER]) {
      const { status, text } = await server.page(caller, page);
      assert.deepEqual([status, text.includes("m1")], [403, false], `${arnOf(caller)} ${page} ${text}`);
    }
    const { status, text } = await server.page(OWNER, page);
    assert.deepEqual([status, text.includes("m2"), text.includes("asker")], [200, true, false], text);
  }
});

test("AWS's own client works for whoever may, and is told AccessDenied otherwise", { timeout: 20_000 }, async () => {
  covers("sqs/1.3-policy-denies");
  await using server = await GuardedServer.start(manualClock(systemClock().nowMs()));
  const client = (credentials: Caller) =>
    new sqs.SQSClient({ endpoint: server.endpoint, region: "us-east-1", credentials, maxAttempts: 1 });
  const [owner, stranger] = [client(OWNER), client(STRANGER)];
  const { QueueUrl } = await owner.send(new sqs.CreateQueueCommand({ QueueName: "orders" }));
  const send = () => stranger.send(new sqs.SendMessageCommand({ QueueUrl, MessageBody: "b" }));
  await assert.rejects(send(), { name: "AccessDenied", message: /^User: arn:aws:iam::111111111111:root is not authorized to perform/ });
  const permission = { QueueUrl, Label: "partner", AWSAccountIds: [STRANGER.accountId], Actions: ["SendMessage"] };
  await owner.send(new sqs.AddPermissionCommand(permission));
  await send();
  const { Messages } = await owner.send(new sqs.ReceiveMessageCommand({ QueueUrl, MessageSystemAttributeNames: ["SenderId"] }));
  assert.deepEqual(Messages?.[0]?.Attributes, { SenderId: STRANGER.accountId });
  await owner.send(new sqs.RemovePermissionCommand({ QueueUrl, Label: "partner" }));
  await assert.rejects(send(), { name: "AccessDenied" });
  for (const each of [owner, stranger]) each.destroy();
});
