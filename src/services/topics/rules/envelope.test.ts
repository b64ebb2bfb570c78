import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { envelopes } from "./envelope.ts";

const text = fc.string({ unit: "binary" });
const optionally = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const attribute = fc.record({
  name: fc.constantFrom("a", "__proto__", "b.c"),
  dataType: fc.constantFrom("String", "Number.x", "Binary.y"),
  value: text,
});
const notification = fc.record({
  messageId: text,
  sequenceNumber: optionally(text),
  topicArn: text,
  subject: optionally(text),
  message: text,
  timestamp: text,
  signature: optionally(fc.record({ version: fc.constantFrom("1", "2"), value: text, certUrl: text })),
  attributes: fc.uniqueArray(attribute, { selector: ({ name }) => name }),
});

test("an envelope is JSON with its fields in AWS's order, whatever is in them, and what many have in common is all but the URL", () => {
  fc.assert(
    fc.property(notification, text, (of, url) => {
      const { signature, attributes } = of;
      const named = attributes.map(({ name, dataType, value }) => [
        name,
        { Type: dataType.startsWith("Binary") ? "Binary" : dataType, Value: value },
      ]);
      const made = envelopes(of);
      const expected = JSON.stringify({
        Type: "Notification",
        MessageId: of.messageId,
        SequenceNumber: of.sequenceNumber,
        TopicArn: of.topicArn,
        Subject: of.subject,
        Message: of.message,
        Timestamp: of.timestamp,
        SignatureVersion: signature?.version,
        Signature: signature?.value,
        SigningCertURL: signature?.certUrl,
        UnsubscribeURL: url,
        MessageAttributes: named.length === 0 ? undefined : Object.fromEntries(named),
      });
      assert.equal(made.of(url), expected);
      assert.equal(
        expected.replace(`,"UnsubscribeURL":${JSON.stringify(url)}`, () => ""),
        `${made.common}}`,
      );
    }),
  );
});
