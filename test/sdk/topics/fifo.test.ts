import assert from "node:assert/strict";
import { MINUTE_MS } from "../../../src/kernel/units.ts";
import { covers } from "../../contract/covers.ts";
import { onTopics, present, queueArn, refusal, type Scene } from "./harness.ts";

const message = async (call: Promise<unknown>) => (await refusal(call)).message;

async function saying({ sns, topic }: Scene, attributes: Record<string, string> = {}) {
  const TopicArn = await topic("news.fifo", attributes);
  const say = (Message: string, MessageGroupId?: string, MessageDeduplicationId?: string) =>
    sns.publish({ TopicArn, Message, MessageGroupId, MessageDeduplicationId });
  return { TopicArn, say };
}

onTopics("a message of a FIFO topic needs a group, and something to be told by", async (scene) => {
  covers("sns/5.1-group-missing", "sns/5.1-dedup-missing", "sns/5.1-id-form", "sns/5.1-answer");
  const { say, TopicArn } = await saying(scene);
  const group = "Invalid parameter: The MessageGroupId parameter is required for FIFO topics";
  const dedup =
    "Invalid parameter: The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly";
  assert.equal(await message(say("x", undefined, "d")), group);
  assert.equal(await message(say("x", "g")), dedup);
  const batch = (entry: object) => scene.sns.publishBatch({ TopicArn, PublishBatchRequestEntries: [{ Id: "a", Message: "x", ...entry }] });
  assert.equal(await message(batch({})), group);
  assert.equal(await message(batch({ MessageGroupId: "g" })), dedup);
  for (const id of ["a b", "x".repeat(129)]) assert.equal((await refusal(say("x", "g", id))).code, "InvalidParameter");
  const { SequenceNumber } = await say("x", "g", "d");
  assert.match(present(SequenceNumber), /^\d{20}$/);
});

onTopics("every FIFO queue sees a group in the order of its publishing", async (scene) => {
  covers("sns/8-order", "sns/8-queue", "sns/5.4-fifo");
  const { say, TopicArn } = await saying(scene);
  const { queue, subscribe, receive, sns } = scene;
  const [one, two] = [await queue("one.fifo"), await queue("two.fifo")];
  await subscribe(TopicArn, one);
  await subscribe(TopicArn, two, {});
  const { SequenceNumber: first } = await say("a", "g", "d1");
  const entries = ["b", "c"].map((Id) => ({ Id, Message: Id, MessageGroupId: "g", MessageDeduplicationId: Id }));
  const { Successful } = await sns.publishBatch({ TopicArn, PublishBatchRequestEntries: entries });
  const sequences = [first, ...present(Successful).map(({ SequenceNumber }) => SequenceNumber)];
  for (const [index, sequence] of sequences.slice(1).entries()) assert.ok(present(sequence) > present(sequences[index]));
  const raw = await receive(one);
  assert.deepEqual(
    raw.map(({ Body, Attributes }) => [Body, Attributes?.MessageGroupId, Attributes?.MessageDeduplicationId]),
    [
      ["a", "g", "d1"],
      ["b", "g", "b"],
      ["c", "g", "c"],
    ],
  );
  for (const { Attributes } of raw) assert.match(Attributes?.SequenceNumber ?? "", /^\d{20}$/);
  const envelopes = (await receive(two)).map(({ Body }) => JSON.parse(present(Body)) as Record<string, string>);
  assert.deepEqual(
    envelopes.map(({ Message }) => Message),
    ["a", "b", "c"],
  );
  assert.deepEqual(
    envelopes.map(({ SequenceNumber }) => SequenceNumber),
    sequences,
  );
  for (const { Signature, SignatureVersion, SigningCertURL, UnsubscribeURL } of envelopes) {
    assert.deepEqual([Signature, SignatureVersion, SigningCertURL], [undefined, undefined, undefined]);
    assert.ok(UnsubscribeURL !== undefined);
  }
});

onTopics("a duplicate is answered as the first was, whatever its group, for five minutes", async (scene) => {
  covers("sns/8-duplicate", "sns/8-other-group", "sns/8-standard-queue", "sns/8-filtered");
  const { say, TopicArn } = await saying(scene);
  const { queue, subscribe, receive, bodies, clock } = scene;
  const [ordered, plain] = [await queue("a.fifo"), await queue("a")];
  const first = await say("nobody hears", "g", "d1");
  await subscribe(TopicArn, ordered);
  await subscribe(TopicArn, plain);
  for (const group of ["g", "h"]) {
    const { MessageId, SequenceNumber } = await say("again", group, "d1");
    assert.deepEqual([MessageId, SequenceNumber], [first.MessageId, first.SequenceNumber]);
  }
  assert.deepEqual([await bodies(ordered), await bodies(plain)], [[], []]);
  clock.advance(5 * MINUTE_MS);
  assert.notEqual((await say("heard", "g", "d1")).MessageId, first.MessageId);
  assert.deepEqual(await bodies(ordered), ["heard"]);
  const [received] = await receive(plain);
  assert.deepEqual([received?.Body, received?.Attributes?.MessageGroupId], ["heard", undefined]);
});

onTopics("with a throughput scope of message groups another group is another message", async (scene) => {
  covers("sns/8-per-group");
  const { say } = await saying(scene, { FifoThroughputScope: "MessageGroup" });
  const first = await say("x", "g", "d1");
  assert.notEqual((await say("x", "h", "d1")).MessageId, first.MessageId);
  assert.equal((await say("x", "g", "d1")).MessageId, first.MessageId);
});

onTopics("an id made of the content is its digest, also in the queue", async (scene) => {
  covers("sns/8-content");
  const { say, TopicArn } = await saying(scene, { ContentBasedDeduplication: "true" });
  const inbox = await scene.queue("a.fifo");
  await scene.subscribe(TopicArn, inbox);
  await say("Test", "g");
  await say("Test", "g", "explicit");
  const received = await scene.receive(inbox);
  assert.deepEqual(
    received.map(({ Attributes }) => Attributes?.MessageDeduplicationId),
    ["532eaabd9574880dbf76b9b8cc00832c20a6ec113d682299550d7a6e0f345e25", "explicit"],
  );
});

onTopics("a FIFO dead-letter queue gets the message with its group and deduplication id", async (scene) => {
  covers("sns/9-fifo");
  const { say, TopicArn } = await saying(scene);
  const dead = await scene.queue("dead.fifo");
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: dead.arn });
  await scene.subscribe(TopicArn, queueArn("never.fifo"), { RawMessageDelivery: "true", RedrivePolicy });
  await say("x", "g", "d1");
  const [received] = await scene.receive(dead);
  assert.deepEqual([received?.Body, received?.Attributes?.MessageGroupId, received?.Attributes?.MessageDeduplicationId], ["x", "g", "d1"]);
});
