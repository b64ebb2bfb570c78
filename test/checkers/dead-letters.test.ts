import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { broken, crash, drain, move, receive, remove, send, settings } from "./timeline.fixture.ts";

const queues = [settings({ queue: "orders", redrive: { deadLetterQueue: "dead", receivesMax: 2 } }), settings({ queue: "dead" })];
const sent = send(0, "m1", { queue: "orders" });
const first = receive(100, ["m1 #1"], { queue: "orders" });
const second = receive(2200, ["m1 #2"], { queue: "orders" });
const dead = receive(4400, ["m1 #3"], { queue: "dead" });

describe("nothing is wrong", () => {
  test("with a message that is given up after it was received twice, and taken from the dead-letter queue", () => {
    assert.deepEqual(broken(...queues, sent, first, second, dead, remove(4500, "m1")), []);
    assert.deepEqual(broken(...queues, sent, first, { ...second, outcome: "unknown", deliveries: [] }, dead, remove(4500, "m1")), []);
  });

  test("with one that a move task has brought back, as another message", () => {
    const back = receive(5000, ["n1 #1: content of m1"], { queue: "orders", final: true });
    assert.deepEqual(broken(...queues, sent, first, second, move(4500, "dead"), back), []);
  });
});

describe("returned", () => {
  const late = remove(5000, "m1");
  const taken = { ...dead, invokeMs: 6000, completeMs: 6010, final: true };

  test("a message that was deleted from its queue, but not where it may have been given up by then", () => {
    assert.deepEqual(broken(...queues, sent, first, remove(1000, "m1"), taken), ["returned", "given-up-early"]);
    assert.deepEqual(broken(...queues, sent, first, second, { ...late, queue: "orders" }, taken), []);
    assert.deepEqual(broken(...queues, sent, first, second, { ...late, queue: "dead" }, taken), ["returned"]);
  });
});

describe("kept-from-dead-letters", () => {
  test("a message that is received more often than its queue allows", () => {
    const third = receive(4400, ["m1 #3"], { queue: "orders", final: true });
    assert.deepEqual(broken(...queues, sent, first, second, third), ["kept-from-dead-letters"]);
  });
});

describe("given-up-early", () => {
  test("a message that is in the dead-letter queue before it was received so often", () => {
    assert.deepEqual(broken(...queues, sent, first, { ...dead, final: true }), ["given-up-early"]);
  });
});

describe("two-places", () => {
  test("a message that is delivered from its queue after it was given up", () => {
    const back = receive(8000, ["m1 #4"], { queue: "orders", final: true });
    assert.deepEqual(broken(...queues, sent, first, second, crash(4000), dead, back), ["kept-from-dead-letters", "two-places"]);
  });

  test("one that a move task has made two of", () => {
    const twice = drain(5000, "n1 #1: content of m1", "n2 #1: content of m1");
    assert.deepEqual(broken(...queues, sent, first, second, move(4500, "dead"), { ...twice, queue: "orders" }), ["duplicated"]);
  });

  test("one that is nowhere after a move task", () => {
    assert.deepEqual(broken(...queues, sent, first, second, move(4500, "dead"), drain(5000)), ["lost"]);
  });
});
