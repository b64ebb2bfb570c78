import assert from "node:assert/strict";
import { test } from "node:test";
import { nextStage, receiveCancelMs, type Stage } from "./drain.ts";

test("a stop goes through its stages in order and stays at the last", () => {
  const stages: Stage[] = ["running"];
  for (let left = 5; left > 0; left -= 1) stages.push(nextStage(stages.at(-1)!));
  assert.deepEqual(stages, ["running", "drain", "abort", "release", "stopped", "stopped"]);
});

const AWS = "https://sqs.eu-west-1.amazonaws.com/123456789012/jobs";

const old = { ageMs: 5000, remainingMs: 15_000 };
const young = { ageMs: 300, remainingMs: 19_700 };

test("on AWS a receive that ends within the grace is left to end, for a cancelled one may strand messages", () => {
  assert.equal(receiveCancelMs(old, 25_000, AWS), undefined);
  assert.equal(receiveCancelMs(old, 5000, AWS), 0);
  assert.equal(receiveCancelMs(old, 25_000, "https://sqs.cn-north-1.amazonaws.com.cn/1/q"), undefined);
  assert.equal(receiveCancelMs(old, 25_000, "https://eu-west-1.queue.amazonaws.com/1/q"), undefined);
});

test("elsewhere a receive that has waited in vain is cancelled at once: a server that undoes it loses nothing", () => {
  assert.equal(receiveCancelMs(old, 25_000, "http://127.0.0.1:4566/000000000000/jobs"), 0);
  assert.equal(receiveCancelMs(old, 25_000, "https://amazonaws.com.example.org/1/q"), 0);
  assert.equal(receiveCancelMs(old, 25_000, "jobs"), 0);
});

test("a young receive may be on its way back with messages: it has until it is a second old, within the grace", () => {
  assert.equal(receiveCancelMs(young, 25_000, "http://127.0.0.1:4566/000000000000/jobs"), 700);
  assert.equal(receiveCancelMs(young, 100, "http://127.0.0.1:4566/000000000000/jobs"), 100);
  assert.equal(receiveCancelMs(young, 5000, AWS), 700);
});
