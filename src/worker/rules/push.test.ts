import assert from "node:assert/strict";
import { test } from "node:test";
import { pushHeaders, pushUrl, taskAttributes } from "./push.ts";

const message = {
  id: "m1",
  receiveCount: 2,
  queueName: "jobs",
  firstReceivedMs: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
  attributes: {},
  senderId: "AIDA",
};
const text = (value: string) => ({ type: "String", value });

test("a push has the headers of the worker daemon", () => {
  const attributes = { kind: text("jpeg"), bytes: { type: "Binary", value: Buffer.from("hi") } };
  assert.deepEqual(pushHeaders({ ...message, attributes }, "application/json"), {
    "User-Agent": "aws-sqsd/2.0 (millrace)",
    "Content-Type": "application/json",
    "X-Aws-Sqsd-Msgid": "m1",
    "X-Aws-Sqsd-Queue": "jobs",
    "X-Aws-Sqsd-First-Received-At": "2026-01-02T03:04:05Z",
    "X-Aws-Sqsd-Receive-Count": "2",
    "X-Aws-Sqsd-Attr-kind": "jpeg",
    "X-Aws-Sqsd-Attr-bytes": "aGk=",
  });
});

test("a periodic task has its name, its time and its sender, and goes to its own path", () => {
  const attributes = taskAttributes({ name: "backup", path: "/backup?full=1" }, Date.UTC(2026, 0, 2, 12));
  const headers = pushHeaders({ ...message, attributes }, "application/json");
  assert.equal(headers["X-Aws-Sqsd-Taskname"], "backup");
  assert.equal(headers["X-Aws-Sqsd-Scheduled-At"], "2026-01-02T12:00:00Z");
  assert.equal(headers["X-Aws-Sqsd-Sender-Id"], "AIDA");
  assert.equal(Object.keys(headers).filter((name) => name.startsWith("X-Aws-Sqsd-Attr-")).length, 0);
  assert.equal(pushUrl("http://localhost:8080/jobs", attributes).href, "http://localhost:8080/backup?full=1");
});

test("text that a header cannot have is sent as UTF-8, without ends of lines", () => {
  const headers = pushHeaders({ ...message, attributes: { name: text("é\r\nX-Forged: 1") } }, "text/plain");
  assert.equal(headers["X-Aws-Sqsd-Attr-name"], "\u00C3\u00A9  X-Forged: 1");
});

test("whoever sends a message cannot send it to another host", () => {
  for (const path of ["//evil.example/x", "/\\evil.example/x", "http://evil.example/x", "x"])
    assert.equal(pushUrl("http://localhost:8080/jobs", { "beanstalk.sqsd.path": text(path) }).href, "http://localhost:8080/jobs", path);
});
