import assert from "node:assert/strict";
import { test } from "node:test";
import { instructionOf, messageVariables, progressOf, tailOf, verdictOf } from "./exec.ts";

test("a line ::emit name {json} is an output", () => {
  assert.deepEqual(instructionOf('::emit thumb {"key": "a b"}'), { is: "emit", output: "thumb", body: { key: "a b" } });
  assert.deepEqual(instructionOf("::emit count 5"), { is: "emit", output: "count", body: 5 });
  assert.deepEqual(instructionOf('::emit\tthumb\t"text"'), { is: "emit", output: "thumb", body: "text" });
});

test("an output that cannot be read is not passed over", () => {
  for (const line of ["::emit", "::emit thumb", "::emit thumb {", "::emit thumb {'key': 1}"])
    assert.equal(instructionOf(line)?.is, "broken", line);
});

test("a line ::progress 0.4 text is progress, from 0 to 1", () => {
  assert.deepEqual(instructionOf("::progress 0.4 decoding frame 3"), { is: "progress", fraction: 0.4, text: "decoding frame 3" });
  assert.deepEqual(instructionOf("::progress 1"), { is: "progress", fraction: 1, text: undefined });
  assert.deepEqual(instructionOf("::progress 7 "), { is: "progress", fraction: 1, text: undefined });
  assert.deepEqual(progressOf(".5 half"), { is: "progress", fraction: 0.5, text: "half" });
});

test("every other line is only a line", () => {
  for (const line of ["", "::progress", "::progress soon", "::emitted x", "emit thumb {}", " ::emit thumb {}", "0.4 text"])
    assert.equal(instructionOf(line), undefined, line);
  assert.equal(progressOf("frame=12"), undefined);
});

test("exit codes: 0 done, 3 dead now, 4 later, anything else again", () => {
  const end = (code: number | null, signal: string | null = null, stderr: string = "") => verdictOf({ code, signal, stderr });
  assert.deepEqual(end(0), { is: "done" });
  assert.deepEqual(end(3, null, "not a JPEG"), { is: "rejected", reason: "not a JPEG" });
  assert.deepEqual(end(3), { is: "rejected", reason: "the command rejected it (exit code 3)" });
  assert.deepEqual(end(4), { is: "later" });
  assert.deepEqual(end(1, null, "no disk"), { is: "failed", reason: "the command ended with exit code 1: no disk" });
  assert.deepEqual(end(null, "SIGKILL"), { is: "failed", reason: "the command ended by SIGKILL" });
});

test("of standard error the last lines are kept", () => {
  assert.equal(tailOf("short\n"), "short");
  assert.equal(tailOf("first line\nsecond\nthird\n", 14), "…second\nthird");
  assert.equal(tailOf("x".repeat(30), 10), `…${"x".repeat(10)}`);
});

test("a message's variables", () => {
  const message = {
    id: "m1",
    receiveCount: 2,
    sentAt: new Date(0),
    groupId: "g",
    attributes: {
      "photo.kind": { type: "String", value: "jpeg" },
      width: { type: "Number", value: "5" },
      digest: { type: "Binary", value: Buffer.from("hi") },
      long: { type: "String", value: "x".repeat(200_000) },
    },
  };
  const { variables, leftOut } = messageVariables(message);
  assert.deepEqual(leftOut, ["long"]);
  assert.deepEqual(variables, {
    MILLRACE_MESSAGE_ID: "m1",
    MILLRACE_RECEIVE_COUNT: "2",
    MILLRACE_SENT_AT: "1970-01-01T00:00:00.000Z",
    MILLRACE_GROUP_ID: "g",
    MILLRACE_ATTR_photo_kind: "jpeg",
    MILLRACE_ATTR_width: "5",
    MILLRACE_ATTR_digest: "aGk=",
  });
  assert.deepEqual(messageVariables({ ...message, sentAt: undefined, groupId: undefined, attributes: {} }).variables, {
    MILLRACE_MESSAGE_ID: "m1",
    MILLRACE_RECEIVE_COUNT: "2",
  });
});
