import assert from "node:assert/strict";
import { test } from "node:test";
import { covers } from "../../../../test/contract/covers.ts";
import { canonicalRedrivePolicy, checkDeadLetterQueue, isGivenUp, readRedrivePolicy, sentMsInDeadLetterQueue } from "./redrive-policy.ts";

const dead = { account: "000000000000", region: "us-east-1", name: "dead" };
const ARN = "arn:aws:sqs:us-east-1:000000000000:dead";
const CANONICAL = `{"deadLetterTargetArn":"${ARN}","maxReceiveCount":3}`;

test("a policy has one form, however its caller wrote it", () => {
  for (const given of [
    CANONICAL,
    `{ "maxReceiveCount" : "3", "deadLetterTargetArn" : "${ARN}" }`,
    `{"maxReceiveCount":"003","deadLetterTargetArn":"${ARN}"}`,
  ])
    assert.equal(canonicalRedrivePolicy(given), CANONICAL);
  assert.deepEqual(readRedrivePolicy(CANONICAL), { deadLetterQueue: dead, receivesMax: 3 });
  assert.equal(readRedrivePolicy(undefined), undefined);
});

test("a policy that lacks something, or has too much, is refused with the text that its caller wrote", () => {
  const table: [policy: unknown, reason: string][] = [
    [{}, "Redrive policy does not contain mandatory attribute: deadLetterTargetArn."],
    [{ deadLetterTargetArn: ARN }, "Redrive policy does not contain mandatory attribute: maxReceiveCount."],
    [
      { deadLetterTargetArn: ARN, maxReceiveCount: 1.5 },
      "Invalid value for maxReceiveCount: 1.5, valid values are from 1 to 1000 both inclusive.",
    ],
    [
      { deadLetterTargetArn: ARN, maxReceiveCount: null },
      "Invalid value for maxReceiveCount: null, valid values are from 1 to 1000 both inclusive.",
    ],
    [
      { deadLetterTargetArn: ARN, maxReceiveCount: 3, a: 1 },
      "Only following attributes are supported: [maxReceiveCount, deadLetterTargetArn].",
    ],
    [{ deadLetterTargetArn: "", maxReceiveCount: 3 }, "Dead-letter target ARN should be fully qualified ARN."],
    [{ deadLetterTargetArn: "arn:aws:s3:::dead", maxReceiveCount: 3 }, "Only SQS queues are valid resources for deadLetterTargetArn."],
    [{ deadLetterTargetArn: `${ARN}:more`, maxReceiveCount: 3 }, "Dead-letter target ARN should be fully qualified ARN."],
  ];
  for (const [policy, reason] of table) {
    const given = JSON.stringify(policy);
    const message = `Value ${given} for parameter RedrivePolicy is invalid. Reason: ${reason}`;
    assert.throws(() => canonicalRedrivePolicy(given), { code: "InvalidParameterValueException", message });
  }
});

test("the dead-letter queue is of the same account, region and type", () => {
  covers("sqs/7.1-same-type", "sqs/7.1-same-account");
  const source = { ...dead, name: "jobs" };
  const check = (target: typeof dead, exists = true) => checkDeadLetterQueue("given", { source, target, exists, allowPolicy: undefined });
  const refused = (reason: string) => ({ message: `Value given for parameter RedrivePolicy is invalid. Reason: ${reason}` });
  check(dead);
  assert.throws(() => check(dead, false), refused("Dead letter target does not exist."));
  assert.throws(() => check({ ...dead, region: "eu-west-1" }), refused("Dead letter target does not exist."));
  assert.throws(() => check({ ...dead, account: "111111111111" }), refused("Dead-letter target owner should be same as the source."));
  const fifo = { ...dead, name: "dead.fifo" };
  for (const exists of [true, false])
    assert.throws(() => check(fifo, exists), refused("Dead-letter queue must be same type of queue as the source.."));
});

test("a message is given up when it was received as often as the policy says", () => {
  const policy = { deadLetterQueue: dead, receivesMax: 3 };
  assert.deepEqual(
    [0, 2, 3, 4].map((receiveCount) => isGivenUp(receiveCount, policy)),
    [false, false, true, true],
  );
  assert.equal(isGivenUp(1000, undefined), false);
});

test("in a standard dead-letter queue a message is as old as it was, in a FIFO one it begins anew", () => {
  assert.equal(sentMsInDeadLetterQueue(dead, 1000, 9000), 1000);
  assert.equal(sentMsInDeadLetterQueue({ ...dead, name: "dead.fifo" }, 1000, 9000), 9000);
});
