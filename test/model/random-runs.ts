import fc from "fast-check";
import type { Attributes, BatchIds, Command, HandlePick, Run, Sent } from "./commands.ts";
import { ENTRANCES, type EntranceName } from "./product/entrances.ts";

/** What a run is made of: times and numbers that are small or stand at limits, so that they meet often. */

const seconds = {
  delay: fc.constantFrom(0, 0, 1, 2, 5, 900),
  hide: fc.constantFrom(0, 1, 2, 5, 30, 60, 43_200),
  wait: fc.constantFrom(0, 0, 1, 2, 5, 20),
};

const attributes: fc.Arbitrary<Attributes> = fc
  .record(
    {
      VisibilityTimeout: fc.constantFrom("0", "1", "2", "5", "30", "43200"),
      DelaySeconds: fc.constantFrom("0", "0", "1", "5"),
      MessageRetentionPeriod: fc.constantFrom("60", "61", "120", "3600", "1209600"),
      ReceiveMessageWaitTimeSeconds: fc.constantFrom("0", "1", "5"),
      MaximumMessageSize: fc.constantFrom("1024", "1048576"),
    },
    { requiredKeys: [] },
  )
  .map((chosen) => chosen as Attributes);

const fifoAttributes: fc.Arbitrary<Attributes> = fc
  .record(
    { ContentBasedDeduplication: fc.constantFrom("true", "true", "false"), DeduplicationScope: fc.constantFrom("queue", "messageGroup") },
    { requiredKeys: [] },
  )
  .chain((chosen) => attributes.map((others) => ({ ...others, ...(chosen as Attributes) })));

const attributesOf = (queue: string) => (queue.endsWith(".fifo") ? fifoAttributes : attributes);

const arnOf = (queue: string) => `arn:aws:sqs:us-east-1:000000000000:${queue}`;

/** Policies for a queue in the company of these, by which messages go from one to another. */
function redriving(queue: string, queues: readonly string[]): fc.Arbitrary<Attributes> {
  const dead = queues.find((name) => name.startsWith("dead")) ?? "dead";
  const others = [...queues, "nowhere", queue.endsWith(".fifo") ? "a" : "c.fifo"].map(arnOf);
  const arn =
    queue === dead ? fc.constantFrom(...others) : often(fc.constant(arnOf(dead)), ...others, "x", "arn:aws:sns:us-east-1:000000000000:a");
  const count = often(fc.constantFrom<number | string>(1, 2, "3"), 0, 1001, "many");
  const policy = often(
    fc.record({ deadLetterTargetArn: arn, maxReceiveCount: count }).map((policy) => JSON.stringify(policy)),
    "",
    "[]",
    '{"maxReceiveCount":1}',
  );
  const permission = often(fc.constantFrom("allowAll", "denyAll"), "some");
  const byQueue = fc.subarray(queues.map(arnOf)).map((sourceQueueArns) => ({ redrivePermission: "byQueue", sourceQueueArns }));
  const allow = fc.oneof(fc.record({ redrivePermission: permission }), byQueue).map((policy) => JSON.stringify(policy));
  return fc.oneof(
    { weight: 8, arbitrary: policy.map((RedrivePolicy) => ({ RedrivePolicy })) },
    { weight: 1, arbitrary: allow.map((RedriveAllowPolicy) => ({ RedriveAllowPolicy })) },
    { weight: 1, arbitrary: fc.constant({ RedriveAllowPolicy: "" }) },
  );
}

/** How a queue is set up that is there from the start: one that gives up does, where the run has a dead-letter queue. */
function atFirst(queue: string, queues: readonly string[]): fc.Arbitrary<Attributes> {
  const dead = queues.find((name) => name.startsWith("dead"));
  if (dead === undefined || queue === dead) return attributesOf(queue);
  const policies = fc
    .constantFrom(1, 1, 2, 3)
    .map((maxReceiveCount) => JSON.stringify({ deadLetterTargetArn: arnOf(dead), maxReceiveCount }));
  return attributesOf(queue).chain((others) => policies.map((RedrivePolicy) => ({ ...others, RedrivePolicy })));
}

const wrongAttributes: fc.Arbitrary<Attributes> = fc.constantFrom<Attributes>(
  { DelaySeconds: "901" },
  { VisibilityTimeout: "-1" },
  { MessageRetentionPeriod: "59" },
  { VisibilityTimeout: "5", MaximumMessageSize: "1.5" },
  { Nonsense: "1" },
);

const body = often(fc.constantFrom("m", "n", "o", "p"), "ü€😀\t\r\n<&>\"'", "x".repeat(1024), "x".repeat(1025), "", "\u0001", "\uFFFF");
const group = often(fc.constantFrom("g1", "g2", "g3"), "", "a b", "x".repeat(128), "x".repeat(129));
const messageAttributes = fc.constantFrom<NonNullable<Sent["MessageAttributes"]>>(
  { Foo: { DataType: "String", StringValue: "Bar" } },
  { "b.c": { DataType: "Number.int", StringValue: "-1.50" }, a: { DataType: "Binary.x", BinaryValue: Uint8Array.of(0, 255, 13) } },
);
const traceHeader = fc.constant({ AWSTraceHeader: { DataType: "String", StringValue: "Root=1" } });

