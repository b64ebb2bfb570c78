import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { covers } from "../../contract/covers.ts";
import { arnOf, giveUp, makePair, redrivePolicy } from "./dead-letters.ts";
import { onBothProtocols } from "./harness.ts";

onBothProtocols("a message that was received too often is found in the dead-letter queue, the same message, counted on", async (scene) => {
  covers("sqs/7.2-moves-on-receive", "sqs/7.2-count-continues", "sqs/7.2-kept", "sqs/5.1-dead-letter-source");
  const { call, clock, receive } = scene;
  const { orders, dead } = await makePair(scene);
  const attribute = { DataType: "String", StringValue: "v" };
  const { MessageId } = await call("SendMessage", {
    QueueUrl: orders,
    MessageBody: "poison",
    MessageGroupId: "tenant",
    MessageAttributes: { k: attribute },
    MessageSystemAttributes: { AWSTraceHeader: { DataType: "String", StringValue: "Root=1-5759e988-bd862e3fe1be46a994272793" } },
  });
  const [first] = await receive(orders);
  assert.equal(first?.Attributes?.DeadLetterQueueSourceArn, undefined);
  clock.advance(30_000);
  assert.deepEqual(await receive(dead), [], "until somebody asks the source");
  assert.deepEqual(await receive(orders), []);
  clock.advance(1000);
  const [moved] = await receive(dead);
  assert.equal(moved?.MessageId, MessageId);
  assert.equal(moved?.Body, "poison");
  assert.equal(moved?.MessageAttributes?.["k"]?.StringValue, "v");
  assert.deepEqual(moved?.Attributes, { ...first?.Attributes, ApproximateReceiveCount: "2", DeadLetterQueueSourceArn: arnOf("orders") });
});

onBothProtocols("a receive gets what stands behind messages that are given up", async (scene) => {
  covers("sqs/7.2-moves-on-receive");
  const { bodies, send } = scene;
  const { orders, dead } = await makePair(scene, 2);
  await send(orders, "bad 1", "bad 2");
  for (let receives = 0; receives < 2; receives += 1) await bodies(orders, { VisibilityTimeout: 0 });
  await send(orders, "good");
  assert.deepEqual(await bodies(orders), ["good"]);
  assert.deepEqual(await bodies(dead), ["bad 1", "bad 2"]);
});

onBothProtocols("a move wakes who waits on the dead-letter queue, without that queue's delay", async (scene) => {
  covers("sqs/7.2-wakes-and-keeps", "sqs/7.2-no-delay", "sqs/5.1-wake-dead-letter");
  const { call, bodies } = scene;
  const { orders, dead } = await makePair(scene);
  await call("SetQueueAttributes", { QueueUrl: dead, Attributes: { DelaySeconds: "900" } });
  const waiting = bodies(dead, { WaitTimeSeconds: 20 });
  for (let turn = 0; turn < 5; turn += 1) {
    await call("ListQueueTags", { QueueUrl: dead });
    await setImmediate();
  }
  await giveUp(scene, orders, "poison");
  assert.deepEqual(await waiting, ["poison"]);
});

onBothProtocols("retention counts from the send, not from the move", async (scene) => {
  covers("sqs/7.2-retention");
  const { call, clock, send, receive, bodies } = scene;
  const { orders, dead } = await makePair(scene);
  await call("SetQueueAttributes", { QueueUrl: dead, Attributes: { MessageRetentionPeriod: "60" } });
  await send(orders, "m");
  await receive(orders);
  clock.advance(40_000);
  await receive(orders);
  clock.advance(20_000);
  assert.deepEqual(await bodies(dead), []);
});

onBothProtocols("where the dead-letter queue is gone the policy stays, and the message is delivered", async (scene) => {
  covers("sqs/7.2-target-deleted", "sqs/3.2-sources-keep-policy");
  const { call, send, bodies } = scene;
  const { orders, dead } = await makePair(scene);
  await send(orders, "m");
  await bodies(orders, { VisibilityTimeout: 0 });
  await call("DeleteQueue", { QueueUrl: dead });
  const { Attributes } = await call("GetQueueAttributes", { QueueUrl: orders, AttributeNames: ["RedrivePolicy"] });
  assert.deepEqual(Attributes, redrivePolicy("dead"));
  assert.deepEqual(await bodies(orders), ["m"]);
});

