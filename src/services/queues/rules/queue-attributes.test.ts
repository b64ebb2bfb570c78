import assert from "node:assert/strict";
import { test } from "node:test";
import {
  canonicalAttributes,
  checkAttributeNames,
  differingAttribute,
  effective,
  mergeAttributes,
  shownAttributes,
} from "./queue-attributes.ts";
import { covers } from "../../../../test/contract/covers.ts";

const canonical = (given: Record<string, string>) => canonicalAttributes(given, false);

const SSE_EXCLUSIVE = "You can use one type of server-side encryption (SSE) at one time. You can either enable KMS SSE or SQS SSE.";

test("a queue without attributes does what the defaults say", () => {
  assert.deepEqual(effective({}), {
    delayMs: 0,
    visibilityTimeoutMs: 30_000,
    retentionMs: 345_600_000,
    receiveWaitMs: 0,
    maximumMessageBytes: 1_048_576,
    encrypted: true,
    fifo: false,
    contentBasedDeduplication: false,
    redrive: undefined,
  });
});

test("attributes that were set are in force", () => {
  const set = {
    DelaySeconds: "5",
    VisibilityTimeout: "0",
    MessageRetentionPeriod: "60",
    ReceiveMessageWaitTimeSeconds: "20",
    MaximumMessageSize: "1024",
  };
  assert.deepEqual(effective(set), {
    delayMs: 5000,
    visibilityTimeoutMs: 0,
    retentionMs: 60_000,
    receiveWaitMs: 20_000,
    maximumMessageBytes: 1024,
    encrypted: true,
    fifo: false,
    contentBasedDeduplication: false,
    redrive: undefined,
  });
});

test("numbers are accepted within their ranges only", () => {
  covers(
    "sqs/3.7-delay-seconds",
    "sqs/3.7-maximum-message-size",
    "sqs/3.7-retention",
    "sqs/3.7-receive-wait",
    "sqs/3.7-visibility-timeout",
    "sqs/3.7-kms-reuse",
    "sqs/3.1-number-out-of-range",
    "sqs/10-times",
    "sqs/10-retention",
  );
  const ranges: [name: string, min: number, max: number][] = [
    ["DelaySeconds", 0, 900],
    ["MaximumMessageSize", 1024, 1_048_576],
    ["MessageRetentionPeriod", 60, 1_209_600],
    ["ReceiveMessageWaitTimeSeconds", 0, 20],
    ["VisibilityTimeout", 0, 43_200],
    ["KmsDataKeyReusePeriodSeconds", 60, 86_400],
  ];
  for (const [name, min, max] of ranges) {
    for (const value of [min, max]) assert.deepEqual(canonical({ [name]: String(value) }), { [name]: String(value) });
    for (const value of [min - 1, max + 1, "", " ", `${min}.0`, ` ${min}`, "x", "1e3", "99999999999"]) {
      assert.throws(() => canonical({ [name]: String(value) }), {
        code: "InvalidAttributeValue",
        message: `Invalid value for the parameter ${name}.`,
      });
    }
  }
});

test("values are brought into one form", () => {
  covers("sqs/3.7-booleans");
  assert.deepEqual(canonical({ DelaySeconds: "007", SqsManagedSseEnabled: "False" }), {
    DelaySeconds: "7",
    SqsManagedSseEnabled: "false",
  });
  assert.throws(() => canonical({ SqsManagedSseEnabled: "yes" }), { code: "InvalidAttributeValue" });
});

test("unknown, read-only and FIFO attributes are refused by name", () => {
  covers(
    "sqs/3.7-read-only",
    "sqs/3.7-facts",
    "sqs/3.1-unknown-attribute",
    "sqs/3.1-content-dedup-on-standard",
    "sqs/3.1-fifo-attributes-on-standard",
  );
  for (const name of [
    "Foo",
    "",
    "QueueArn",
    "CreatedTimestamp",
    "ApproximateNumberOfMessages",
    "FifoQueue",
    "ContentBasedDeduplication",
    "toString",
  ]) {
    assert.throws(() => canonical({ [name]: "false" }), { code: "InvalidAttributeName", message: `Unknown Attribute ${name}.` });
  }
  for (const name of ["DeduplicationScope", "FifoThroughputLimit"]) {
    assert.throws(() => canonical({ [name]: "queue" }), {
      code: "InvalidAttributeName",
      message: `You can specify the ${name} only when FifoQueue is set to true.`,
    });
  }
});