const message: fc.Arbitrary<Sent> = fc
  .record({
    MessageBody: body,
    DelaySeconds: sometimes(often(seconds.delay, -1, 901)),
    MessageGroupId: seldom(group),
    MessageAttributes: seldom(messageAttributes),
    MessageSystemAttributes: seldom(traceHeader),
    MessageDeduplicationId: seldom(seldom(fc.constant("d"))),
  })
  .map(withoutUndefined);

const orderedMessage: fc.Arbitrary<Sent> = fc
  .record({
    MessageBody: body,
    DelaySeconds: seldom(seldom(fc.constantFrom(0, 1, 901))),
    MessageGroupId: often(fc.constantFrom<string | undefined>("g1", "g2", "g3"), undefined, "a b"),
    MessageAttributes: seldom(messageAttributes),
    MessageSystemAttributes: seldom(traceHeader),
    MessageDeduplicationId: fc.oneof(
      { weight: 12, arbitrary: fc.nat(200).map((n) => `d${n}`) },
      { weight: 6, arbitrary: fc.constantFrom("d1", "d2", "d3") },
      { weight: 4, arbitrary: fc.constant(undefined) },
      { weight: 1, arbitrary: fc.constantFrom("", "a b") },
    ),
  })
  .map(withoutUndefined);

const handle: fc.Arbitrary<HandlePick> = fc.oneof(
  { weight: 20, arbitrary: fc.record({ of: fc.constant("queue" as const), nth: fc.nat(3) }) },
  { weight: 6, arbitrary: fc.record({ of: fc.constant("queue" as const), nth: fc.nat(30) }) },
  { weight: 2, arbitrary: fc.record({ of: fc.constant("any" as const), nth: fc.nat(10) }) },
  { weight: 1, arbitrary: fc.record({ of: fc.constant("nothing" as const), text: fc.constantFrom("x", "AQAA".repeat(11), "ü") }) },
);

const ids: fc.Arbitrary<BatchIds> = often(fc.constant<BatchIds>("distinct"), "repeated", "malformed");

/** Up to ten entries; now and then none, or one too many. */
function entries<T>(entry: fc.Arbitrary<T>): fc.Arbitrary<T[]> {
  return fc.oneof(
    { weight: 30, arbitrary: fc.array(entry, { minLength: 1, maxLength: 4 }) },
    { weight: 10, arbitrary: fc.array(entry, { minLength: 5, maxLength: 10 }) },
    { weight: 1, arbitrary: fc.array(entry, { minLength: 0, maxLength: 0 }) },
    { weight: 1, arbitrary: fc.array(entry, { minLength: 11, maxLength: 11 }) },
  );
}

const changedSeconds = often(seconds.hide, -1, 43_201, 43_199);
const change = fc.record({ handle, seconds: changedSeconds });

/** Asked of a standard queue now and then: it is refused. */
const attemptOf = (queue: string) =>
  queue.endsWith(".fifo")
    ? fc.oneof(
        { weight: 10, arbitrary: fc.constant(undefined) },
        { weight: 10, arbitrary: fc.constantFrom("t1", "t1", "t1", "t2") },
        { weight: 1, arbitrary: fc.constantFrom("", "a b", "x".repeat(128), "x".repeat(129)) },
      )
    : fc.oneof({ weight: 40, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fc.constant("t1") });

/** One of the queues, and what is asked of it. What draws that is made once for each queue: to make it takes longer than to draw. */
function atOneOf<T>(names: readonly string[], asked: (name: string) => fc.Arbitrary<T>): fc.Arbitrary<T> {
  return fc.constantFrom(...names.map(asked)).chain((arbitrary) => arbitrary);
}

const receiveFrom = (names: readonly string[]) =>
  atOneOf(names, (name) =>
    fc.record({
      do: fc.constant("receive" as const),
      queue: fc.constant(name),
      max: fc.option(often(fc.constantFrom(1, 2, 3, 10), 0, 11), { nil: undefined, freq: 3 }),
      wait: sometimes(often(seconds.wait, -1, 21)),
      hide: sometimes(often(seconds.hide, -1, 43_201)),
      attempt: attemptOf(name),
      gone: fc.constant(false),
    }),
  );

