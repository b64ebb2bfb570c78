import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import {
  attributesBytes,
  attributesFromJson,
  attributesMd5,
  attributesToJson,
  readMessageAttributes,
  type AttributeInput,
} from "./message-attributes.ts";
import { covers } from "../../../../test/contract/covers.ts";

const text = (StringValue: string, DataType = "String"): AttributeInput => ({ DataType, StringValue });
const bytes = (...values: number[]): AttributeInput => ({ DataType: "Binary", BinaryValue: Uint8Array.from(values) });

test("the digest is that of AWS", () => {
  covers(
    "sqs/4.2-digest",
    "sqs/4.2-digest-timestamp",
    "sqs/4.2-digest-foo",
    "sqs/4.2-digest-hello",
    "sqs/4.2-digest-two",
    "sqs/4.2-digest-three",
    "sqs/4.2-digest-prefix",
    "sqs/4.2-digest-binary",
  );
  // Digests that AWS answered, and that its SDKs' own tests expect.
  const traceparent = Buffer.from("traceparent\x1e00-774062d6c37081a5a0b9b5b88e30627c-2d2482211f6489da-01");
  const table: [attributes: Record<string, AttributeInput>, md5: string][] = [
    [{ timestamp: text("1493147359900", "Number") }, "235c5c510d26fb653d073faed50ae77c"],
    [{ Foo: text("Bar") }, "ae7155c6026991b6d54b11589678bf9c"],
    [{ Hello: text("There") }, "a311262e065454b75da111d535b8dacd"],
    [{ Hello: text("There"), General: text("Kenobi") }, "fca026605781cb4126a1e9044df24232"],
    [{ Hello: text("There"), General: text("Kenobi"), "Help.Me": text("Me") }, "4c360f3fdafd970e05fae2f149d997f5"],
    [{ "Help.Me": text("Me"), Hello: text("There") }, "83fee93c1bcd8b9a5a923ffacdc636c7"],
    [{ attr1: { DataType: "Binary", BinaryValue: traceparent } }, "8cbe4db156db8a94db8b801b7addb984"],
  ];
  for (const [attributes, md5] of table) assert.equal(attributesMd5(readMessageAttributes(attributes)), md5);
});

test("attributes are refused in the words of AWS", () => {
  covers(
    "sqs/4.2-type",
    "sqs/4.2-type-missing",
    "sqs/4.2-value-empty",
    "sqs/4.2-number-text",
    "sqs/4.2-single-value",
    "sqs/4.2-binary-field",
    "sqs/4.2-name",
  );
  const table: [name: string, input: AttributeInput, message: string | RegExp][] = [
    ["n", { StringValue: "x" }, "The message (user) attribute 'n' must contain a non-empty message attribute type."],
    [
      "n",
      text("x", "Text"),
      "The type of message (user) attribute 'n' is invalid. You must use only the following supported type prefixes: Binary, Number, String.",
    ],
    ["n", text("x", "string"), /^The type of message/],
    ["n", text("x", "String."), /^The type of message/],
    ["n", text("x", `String.${"x".repeat(256)}`), /^The type of message/],
    ["n", text(""), "Message (user) attribute 'n' must contain a non-empty value of type 'String'."],
    ["n", { DataType: "Number" }, "Message (user) attribute 'n' must contain a non-empty value of type 'String'."],
    ["n", bytes(), "Message (user) attribute 'n' must contain a non-empty value of type 'Binary'."],
    ["n", text("x", "Number"), "Can't cast the value of message (user) attribute 'n' to a number."],
    ["n", { ...text("x"), BinaryValue: Uint8Array.of(1) }, "The message (user) attribute 'n' must have a single value."],
    ["n", text("x", "Binary"), "The message (user) attribute 'n' with type 'Binary' must use field 'Binary'."],
    [
      "n",
      { DataType: "String", BinaryValue: Uint8Array.of(1) },
      "The message (user) attribute 'n' with type 'String' must use field 'String'.",
    ],
    ["n", text("a\u0000"), /^Invalid characters/],
    ["", text("x"), /1 to 256 characters long/],
    ["x".repeat(257), text("x"), /1 to 256 characters long/],
    ["a b", text("x"), /letters, digits/],
    ["AWS.x", text("x"), /must not start with AWS\./],
    ["amazon.x", text("x"), /must not start with AWS\./],
    [".x", text("x"), /period/],
    ["x.", text("x"), /period/],
    ["x..y", text("x"), /period/],
  ];
  for (const [name, input, message] of table) {
    assert.throws(() => readMessageAttributes({ [name]: input }), { code: "InvalidParameterValueException", message });
  }
});