test("a policy is taken as it was written if it is understood, and an empty one removes it", () => {
  covers("sqs/3.7-empty-removes");
  const policy = '{ "Statement": { "Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": "*" } }';
  assert.deepEqual(canonical({ Policy: policy }), { Policy: policy });
  assert.throws(() => canonical({ Policy: "{}" }), { code: "InvalidAttributeValue" });
  assert.deepEqual(mergeAttributes({ Policy: policy }, canonical({ Policy: "" })), {});
});

test("the policies of dead-letter queues are brought into one form and are in force; an empty one removes it", () => {
  covers("sqs/3.7-redrive-policy", "sqs/3.7-redrive-allow-policy", "sqs/3.7-empty-removes");
  const deadLetterTargetArn = "arn:aws:sqs:us-east-1:000000000000:dead";
  const given = { RedrivePolicy: `{ "maxReceiveCount": "5", "deadLetterTargetArn": "${deadLetterTargetArn}" }` };
  const attributes = mergeAttributes({}, canonical({ ...given, RedriveAllowPolicy: '{ "redrivePermission": "denyAll" }' }));
  assert.deepEqual(attributes, {
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 5 }),
    RedriveAllowPolicy: '{"redrivePermission":"denyAll"}',
  });
  const deadLetterQueue = { account: "000000000000", region: "us-east-1", name: "dead" };
  assert.deepEqual(effective(attributes).redrive, { deadLetterQueue, receivesMax: 5 });
  assert.deepEqual(mergeAttributes(attributes, canonical({ RedrivePolicy: "", RedriveAllowPolicy: "" })), {});
});

test("a queue is the one asked for when each requested value is in force", () => {
  const existing = { VisibilityTimeout: "60", KmsMasterKeyId: "k", SqsManagedSseEnabled: "false" };
  const table: [requested: Record<string, string>, differs: string | undefined][] = [
    [{}, undefined],
    [{ VisibilityTimeout: "60" }, undefined],
    [{ VisibilityTimeout: "30" }, "VisibilityTimeout"],
    [{ DelaySeconds: "0" }, undefined], // The default counts as the value.
    [{ DelaySeconds: "1" }, "DelaySeconds"],
    [{ DelaySeconds: "0", MaximumMessageSize: "1024", VisibilityTimeout: "1" }, "MaximumMessageSize"],
    [{ KmsMasterKeyId: "k" }, undefined],
    [{ KmsMasterKeyId: "" }, "KmsMasterKeyId"],
    [{ SqsManagedSseEnabled: "true" }, "SqsManagedSseEnabled"],
    [{ Policy: "" }, undefined],
  ];
  for (const [requested, differs] of table) assert.equal(differingAttribute(existing, requested), differs, JSON.stringify(requested));
});

