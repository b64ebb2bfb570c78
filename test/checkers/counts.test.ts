import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { broken, change, count, drain, purge, receive, remove, send, settings } from "./timeline.fixture.ts";

describe("overcounted", () => {
  test("a delivery that counts more receives than there can have been", () => {
    assert.deepEqual(broken(send(0, "m1"), drain(20, "m1 #2")), ["overcounted"]);
    assert.deepEqual(broken(send(0, "m1"), receive(20, [], { outcome: "refused" }), drain(40, "m1 #2")), ["overcounted"]);
    assert.deepEqual(broken(send(0, "m1"), receive(20, [], { outcome: "unknown" }), drain(4000, "m1 #2")), []);
  });

  test("but one that is taken back has counted where its message was shown and received again meanwhile", () => {
    const first = [send(0, "m1"), receive(20, ["m1 #1"]), receive(1100, [], { outcome: "refused" })];
    assert.deepEqual(broken(...first, drain(9000, "m1 #3")), ["overcounted"]);
    assert.deepEqual(broken(...first, change(1101, "m1 #1", { visibilityMs: 0 }), drain(9000, "m1 #3")), []);
  });
});

describe("miscounted", () => {
  const sent = [send(0, "m1"), send(20, "m2", { outcome: "unknown" })];

  test("fewer messages than are there, or more than can be there", () => {
    assert.deepEqual(broken(...sent, count(100, "0, 0, 0"), drain(5000, "m1 #1")), ["miscounted"]);
    assert.deepEqual(broken(...sent, count(100, "3, 0, 0"), drain(5000, "m1 #1")), ["miscounted"]);
    assert.deepEqual(broken(...sent, count(100, "1, 0, 0"), drain(5000, "m1 #1")), []);
    assert.deepEqual(broken(...sent, count(100, "2, 0, 0"), drain(5000, "m1 #1")), []);
  });

  test("but a send without an answer may have made one, though it was repeated", () => {
    const repeated = [send(0, "m1", { outcome: "unknown" }), send(20, "m1")];
    assert.deepEqual(broken(...repeated, count(100, "2, 0, 0"), drain(5000, "m1 #1")), []);
    assert.deepEqual(broken(...repeated, count(100, "3, 0, 0"), drain(5000, "m1 #1")), ["miscounted"]);
  });

  test("one that is visible counted as hidden", () => {
    assert.deepEqual(broken(send(0, "m1"), count(100, "0, 1, 0"), drain(5000, "m1 #1")), ["miscounted"]);
    assert.deepEqual(broken(send(0, "m1"), receive(20, ["m1 #1"]), count(100, "0, 1, 0"), drain(5000, "m1 #2")), []);
  });

  test("one that was deleted or purged", () => {
    assert.deepEqual(broken(send(0, "m1"), receive(20, ["m1 #1"]), remove(40, "m1"), count(100, "0, 1, 0")), ["miscounted"]);
    assert.deepEqual(broken(send(0, "m1"), purge(40), count(100, "1, 0, 0")), ["miscounted"]);
    assert.deepEqual(broken(send(0, "m1"), remove(40, "m1", { outcome: "unknown" }), count(100, "1, 0, 0")), []);
  });
});

describe("expired", () => {
  const short = settings({ retentionMs: 60_000 });

  test("a message that is delivered a minute after its retention", () => {
    assert.deepEqual(broken(short, send(0, "m1"), drain(130_000, "m1 #1")), ["expired"]);
    assert.deepEqual(broken(short, send(0, "m1"), drain(110_000, "m1 #1")), []);
  });

  test("but one that is gone by then is not lost, nor one that may be", () => {
    assert.deepEqual(broken(short, send(0, "m1"), drain(61_000)), []);
    assert.deepEqual(broken(short, send(0, "m1"), drain(50_000)), ["lost"]);
  });
});

describe("purged", () => {
  test("a message that is delivered after a purge of what was there", () => {
    assert.deepEqual(broken(send(0, "m1"), purge(20), drain(40, "m1 #1")), ["purged"]);
    assert.deepEqual(broken(send(0, "m1"), purge(20, { outcome: "unknown" }), drain(40, "m1 #1")), []);
  });

  test("but what was sent after it must not be lost", () => {
    assert.deepEqual(broken(send(0, "m1"), purge(20), drain(40)), []);
    assert.deepEqual(broken(purge(0), send(20, "m1"), drain(40)), ["lost"]);
  });
});
