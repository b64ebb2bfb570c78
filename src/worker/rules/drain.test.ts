import assert from "node:assert/strict";
import { test } from "node:test";
import { cancelsReceive, nextStage, type Stage } from "./drain.ts";

test("a stop goes through its stages in order and stays at the last", () => {
  const stages: Stage[] = ["running"];
  for (let left = 5; left > 0; left -= 1) stages.push(nextStage(stages.at(-1)!));
  assert.deepEqual(stages, ["running", "drain", "abort", "release", "stopped", "stopped"]);
});

const AWS = "https://sqs.eu-west-1.amazonaws.com/123456789012/jobs";

test("on AWS a receive that ends within the grace is left to end, for a cancelled one may strand messages", () => {
  assert.equal(cancelsReceive(AWS, 20_000, 25_000), false);
  assert.equal(cancelsReceive(AWS, 20_000, 5000), true);
  assert.equal(cancelsReceive("https://sqs.cn-north-1.amazonaws.com.cn/1/q", 1, 25_000), false);
  assert.equal(cancelsReceive("https://eu-west-1.queue.amazonaws.com/1/q", 1, 25_000), false);
});

test("elsewhere a receive is cancelled at once: a server that undoes it loses nothing", () => {
  assert.equal(cancelsReceive("http://127.0.0.1:4566/000000000000/jobs", 20_000, 25_000), true);
  assert.equal(cancelsReceive("https://amazonaws.com.example.org/1/q", 20_000, 25_000), true);
  assert.equal(cancelsReceive("jobs", 20_000, 25_000), true);
});
