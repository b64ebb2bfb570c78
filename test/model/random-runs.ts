import fc from "fast-check";
import type { Attributes, BatchIds, Command, HandlePick, Run, Sent } from "./commands.ts";
import { ENTRANCES, type EntranceName } from "./product/entrances.ts";

/** What a run is made of: times and numbers that are small or stand at limits, so that they meet often. */

const QUEUES = ["a", "b"];

const queue = fc.constantFrom(...QUEUES);

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

const change = fc.record({ handle, seconds: often(seconds.hide, -1, 43_201, 43_199) });

const receive = fc.record({
  do: fc.constant("receive" as const),
  queue,
  max: fc.option(often(fc.constantFrom(1, 2, 3, 10), 0, 11), { nil: undefined, freq: 3 }),
  wait: sometimes(often(seconds.wait, -1, 21)),
  hide: sometimes(often(seconds.hide, -1, 43_201)),
  gone: fc.constant(false),
});

const asked: fc.WeightedArbitrary<Command>[] = [
  { weight: 20, arbitrary: fc.record({ do: fc.constant("send" as const), queue, message }) },
  { weight: 10, arbitrary: fc.record({ do: fc.constant("send batch" as const), queue, messages: entries(message), ids }) },
  { weight: 40, arbitrary: receive },
  { weight: 14, arbitrary: fc.record({ do: fc.constant("delete" as const), queue, handle }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant("delete batch" as const), queue, handles: entries(handle), ids }) },
  {
    weight: 14,
    arbitrary: fc.record({ do: fc.constant("change" as const), queue, handle, seconds: often(seconds.hide, -1, 43_201, 43_199) }),
  },
  { weight: 6, arbitrary: fc.record({ do: fc.constant("change batch" as const), queue, changes: entries(change), ids }) },
  { weight: 10, arbitrary: fc.record({ do: fc.constant("look" as const), queue }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant("create" as const), queue, attributes: fc.oneof(attributes, attributes, wrongAttributes) }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant("set" as const), queue, attributes: fc.oneof(attributes, attributes, wrongAttributes) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("remove" as const), queue }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("purge" as const), queue }) },
];

const passing = fc.oneof(
  { weight: 10, arbitrary: fc.constantFrom(1, 500, 999, 1000, 1001, 2000, 5000) },
  { weight: 4, arbitrary: fc.constantFrom(20_000, 30_000, 59_999, 60_000, 60_001, 300_000) },
  { weight: 1, arbitrary: fc.constantFrom(3_600_000, 43_200_000, 86_400_000, 1_209_600_000) },
);

const commands = fc.oneof<fc.WeightedArbitrary<Command>[]>(
  ...asked,
  { weight: 4, arbitrary: receive.map((receive) => ({ ...receive, wait: 0, gone: true })) },
  { weight: 5, arbitrary: fc.array(fc.oneof(...asked), { minLength: 2, maxLength: 5 }).map((commands) => ({ do: "together", commands })) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("leave" as const), which: fc.nat(3) }) },
  { weight: 10, arbitrary: passing.map((ms) => ({ do: "pass", ms })) },
  {
    weight: 20,
    arbitrary: fc.record({ do: fc.constant("pass to event" as const), nth: fc.nat(4), offsetMs: fc.constantFrom(-1, 0, 0, 0, 1) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant("restart" as const), killed: fc.boolean(), downMs: fc.constantFrom(0, 0, 1000, 60_000) }),
  },
);

export interface RandomRun extends Run {
  readonly entrance: EntranceName;
}

/** @param entrances how requests come in; the actions themselves are asked more often than the wire around them. */
export function randomRuns(entrances: readonly EntranceName[] = Object.keys(ENTRANCES) as EntranceName[]): fc.Arbitrary<RandomRun> {
  return fc.record({
    entrance: fc.oneof(...entrances.map((name) => ({ weight: name === "actions" ? 18 : 1, arbitrary: fc.constant(name) }))),
    queues: fc.record({ a: attributes, b: attributes }),
    commands: fc.noBias(fc.array(commands, { minLength: 1, maxLength: 160, size: "max" })),
  });
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