/** Requests to these queues. */
function requests(names: readonly string[]): fc.WeightedArbitrary<Command>[] {
  const queue = fc.constantFrom(...names);
  const messageTo = (name: string) => (name.endsWith(".fifo") ? orderedMessage : message);
  const send = atOneOf(names, (name) =>
    fc.record({ do: fc.constant("send" as const), queue: fc.constant(name), message: messageTo(name) }),
  );
  const sendBatch = atOneOf(names, (name) =>
    fc.record({ do: fc.constant("send batch" as const), queue: fc.constant(name), messages: entries(messageTo(name)), ids }),
  );
  const settings = (what: "create" | "set") =>
    atOneOf(names, (name) => {
      const chosen = names.some((name) => name.startsWith("dead"))
        ? fc.oneof(attributesOf(name), redriving(name, names))
        : attributesOf(name);
      return fc.record({ do: fc.constant(what), queue: fc.constant(name), attributes: fc.oneof(chosen, chosen, wrongAttributes) });
    });
  return [
    { weight: 20, arbitrary: send },
    { weight: 10, arbitrary: sendBatch },
    { weight: 40, arbitrary: receiveFrom(names) },
    { weight: 14, arbitrary: fc.record({ do: fc.constant("delete" as const), queue, handle }) },
    { weight: 6, arbitrary: fc.record({ do: fc.constant("delete batch" as const), queue, handles: entries(handle), ids }) },
    { weight: 14, arbitrary: fc.record({ do: fc.constant("change" as const), queue, handle, seconds: changedSeconds }) },
    { weight: 6, arbitrary: fc.record({ do: fc.constant("change batch" as const), queue, changes: entries(change), ids }) },
    { weight: 10, arbitrary: fc.record({ do: fc.constant("look" as const), queue }) },
    { weight: 3, arbitrary: settings("create") },
    { weight: 5, arbitrary: settings("set") },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("remove" as const), queue }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant("purge" as const), queue }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("sources" as const), queue, max: fc.constantFrom(undefined, 1, 2, 0, 1001) }) },
  ];
}

const passing = fc.oneof(
  { weight: 10, arbitrary: fc.constantFrom(1, 500, 999, 1000, 1001, 2000, 5000) },
  { weight: 4, arbitrary: fc.constantFrom(20_000, 30_000, 59_999, 60_000, 60_001, 300_000) },
  { weight: 1, arbitrary: fc.constantFrom(3_600_000, 43_200_000, 86_400_000, 1_209_600_000) },
);

function commandsFor(queues: readonly string[]): fc.Arbitrary<Command> {
  const asked = requests(queues);
  const gone = receiveFrom(queues).map((receive) => ({ ...receive, wait: 0, gone: true }));
  const together = fc.array(fc.oneof(...asked), { minLength: 2, maxLength: 5 });
  return fc.oneof<fc.WeightedArbitrary<Command>[]>(
    ...asked,
    { weight: 4, arbitrary: gone },
    { weight: 5, arbitrary: together.map((commands) => ({ do: "together", commands })) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant("leave" as const), which: fc.nat(3) }) },
    { weight: 10, arbitrary: passing.map((ms) => ({ do: "pass", ms })) },
    {
      weight: 20,
      arbitrary: fc.record({ do: fc.constant("pass to event" as const), nth: fc.nat(4), offsetMs: fc.constantFrom(-1, 0, 0, 0, 1) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant("restart" as const), killed: fc.boolean(), downMs: fc.constantFrom(0, 0, 1000, 60_000) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant("kill in receive" as const),
        queue: fc.constantFrom(...queues),
        max: fc.constantFrom(1, 10),
        hide: fc.constantFrom(0, 2),
      }),
    },
  );
}

export interface RandomRun extends Run {
  readonly entrance: EntranceName;
}

/** Queues that a run has. */
const QUEUES = [
  ["a", "b"],
  ["c.fifo", "d.fifo"],
  ["c.fifo"],
  ["a", "c.fifo"],
  ["dead", "a"],
  ["dead", "a", "b"],
  ["dead.fifo", "c.fifo"],
  ["dead.fifo", "c.fifo", "d.fifo"],
];

/** @param entrances how requests come in; the actions themselves are asked more often than the wire around them. */
export function randomRuns(entrances: readonly EntranceName[] = Object.keys(ENTRANCES) as EntranceName[]): fc.Arbitrary<RandomRun> {
  const entrance = fc.oneof(...entrances.map((name) => ({ weight: name === "actions" ? 18 : 1, arbitrary: fc.constant(name) })));
  return fc.oneof(
    ...QUEUES.map((names) =>
      fc.record({
        entrance,
        queues: fc.record(Object.fromEntries(names.map((name) => [name, atFirst(name, names)]))),
        commands: fc.noBias(fc.array(commandsFor(names), { minLength: 1, maxLength: 500, size: "max" })),
      }),
    ),
  );
}

function often<T>(usual: fc.Arbitrary<T>, ...others: T[]): fc.Arbitrary<T> {
  return fc.oneof({ weight: 12 * others.length, arbitrary: usual }, { weight: others.length, arbitrary: fc.constantFrom(...others) });
}

function sometimes<T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.option(value, { nil: undefined, freq: 1 });
}

function seldom<T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.oneof({ weight: 5, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value });
}

function withoutUndefined(members: object): Sent {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as unknown as Sent;
}
