import assert from "node:assert/strict";
import { covers } from "../../contract/covers.ts";
import type { Logger } from "../../../src/kernel/logger.ts";
import { onTopics, present, queueArn } from "./harness.ts";

onTopics("a raw message is what was published, with its attributes", async ({ sns, topic, queue, subscribe, receive }) => {
  covers("sns/5.6-queue", "sns/5.3-number", "sns/7-trace", "sns/7-sender", "sns/5.4-one-id");
  const TopicArn = await topic();
  const inbox = await queue();
  await subscribe(TopicArn, inbox);
  const MessageAttributes = {
    price: { DataType: "Number.euro", StringValue: "100.0" },
    kinds: { DataType: "String.Array", StringValue: '["a",1]' },
    bytes: { DataType: "Binary", BinaryValue: Uint8Array.of(0, 255) },
  };
  // The client compares the digests of body and attributes with its own.
  const { MessageId } = await sns.publish({ TopicArn, Message: "hëllo", Subject: "lost", MessageAttributes });
  const [received] = await receive(inbox);
  assert.equal(received?.Body, "hëllo");
  assert.match(received.MD5OfMessageAttributes ?? "", /^[0-9a-f]{32}$/);
  assert.deepEqual(
    Object.entries(present(received.MessageAttributes))
      .toSorted(([a], [b]) => a.localeCompare(b, "en"))
      .map(([name, { DataType, StringValue, BinaryValue }]) => [name, DataType, StringValue ?? [...present(BinaryValue)]]),
    [
      ["bytes", "Binary", [0, 255]],
      ["kinds", "String.Array", '["a",1]'],
      ["price", "Number.euro", "100.0"],
    ],
  );
  assert.notEqual(received.MessageId, MessageId);
  assert.equal(received.Attributes?.SenderId, "AIDATOPICNOTIFICATION");
});

onTopics("the trace header of a publish goes with its messages", async ({ sns, topic, queue, subscribe, receive }) => {
  covers("sns/7-trace");
  const TopicArn = await topic();
  const inbox = await queue();
  await subscribe(TopicArn, inbox);
  sns.middlewareStack.add(
    (next) => (args) => {
      (args.request as { headers: Record<string, string> }).headers["X-Amzn-Trace-Id"] = "Root=1-5759e988-bd862e3fe1be46a994272793";
      return next(args);
    },
    { step: "build" },
  );
  await sns.publish({ TopicArn, Message: "x" });
  const [received] = await receive(inbox);
  assert.equal(received?.Attributes?.AWSTraceHeader, "Root=1-5759e988-bd862e3fe1be46a994272793");
});

onTopics("a queue keeps its own delay", async ({ sns, topic, queue, subscribe, bodies, clock }) => {
  covers("sns/7-queue");
  const TopicArn = await topic();
  const inbox = await queue("inbox", { DelaySeconds: "10" });
  await subscribe(TopicArn, inbox);
  await sns.publish({ TopicArn, Message: "later" });
  assert.deepEqual(await bodies(inbox), []);
  clock.advance(10_000);
  assert.deepEqual(await bodies(inbox), ["later"]);
});

onTopics("an envelope stands in the body alone", async ({ sns, topic, queue, subscribe, receive }) => {
  covers("sns/5.4-no-attributes");
  const TopicArn = await topic();
  const inbox = await queue();
  await subscribe(TopicArn, inbox, {});
  await sns.publish({ TopicArn, Message: "hello", MessageAttributes: { a: { DataType: "String", StringValue: "b" } } });
  const [received] = await receive(inbox);
  assert.equal(received?.MessageAttributes, undefined);
  const { Message, TopicArn: from } = JSON.parse(present(received?.Body)) as Record<string, string>;
  assert.deepEqual([Message, from], ["hello", TopicArn]);
});

const logged: string[] = [];
const note = (text: string, fields?: object) => void logged.push(`${text} ${JSON.stringify(fields)}`);
const noting: Logger = { debug() {}, info() {}, warn: note, error: note };

onTopics(
  "what a queue does not take goes to the dead-letter queue or is dropped, and is never kept quiet",
  async ({ sns, sqs, endpoint, topic, queue, subscribe, bodies }) => {
    covers("sns/7-refused", "sns/7-counted", "sns/7-made-again", "sns/8-independent", "sns/9-body", "sns/5.6-ten");
    const TopicArn = await topic();
    const [inbox, dead] = [await queue(), await queue("dead")];
    const redrive = { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: dead.arn }) };
    const gone = await queue("gone");
    await subscribe(TopicArn, gone, { RawMessageDelivery: "true", ...redrive });
    await subscribe(TopicArn, queueArn("never"));
    await subscribe(TopicArn, inbox);
    await sqs.deleteQueue({ QueueUrl: gone.url });
    logged.length = 0;
    await sns.publish({ TopicArn, Message: "one" });
    assert.deepEqual([await bodies(inbox), await bodies(dead)], [["one"], ["one"]]);
    assert.equal(logged.length, 2);
    assert.match(logged[0] ?? "", /^notification sent to its dead-letter queue .*"reason":"gone"/);
    assert.match(logged[1] ?? "", /^notification not delivered .*"endpoint":"arn:aws:sqs:us-east-1:000000000000:never","reason":"gone"/);
    const page = await (await fetch(`${endpoint}/metrics`)).text();
    for (const line of ['outcome="delivered"} 1', 'outcome="dead-lettered"} 1', 'outcome="gone"} 1'])
      assert.ok(page.includes(`millrace_deliveries_total{service="topics",${line}`), line);

    const eleven = Object.fromEntries(Array.from({ length: 11 }, (_, index) => [`a${index}`, { DataType: "String", StringValue: "v" }]));
    await sns.publish({ TopicArn, Message: "too many", MessageAttributes: eleven });
    assert.deepEqual(await bodies(inbox), []);

    await queue("gone");
    await queue("never");
    await sns.publish({ TopicArn, Message: "two" });
    assert.deepEqual([await bodies(gone), await bodies(inbox), await bodies(dead)], [["two"], ["two"], []]);
  },
  { logger: noting },
);

onTopics("a dead-letter queue gets the envelope of a subscription that wants it", async ({ sns, topic, queue, subscribe, bodies }) => {
  covers("sns/9-body");
  const TopicArn = await topic();
  const dead = await queue("dead");
  await subscribe(TopicArn, queueArn("never"), { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: dead.arn }) });
  await sns.publish({ TopicArn, Message: "one" });
  const [body = ""] = await bodies(dead);
  assert.equal((JSON.parse(body) as { Message: string }).Message, "one");
});