onBothProtocols("dead-letter queues can have dead-letter queues, themselves and each other", async (scene) => {
  covers("sqs/7.2-chain", "sqs/7.1-cycles");
  const { call, bodies } = scene;
  const { orders, dead } = await makePair(scene);
  await call("SetQueueAttributes", { QueueUrl: dead, Attributes: redrivePolicy("orders", 2) });
  await giveUp(scene, orders, "m");
  assert.deepEqual(await bodies(dead, { VisibilityTimeout: 0 }), ["m"]);
  assert.deepEqual(await bodies(dead), []);
  await call("SetQueueAttributes", { QueueUrl: orders, Attributes: redrivePolicy("orders", 3) });
  assert.deepEqual(await bodies(orders, { VisibilityTimeout: 0 }), ["m"]);
  assert.deepEqual(await bodies(orders), []);
  assert.equal(
    (await call("GetQueueAttributes", { QueueUrl: orders, AttributeNames: ["All"] })).Attributes?.ApproximateNumberOfMessages,
    "1",
  );
});

onBothProtocols("a redrive policy reads back in one form, is compared in it, and can be removed", async (scene) => {
  covers("sqs/7.1-count-form", "sqs/3.7-redrive-policy");
  const { call, queue } = scene;
  await queue({}, "dead");
  const policy = (count: unknown) => `{ "maxReceiveCount": ${JSON.stringify(count)}, "deadLetterTargetArn": "${arnOf("dead")}" }`;
  const QueueUrl = await queue({ RedrivePolicy: policy("7") });
  const read = async (name: "RedrivePolicy" | "All") =>
    (await call("GetQueueAttributes", { QueueUrl, AttributeNames: [name] })).Attributes?.RedrivePolicy;
  assert.equal(await read("All"), `{"deadLetterTargetArn":"${arnOf("dead")}","maxReceiveCount":7}`);
  assert.equal(await queue({ RedrivePolicy: policy(7) }), QueueUrl);
  await call("SetQueueAttributes", { QueueUrl, Attributes: { RedrivePolicy: policy(1000) } });
  assert.equal(await read("RedrivePolicy"), `{"deadLetterTargetArn":"${arnOf("dead")}","maxReceiveCount":1000}`);
  for (let times = 0; times < 2; times += 1) await call("SetQueueAttributes", { QueueUrl, Attributes: { RedrivePolicy: "" } });
  assert.equal(await read("RedrivePolicy"), undefined);
});

onBothProtocols("a redrive policy that cannot be is refused in the words of AWS, on creation and later", async (scene) => {
  covers(
    "sqs/7.1-target-missing",
    "sqs/7.1-mandatory",
    "sqs/7.1-count-range",
    "sqs/7.1-other-keys",
    "sqs/7.1-arn-form",
    "sqs/7.1-not-json",
    "sqs/7.1-code",
    "sqs/7.1-same-account",
  );
  const { queue, refusal } = scene;
  const QueueUrl = await queue();
  await queue({}, "dead");
  const deadLetterTargetArn = arnOf("dead");
  const ofArn = (arn: unknown) => ({ deadLetterTargetArn: arn, maxReceiveCount: "3" });
  const table: [given: object, reason: string][] = [
    [ofArn(arnOf("nowhere")), "Dead letter target does not exist."],
    [ofArn("arn:aws:sqs:eu-west-1:000000000000:dead"), "Dead letter target does not exist."],
    [ofArn("arn:aws:sqs:us-east-1:111111111111:dead"), "Dead-letter target owner should be same as the source."],
    [ofArn("dead"), "Dead-letter target ARN should be fully qualified ARN."],
    [ofArn([deadLetterTargetArn]), "Dead-letter target ARN should be fully qualified ARN."],
    [ofArn("arn:aws:sns:us-east-1:000000000000:dead"), "Only SQS queues are valid resources for deadLetterTargetArn."],
    [{ maxReceiveCount: 3 }, "Redrive policy does not contain mandatory attribute: deadLetterTargetArn."],
    [{ deadLetterTargetArn }, "Redrive policy does not contain mandatory attribute: maxReceiveCount."],
    ...[0, 1001, "x", -1].map((count): [object, string] => [
      { deadLetterTargetArn, maxReceiveCount: count },
      `Invalid value for maxReceiveCount: ${count}, valid values are from 1 to 1000 both inclusive.`,
    ]),
    [{ ...ofArn(deadLetterTargetArn), more: 1 }, "Only following attributes are supported: [maxReceiveCount, deadLetterTargetArn]."],
  ];
  for (const [given, reason] of table) {
    const RedrivePolicy = JSON.stringify(given);
    const expected = {
      code: "InvalidParameterValue",
      status: 400,
      message: `Value ${RedrivePolicy} for parameter RedrivePolicy is invalid. Reason: ${reason}`,
    };
    assert.deepEqual(await refusal("SetQueueAttributes", { QueueUrl, Attributes: { RedrivePolicy } }), expected);
    assert.deepEqual(await refusal("CreateQueue", { QueueName: "new", Attributes: { RedrivePolicy } }), expected);
  }
  for (const RedrivePolicy of ["x", "[]", "null", "7", " "]) {
    assert.deepEqual(await refusal("SetQueueAttributes", { QueueUrl, Attributes: { RedrivePolicy } }), {
      code: "InvalidAttributeValue",
      status: 400,
      message: "Invalid value for the parameter RedrivePolicy. Reason: Redrive policy is not a valid JSON map.",
    });
  }
  assert.equal((await refusal("GetQueueUrl", { QueueName: "new" })).code, "AWS.SimpleQueueService.NonExistentQueue");
});