test("encryption through the years: SQS, then a KMS key, then none", () => {
  covers("sqs/3.7-kms-switches-sse", "sqs/3.7-kms-removed", "sqs/3.7-kms-and-sse", "sqs/3.7-kms-reuse", "sqs/3.7-sqs-managed-sse");
  let attributes: Readonly<Record<string, string>> = {};
  const show = () => {
    const { SqsManagedSseEnabled, KmsMasterKeyId, KmsDataKeyReusePeriodSeconds } = shown(attributes);
    return [SqsManagedSseEnabled, KmsMasterKeyId, KmsDataKeyReusePeriodSeconds];
  };
  assert.deepEqual(show(), ["true", undefined, undefined]);

  attributes = mergeAttributes(attributes, { KmsMasterKeyId: "alias/made-up" });
  assert.deepEqual(show(), ["false", "alias/made-up", "300"]);

  attributes = mergeAttributes(attributes, { KmsDataKeyReusePeriodSeconds: "600" });
  assert.deepEqual(show(), ["false", "alias/made-up", "600"]);

  assert.throws(() => mergeAttributes(attributes, { SqsManagedSseEnabled: "true" }), {
    code: "InvalidAttributeName",
    message: SSE_EXCLUSIVE,
  });
  attributes = mergeAttributes(attributes, { SqsManagedSseEnabled: "false" });

  attributes = mergeAttributes(attributes, { KmsMasterKeyId: "", KmsDataKeyReusePeriodSeconds: "300" });
  assert.deepEqual(show(), ["false", undefined, undefined]);

  attributes = mergeAttributes(attributes, { KmsDataKeyReusePeriodSeconds: "900" });
  attributes = mergeAttributes(attributes, { DelaySeconds: "1" });
  attributes = mergeAttributes(attributes, { KmsMasterKeyId: "k" });
  assert.deepEqual(show(), ["false", "k", "900"]); // What was set before the key applies with it.

  attributes = mergeAttributes(attributes, { KmsMasterKeyId: "" });
  attributes = mergeAttributes(attributes, { KmsMasterKeyId: "k" });
  assert.deepEqual(show(), ["false", "k", "300"]); // What was set for a key that was removed is forgotten with it.

  attributes = mergeAttributes(attributes, { KmsMasterKeyId: "" });
  attributes = mergeAttributes(attributes, { SqsManagedSseEnabled: "true" });
  assert.deepEqual(show(), ["true", undefined, undefined]);
});

test("a new queue cannot have both kinds of encryption", () => {
  assert.throws(() => mergeAttributes({}, { KmsMasterKeyId: "k", SqsManagedSseEnabled: "true" }), {
    code: "InvalidAttributeName",
    message: SSE_EXCLUSIVE,
  });
});

test("a merge changes neither of its arguments", () => {
  const existing = Object.freeze({ DelaySeconds: "1" });
  assert.deepEqual(mergeAttributes(existing, Object.freeze({ VisibilityTimeout: "2" })), { DelaySeconds: "1", VisibilityTimeout: "2" });
});

const facts = {
  arn: "arn:aws:sqs:us-east-1:000000000000:q",
  createdMs: 1_767_225_600_999,
  modifiedMs: 1_767_225_661_000,
  visible: 3,
  inFlight: 2,
  delayed: 1,
};
const shown = (attributes: Readonly<Record<string, string>>, names = ["All"]) =>
  shownAttributes({ ...facts, attributes }, names) as Partial<Record<string, string>>;

test("all attributes of a standard queue, each as a string", () => {
  assert.deepEqual(shown({ DelaySeconds: "5" }), {
    QueueArn: "arn:aws:sqs:us-east-1:000000000000:q",
    CreatedTimestamp: "1767225600",
    LastModifiedTimestamp: "1767225661",
    ApproximateNumberOfMessages: "3",
    ApproximateNumberOfMessagesNotVisible: "2",
    ApproximateNumberOfMessagesDelayed: "1",
    DelaySeconds: "5",
    MaximumMessageSize: "1048576",
    MessageRetentionPeriod: "345600",
    ReceiveMessageWaitTimeSeconds: "0",
    VisibilityTimeout: "30",
    SqsManagedSseEnabled: "true",
  });
});

test("only what is asked for and applies is shown", () => {
  covers("sqs/3.6-fifo-names-on-standard", "sqs/3.6-no-names");
  assert.deepEqual(shown({}, []), {});
  assert.deepEqual(shown({}, ["VisibilityTimeout"]), { VisibilityTimeout: "30" });
  assert.deepEqual(shown({}, ["FifoQueue", "Policy", "KmsMasterKeyId", "KmsDataKeyReusePeriodSeconds"]), {});
  assert.equal(Object.keys(shown({}, ["All", "QueueArn"])).length, 12);
});

test("an unknown name is refused", () => {
  covers("sqs/3.6-unknown", "sqs/3.6-empty-name");
  for (const name of ["Foo", "", "all", "toString"])
    assert.throws(() => checkAttributeNames(["All", name]), { code: "InvalidAttributeName", message: `Unknown Attribute ${name}.` });
  checkAttributeNames(["All", "FifoQueue", "QueueArn", "RedriveAllowPolicy"]);
});
