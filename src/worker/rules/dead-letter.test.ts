import assert from "node:assert/strict";
import { test } from "node:test";
import { MIB } from "../../kernel/units.ts";
import { deadLetterAttributes, type DeadMessage } from "./dead-letter.ts";
import type { MessageAttributes } from "./outgoing.ts";
import type { Death } from "./settle.ts";

const MESSAGE: DeadMessage = {
  body: "{}",
  attributes: { photo: { type: "String", value: "p1" } },
  messageId: "m1",
  lineage: "l1",
  queueName: "jobs",
  receiveCount: 3,
};
const DEATH: Death = { cause: "invalid", reason: "does not fit", issues: [{ message: "expected a number", path: "width" }] };

const many = (count: number): MessageAttributes =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`a${index}`, { type: "String", value: "v" }]));
const noteOf = (attributes: MessageAttributes): unknown => JSON.parse(String(attributes["Millrace.DeadLetter"]?.value));

test("a dead letter keeps the message's attributes, says why it is dead, and keeps its identity for a redrive", () => {
  const attributes = deadLetterAttributes(MESSAGE, DEATH);
  assert.deepEqual(Object.keys(attributes).toSorted(), ["Millrace.DeadLetter", "Millrace.Id", "photo"]);
  assert.equal(attributes["Millrace.Id"]?.value, "l1");
  assert.deepEqual(noteOf(attributes), {
    cause: "invalid",
    queue: "jobs",
    messageId: "m1",
    receiveCount: 3,
    reason: "does not fit",
    issues: [{ message: "expected a number", path: "width" }],
  });
});

test("of ten attributes that SQS takes, the note comes before the identity, and the message's own before both", () => {
  const names = (count: number) => Object.keys(deadLetterAttributes({ ...MESSAGE, attributes: many(count) }, DEATH)).slice(count);
  assert.deepEqual([8, 9, 10].map(names), [["Millrace.DeadLetter", "Millrace.Id"], ["Millrace.DeadLetter"], []]);
});

test("a message that dies again has one note, the latest", () => {
  const first = deadLetterAttributes(MESSAGE, DEATH);
  const again = deadLetterAttributes({ ...MESSAGE, attributes: first, receiveCount: 9 }, { ...DEATH, cause: "exhausted" });
  assert.deepEqual(Object.keys(again).toSorted(), Object.keys(first).toSorted());
  assert.equal((noteOf(again) as { cause: string }).cause, "exhausted");
});

test("a message without room for a note stays as it is", () => {
  const body = "x".repeat(MIB - 20);
  assert.deepEqual(deadLetterAttributes({ ...MESSAGE, body }, DEATH), MESSAGE.attributes);
});

test("a thousand issues are cut to ten, and counted", () => {
  const issues = Array.from({ length: 1000 }, () => ({ message: "\u0001".repeat(200), path: "é".repeat(200) }));
  const attributes = deadLetterAttributes(MESSAGE, { ...DEATH, reason: "\u0001".repeat(5000), issues });
  const note = noteOf(attributes) as { issues: unknown[]; issuesInAll: number };
  assert.equal(note.issues.length, 10);
  assert.equal(note.issuesInAll, 1000);
  assert.ok(Buffer.byteLength(String(attributes["Millrace.DeadLetter"]?.value)) <= 8 * 1024);
});

test("a note holds only characters that SQS takes", () => {
  const attributes = deadLetterAttributes(MESSAGE, { ...DEATH, reason: "\u0000 \uD800 \uFFFE \uFFFF 🎬" });
  assert.doesNotMatch(String(attributes["Millrace.DeadLetter"]?.value), /[^ -\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u);
});
