import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { check } from "./check.ts";
import { broken, change, crash, drain, receive, remove, send } from "./timeline.fixture.ts";

describe("nothing is wrong", () => {
  test("with messages that are deleted once received, or taken at the end", () => {
    const history = [send(0, "m1"), send(10, "m2"), receive(20, ["m1 #1"]), remove(40, "m1"), drain(5000, "m2 #1")];
    assert.deepEqual(broken(...history), []);
  });

  test("with a redelivery after the visibility timeout, counted, across a crash", () => {
    assert.deepEqual(broken(send(0, "m1"), receive(20, ["m1 #1"]), crash(500), drain(2030, "m1 #2")), []);
  });

  test("with sends and deletes without an answer, whether they were done or not", () => {
    const unknown = { outcome: "unknown" } as const;
    assert.deepEqual(broken(send(0, "m1", unknown), drain(5000)), []);
    assert.deepEqual(broken(send(0, "m1", unknown), drain(5000, "m1 #1")), []);
    assert.deepEqual(broken(send(0, "m1"), receive(20, ["m1 #1"]), remove(40, "m1", unknown), drain(5000)), []);
    assert.deepEqual(broken(send(0, "m1"), receive(20, ["m1 #1"]), remove(40, "m1", unknown), drain(5000, "m1 #2")), []);
  });

  test("with a delivery to a receive that had begun before the delete was answered", () => {
    assert.deepEqual(broken(send(0, "m1"), receive(20, ["m1 #1"]), remove(3000, "m1"), receive(2990, ["m1 #2"], { endMs: 3020 })), []);
  });

  test("with a message that is shown sooner because its visibility was changed", () => {
    const shown = [send(0, "m1"), receive(20, ["m1 #1"]), change(100, "m1 #1", { visibilityMs: 0 }), drain(120, "m1 #2")];
    assert.deepEqual(broken(...shown), []);
    const perhaps = change(100, "m1 #1", { visibilityMs: 0, outcome: "unknown" });
    assert.deepEqual(broken(send(0, "m1"), receive(20, ["m1 #1"]), perhaps, drain(120, "m1 #2")), []);
  });
});

describe("lost", () => {
  test("an acknowledged message that nobody ever receives", () => {
    assert.deepEqual(broken(send(0, "m1"), crash(50), drain(5000)), ["lost"]);
  });

  test("one that was received, deleted by nobody, and is not there at the end", () => {
    assert.deepEqual(broken(send(0, "m1"), receive(20, ["m1 #1"]), crash(500), drain(5000)), ["lost"]);
  });

  test("one whose send had no answer, once it was seen", () => {
    assert.deepEqual(broken(send(0, "m1", { outcome: "unknown" }), receive(20, ["m1 #1"]), drain(5000)), ["lost"]);
  });

  test("one whose delete was refused", () => {
    const refused = remove(40, "m1", { outcome: "refused" });
    assert.deepEqual(broken(send(0, "m1"), receive(20, ["m1 #1"]), refused, drain(5000)), ["lost"]);
  });
});

describe("returned", () => {
  test("a message that is delivered after it was deleted", () => {
    const history = [send(0, "m1"), receive(20, ["m1 #1"]), remove(40, "m1"), crash(60), receive(3000, ["m1 #2"])];
    assert.deepEqual(broken(...history), ["returned"]);
  });
});

describe("invented", () => {
  test("a message that nobody sent", () => {
    assert.deepEqual(broken(drain(0, "m9 #1")), ["invented"]);
  });

  test("a content that is not what was sent", () => {
    assert.deepEqual(broken(send(0, "m1"), drain(20, "m1 #1: something else")), ["invented"]);
  });

  test("a content that was sent as another message", () => {
    assert.deepEqual(broken(send(0, "m1"), send(10, "m2"), drain(30, "m1 #1: content of m2", "m2 #1")), ["invented"]);
  });
});

describe("unwanted", () => {
  test("a message whose send was refused, such as a failed entry of a batch", () => {
    assert.deepEqual(broken(send(0, "m1", { outcome: "refused" }), drain(20, "m1 #1")), ["unwanted"]);
  });
});

describe("duplicated", () => {
  test("an acknowledged send that made a second message", () => {
    assert.deepEqual(broken(send(0, "m1"), drain(20, "m1 #1", "m7 #1: content of m1")), ["duplicated"]);
  });

  test("a send without an answer that made two", () => {
    const two = drain(20, "m7 #1: content of m1", "m8 #1: content of m1");
    assert.deepEqual(broken(send(0, "m1", { outcome: "unknown" }), two), ["duplicated"]);
  });
});

describe("count", () => {
  test("a receive count that falls after a crash", () => {
    const history = [send(0, "m1"), receive(20, ["m1 #1"]), receive(2040, ["m1 #2"]), crash(2100), drain(5000, "m1 #1")];
    assert.deepEqual(broken(...history), ["count"]);
  });

  test("one that stays", () => {
    assert.deepEqual(broken(send(0, "m1"), receive(20, ["m1 #1"]), drain(5000, "m1 #1")), ["count"]);
  });

  test("the same for two receives at once", () => {
    const history = [send(0, "m1"), receive(20, ["m1 #1"], { endMs: 3000 }), drain(2900, "m1 #1")];
    assert.deepEqual(broken(...history), ["count"]);
  });
});

describe("early", () => {
  test("a delivery while an earlier receive hides the message, also after a crash", () => {
    assert.deepEqual(broken(send(0, "m1"), receive(20, ["m1 #1"]), crash(500), drain(1800, "m1 #2")), ["early"]);
  });

  test("one before the end of a longer time that was asked for", () => {
    const longer = change(100, "m1 #1", { visibilityMs: 4000 });
    assert.deepEqual(broken(send(0, "m1"), receive(20, ["m1 #1"]), longer, drain(3000, "m1 #2")), ["early"]);
    assert.deepEqual(broken(send(0, "m1"), receive(20, ["m1 #1"]), longer, drain(4110, "m1 #2")), []);
  });

  test("but not where the longer time may have been asked for too late", () => {
    const late = change(2500, "m1 #1", { visibilityMs: 4000 });
    assert.deepEqual(broken(send(0, "m1"), receive(20, ["m1 #1"]), late, drain(3000, "m1 #2")), []);
  });

  test("a delivery of a message that is still delayed", () => {
    assert.deepEqual(broken(send(0, "m1", { delayMs: 1000 }), drain(900, "m1 #1")), ["early"]);
    assert.deepEqual(broken(send(0, "m1", { delayMs: 1000 }), drain(1000, "m1 #1")), []);
  });
});

describe("a violation shows the smallest history", () => {
  test("what was done to its message and the crashes since, in order, and nothing of other messages", () => {
    const [m1, m2, taken, killed, end] = [send(0, "m1"), send(10, "m2"), receive(20, ["m1 #1"]), crash(500), drain(5000, "m2 #1")];
    assert.deepEqual(check([crash(-10), m2, taken, m1, killed, end]), [
      { rule: "lost", what: "message m1 was received, deleted by nobody, and is not there at the end", history: [m1, taken, killed] },
    ]);
  });
});