onBothProtocols("a dead-letter queue says which sources it allows, and others are refused", async (scene) => {
  covers("sqs/7.3-default", "sqs/7.3-enforced", "sqs/3.7-redrive-allow-policy", "sqs/11-texts");
  const { call, queue, refusal } = scene;
  const dead = await queue({}, "dead");
  const QueueUrl = await queue(redrivePolicy("dead"));
  const allow = (policy: object | string) =>
    call("SetQueueAttributes", {
      QueueUrl: dead,
      Attributes: { RedriveAllowPolicy: typeof policy === "string" ? policy : JSON.stringify(policy) },
    });
  const refused = () => refusal("SetQueueAttributes", { QueueUrl, Attributes: redrivePolicy("dead", 5) });
  await allow({ redrivePermission: "denyAll" });
  assert.deepEqual(await refused(), {
    code: "InvalidParameterValue",
    status: 400,
    message: `Value ${redrivePolicy("dead", 5).RedrivePolicy} for parameter RedrivePolicy is invalid. Reason: The dead-letter queue does not allow this queue as a source.`,
  });
  await allow({ sourceQueueArns: [arnOf("another")], redrivePermission: "byQueue" });
  assert.equal((await refused()).code, "InvalidParameterValue");
  const { Attributes } = await call("GetQueueAttributes", { QueueUrl: dead, AttributeNames: ["RedriveAllowPolicy"] });
  assert.equal(Attributes?.RedriveAllowPolicy, `{"redrivePermission":"byQueue","sourceQueueArns":["${arnOf("another")}"]}`);
  for (const policy of [
    { redrivePermission: "byQueue", sourceQueueArns: [arnOf("another"), arnOf("orders")] },
    { redrivePermission: "allowAll" },
    "",
  ]) {
    await allow({ redrivePermission: "denyAll" });
    await allow(policy);
    await call("SetQueueAttributes", { QueueUrl, Attributes: redrivePolicy("dead", 5) });
  }
});

onBothProtocols("a redrive allow policy that cannot be is refused", async (scene) => {
  covers("sqs/7.3-by-queue", "sqs/7.3-unreadable");
  const { queue, refusal } = scene;
  const QueueUrl = await queue();
  const set = (policy: unknown) => refusal("SetQueueAttributes", { QueueUrl, Attributes: { RedriveAllowPolicy: JSON.stringify(policy) } });
  const arns = (count: number) => Array.from({ length: count }, (_, index) => arnOf(`q${index}`));
  for (const policy of [
    { redrivePermission: "byQueue" },
    { redrivePermission: "byQueue", sourceQueueArns: [] },
    { redrivePermission: "byQueue", sourceQueueArns: arns(11) },
    { redrivePermission: "byQueue", sourceQueueArns: ["orders"] },
    { redrivePermission: "allowAll", sourceQueueArns: arns(1) },
    { redrivePermission: "denyAll", sourceQueueArns: arns(1) },
  ])
    assert.equal((await set(policy)).code, "InvalidParameterValue", JSON.stringify(policy));
  for (const policy of ["x", [], 7, {}, { redrivePermission: "some" }, { redrivePermission: "byQueue", sourceQueueArns: "a" }])
    assert.deepEqual(await set(policy), {
      code: "InvalidAttributeValue",
      status: 400,
      message:
        "Invalid value for the parameter RedriveAllowPolicy. Reason: Amazon SQS can't create the redrive allow policy, as it's in an unsupported format.",
    });
});