test("list values are refused by name", () => {
  covers("sqs/4.1-list-values");
  assert.throws(() => readMessageAttributes({ n: { DataType: "String", StringListValues: ["a"] } }), { code: "UnsupportedOperation" });
  assert.throws(() => readMessageAttributes({ n: { DataType: "Binary", BinaryListValues: [Uint8Array.of(1)] } }), {
    code: "UnsupportedOperation",
  });
});

test("an empty list value is none, and a type can have 256 characters", () => {
  const dataType = `String.${"x".repeat(249)}`;
  assert.equal(readMessageAttributes({ n: { ...text("x", dataType), StringListValues: [], BinaryListValues: [] } })[0]?.dataType, dataType);
});

test("names can have letters of any script, hyphens, underscores and single periods", () => {
  covers("sqs/4.2-name");
  for (const name of ["a", "attr.1øßä", "a-b_c.d", "x".repeat(256), "AWSome", "__proto__"]) {
    const given = JSON.parse(JSON.stringify({ [name]: text("x") })) as Record<string, AttributeInput>;
    assert.deepEqual(
      readMessageAttributes(given).map((attribute) => attribute.name),
      [name],
    );
  }
});

test("ten attributes are accepted, eleven are not", () => {
  covers("sqs/4.2-ten", "sqs/10-attributes");
  const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`n${index}`, text("x")]));
  assert.equal(readMessageAttributes(many(10)).length, 10);
  assert.throws(() => readMessageAttributes(many(11)), { message: "Number of message attributes [11] exceeds the allowed maximum [10]." });
});

test("a number has up to 38 digits and lies between -10^128 and 10^126", () => {
  covers("sqs/4.2-number");
  const good = [
    "0",
    "-0",
    "007",
    "1.5",
    ".5",
    "5.",
    "+3",
    "-2e10",
    "1E-100",
    "9".repeat(38),
    `${"9".repeat(38)}000`,
    "1e126",
    "-1e128",
    "0.00",
    "0e999",
    "9e125",
    "0.001e129",
    "00.5e126",
    "100e124",
    `1${"0".repeat(126)}`,
  ];
  const bad = [
    "",
    "x",
    "1,5",
    "1e",
    "e5",
    ".",
    "+",
    "--1",
    "0x10",
    "NaN",
    "Infinity",
    " 1",
    "1 ",
    "1".repeat(39),
    "1e127",
    "1.1e126",
    "-1e129",
    "-2e128",
    "1e99999",
    "10e126",
    "0.002e129",
    "100.5e124",
  ];
  for (const value of good) assert.equal(readMessageAttributes({ n: text(value, "Number") })[0]?.value, value, value);
  for (const value of bad)
    assert.throws(() => readMessageAttributes({ n: text(value, "Number.x") }), { code: "InvalidParameterValueException" }, value);
});

test("size is name, type and value of each, in bytes of UTF-8", () => {
  covers("sqs/4.1-size");
  assert.equal(attributesBytes([]), 0);
  assert.equal(attributesBytes(readMessageAttributes({ é: text("€", "String.x"), b: bytes(1, 2, 3) })), 2 + 8 + 3 + (1 + 6 + 3));
});

test("what is stored is what was read, to the byte", () => {
  const value = fc.oneof(
    fc.record({ DataType: fc.constantFrom("String", "String.x"), StringValue: fc.stringMatching(/^[ -~äß€]{1,20}$/) }),
    fc.record({ DataType: fc.constantFrom("Binary", "Binary.gif"), BinaryValue: fc.uint8Array({ minLength: 1 }) }),
  );
  fc.assert(
    fc.property(fc.dictionary(fc.stringMatching(/^[a-z_-]{1,9}$/), value, { maxKeys: 10 }), (given) => {
      const attributes = readMessageAttributes(given);
      const stored = attributesFromJson(attributesToJson(attributes));
      assert.deepEqual(
        stored.map((each) => ({ ...each, value: Buffer.from(each.value) })),
        attributes.map((each) => ({ ...each, value: Buffer.from(each.value) })),
      );
      assert.equal(attributesMd5(stored), attributesMd5(attributes));
    }),
  );
});

test("a message without attributes stores none", () => {
  assert.equal(attributesToJson(readMessageAttributes({})), null);
  assert.equal(attributesToJson(readMessageAttributes(undefined)), null);
  assert.deepEqual(attributesFromJson(null), []);
});
