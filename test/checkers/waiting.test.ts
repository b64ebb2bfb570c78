import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { broken, brokenWith, change, crash, drain, purge, receive, remove, send, settings } from "./timeline.fixture.ts";

const taken = drain(20_000, "m1 #1");

describe("missed", () => {
  test("a message that is visible and not handed out to a receive that has room", () => {
    assert.deepEqual(broken(send(0, "m1"), receive(100, [], { max: 1 }), taken), ["missed"]);
    assert.deepEqual(broken(send(0, "m1"), send(0, "m2"), receive(100, ["m2 #1"], { max: 2 }), remove(300, "m2"), taken), ["missed"]);
  });

  test("but not where the receive was full, or perhaps came too early", () => {
    assert.deepEqual(broken(send(0, "m1"), send(0, "m2"), receive(100, ["m2 #1"], { max: 1 }), remove(300, "m2"), taken), []);
    assert.deepEqual(broken(send(0, "m1"), receive(20, [], { max: 1 }), taken), []);
    assert.deepEqual(broken(send(0, "m1", { delayMs: 5000 }), receive(4000, [], { max: 1 }), taken), []);
  });

  test("one whose timeout is over, or was set to 0", () => {
    const again = drain(20_000, "m1 #2");
    assert.deepEqual(broken(send(0, "m1"), receive(100, ["m1 #1"]), receive(2200, [], { max: 1 }), again), ["missed"]);
    const shown = change(300, "m1 #1", { visibilityMs: 0 });
    assert.deepEqual(broken(send(0, "m1"), receive(100, ["m1 #1"]), shown, receive(500, [], { max: 1 }), again), ["missed"]);
    assert.deepEqual(broken(send(0, "m1"), receive(100, ["m1 #1"]), receive(2000, [], { max: 1 }), again), []);
  });

  test("but not while a receive without an answer may hide it, or after it may have been deleted, purged or expired", () => {
    const unanswered = receive(100, [], { outcome: "unknown", max: 1 });
    assert.deepEqual(broken(send(0, "m1"), unanswered, receive(1000, [], { max: 1 }), taken), []);
    assert.deepEqual(broken(send(0, "m1"), unanswered, receive(3000, [], { max: 1 }), taken), ["missed"]);
    const takenBack = receive(90, [], { outcome: "refused", max: 1, endMs: 500 });
    assert.deepEqual(broken(send(0, "m1"), takenBack, receive(100, [], { max: 1 }), taken), []);
    assert.deepEqual(broken(send(0, "m1"), remove(50, "m1", { outcome: "unknown" }), receive(100, [], { max: 1 })), []);
    assert.deepEqual(broken(send(0, "m1"), purge(50, { outcome: "unknown" }), receive(100, [], { max: 1 })), []);
    assert.deepEqual(broken(settings({ retentionMs: 60_000 }), send(0, "m1"), receive(60_000, [], { max: 1 })), []);
  });
});

describe("unwoken", () => {
  const exact = { clockToleranceMs: 0, promptMs: 20 };

  test("a receive that waits on although a message is visible, whoever gets it", () => {
    assert.deepEqual(brokenWith(exact, receive(0, ["m1 #1"], { waitMs: 5000, endMs: 1100, final: true }), send(1000, "m1")), ["unwoken"]);
    assert.deepEqual(brokenWith(exact, receive(0, [], { waitMs: 5000, endMs: 5000 }), send(1000, "m1"), taken), ["unwoken"]);
    assert.deepEqual(brokenWith(exact, receive(0, ["m1 #1"], { waitMs: 5000, endMs: 1015, final: true }), send(1000, "m1")), []);
  });

  test("but not while the server is in trouble", () => {
    const trouble = { op: "trouble" as const, atMs: 900, untilMs: 1090 };
    const late = receive(0, ["m1 #1"], { waitMs: 5000, endMs: 1100, final: true });
    assert.deepEqual(brokenWith(exact, trouble, late, send(1000, "m1")), []);
  });
});

describe("overtaken", () => {
  test("a receive that waits while a later one is served", () => {
    const [earlier, later] = [
      receive(0, [], { client: "first", waitMs: 20_000, endMs: 20_000 }),
      receive(5000, ["m1 #1"], { waitMs: 20_000, endMs: 10_010, final: true }),
    ];
    const others = [send(10_000, "m1"), remove(10_020, "m1")];
    assert.deepEqual(broken(earlier, later, ...others), ["overtaken"]);
    assert.deepEqual(broken({ ...earlier, outcome: "unknown" }, later, ...others), []);
  });
});

describe("a wait", () => {
  test("that is answered empty before its time is hasty, unless the server stopped", () => {
    assert.deepEqual(broken(receive(0, [], { waitMs: 5000, endMs: 3000 })), ["hasty"]);
    assert.deepEqual(broken(receive(0, [], { waitMs: 5000, endMs: 3000 }), crash(2990)), []);
    assert.deepEqual(broken(receive(0, [], { waitMs: 5000, endMs: 5000 })), []);
  });

  test("that goes on after its time has overslept", () => {
    assert.deepEqual(broken(receive(0, [], { waitMs: 5000, endMs: 6100 })), ["overslept"]);
    assert.deepEqual(broken(receive(0, [], { waitMs: 5000, endMs: 5900 })), []);
  });
});
