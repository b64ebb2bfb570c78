import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Delete, Entry, Outcome, Receive, Send } from "./history.ts";
import { check } from "./check.ts";

/** Hand-made histories: each entry takes ten milliseconds from the time that is given. `g1-2` is the second message of the group g1. */
interface At {
  readonly outcome?: Outcome;
  /** By which MessageId; the message's own name unless another is given. */
  readonly as?: string;
  readonly sequence?: number;
}

function timed(client: string, invokeMs: number, outcome: Outcome = "done") {
  return { client, invokeMs, completeMs: invokeMs + 10, outcome };
}

/** Groups were sent to one after the other. */
function numbered(message: string, sequence = Number(/\d+/.exec(message)?.[0]) * 1000 + Number(message.split("-")[1])) {
  const [group = "", number = ""] = message.split("-");
  return { group, number: Number(number), sequence: String(sequence).padStart(20, "0") };
}

function send(atMs: number, message: string, { outcome = "done", as = message, sequence }: At = {}): Send {
  const sent = { op: "send", ...timed("writer", atMs, outcome), content: `content of ${message}`, delayMs: 0 } as const;
  const { group, number, sequence: told } = numbered(message, sequence);
  return outcome === "done" ? { ...sent, messageId: as, fifo: { group, number, sequence: told } } : { ...sent, fifo: { group, number } };
}

/** A receive for two seconds of `g1-1 #1`, and so on. */
function receive(atMs: number, deliveries: readonly string[], at: At & { final?: boolean } = {}): Receive {
  return {
    op: "receive",
    ...timed("reader", atMs),
    visibilityMs: 2000,
    deliveries: deliveries.map((text) => {
      const [message = "", count] = text.split(" #");
      return {
        messageId: at.as ?? message,
        content: `content of ${message}`,
        receiveCount: Number(count),
        fifo: numbered(message, at.sequence),
      };
    }),
    final: at.final ?? false,
  };
}

function drain(atMs: number, ...deliveries: string[]): Receive {
  return receive(atMs, deliveries, { final: true });
}

function remove(atMs: number, messageId: string, outcome: Outcome = "done"): Delete {
  return { op: "delete", ...timed("reader", atMs, outcome), messageId };
}

function broken(...history: Entry[]): string[] {
  return [...new Set(check(history).map(({ rule }) => rule))];
}

describe("nothing is wrong", () => {
  test("with groups that are received in order, together or one after the other was deleted", () => {
    const sent = [send(0, "g1-1"), send(20, "g1-2"), send(40, "g2-1")];
    assert.deepEqual(broken(...sent, receive(60, ["g1-1 #1", "g1-2 #1", "g2-1 #1"]), drain(3000, "g1-1 #2", "g1-2 #2", "g2-1 #2")), []);
    assert.deepEqual(broken(...sent, receive(60, ["g1-1 #1"]), remove(80, "g1-1"), drain(100, "g1-2 #1", "g2-1 #1")), []);
    assert.deepEqual(broken(...sent, receive(60, ["g1-1 #1"]), remove(80, "g1-1", "unknown"), drain(100, "g1-2 #1", "g2-1 #1")), []);
  });

  test("with a send without an answer that is repeated and then acknowledged, whenever its message was received", () => {
    const unknown = send(0, "g1-1", { outcome: "unknown" });
    assert.deepEqual(broken(unknown, { op: "crash", atMs: 20 }, send(40, "g1-1"), drain(3000, "g1-1 #1")), []);
    assert.deepEqual(broken(unknown, receive(15, ["g1-1 #1"]), send(40, "g1-1"), drain(3000, "g1-1 #2")), []);
  });

  test("with a message that is repeated after it was deleted", () => {
    assert.deepEqual(broken(send(0, "g1-1"), receive(20, ["g1-1 #1"]), remove(40, "g1-1"), send(60, "g1-1"), drain(3000)), []);
  });

  test("with a message that comes again alone while a later one of its receive is hidden", () => {
    const history = [
      send(0, "g1-1"),
      send(20, "g1-2"),
      receive(40, ["g1-1 #1", "g1-2 #1"]),
      remove(60, "g1-2"),
      receive(2100, ["g1-1 #2"]),
    ];
    assert.deepEqual(broken(...history, drain(5000, "g1-1 #3")), []);
  });
});

describe("order", () => {
  const sent = [send(0, "g1-1"), send(20, "g1-2")];

  test("a message that comes while an earlier one of its group is in flight", () => {
    const history = [...sent, receive(40, ["g1-1 #1"]), receive(60, ["g1-2 #1"]), drain(3000, "g1-1 #2", "g1-2 #2")];
    assert.deepEqual(broken(...history), ["order"]);
  });

  test("one that comes without the earlier one, or before it in the same receive", () => {
    assert.deepEqual(broken(...sent, receive(40, ["g1-2 #1"]), drain(3000, "g1-1 #1", "g1-2 #2")), ["order"]);
    assert.deepEqual(broken(...sent, drain(40, "g1-2 #1", "g1-1 #1")), ["order"]);
  });

  test("one that comes after a delete of the earlier one was refused", () => {
    const history = [...sent, receive(40, ["g1-1 #1"]), remove(60, "g1-1", "refused"), drain(100, "g1-2 #1"), drain(3000, "g1-1 #2")];
    assert.deepEqual(broken(...history), ["order"]);
  });
});

describe("sequence", () => {
  test("a number that does not rise above one of another group that was told before", () => {
    const falling = [send(0, "g1-1", { sequence: 7 }), send(20, "g2-1", { sequence: 6 })];
    assert.deepEqual(broken(...falling, remove(60, "g1-1", "unknown"), remove(60, "g2-1", "unknown")), ["sequence"]);
  });

  test("a number that does not rise, or is another when it is received", () => {
    const falling = [send(0, "g1-1", { sequence: 7 }), send(20, "g1-2", { sequence: 7 })];
    assert.deepEqual(
      broken(...falling, receive(40, ["g1-1 #1"], { sequence: 7, final: true }), remove(60, "g1-1"), remove(60, "g1-2", "unknown")),
      ["sequence"],
    );
    assert.deepEqual(broken(send(0, "g1-1", { sequence: 1 }), receive(20, ["g1-1 #1"], { sequence: 2, final: true })), ["sequence"]);
  });
});

describe("remembered", () => {
  test("a repeated send that was accepted as another message", () => {
    const twice = [send(0, "g1-1"), { op: "crash" as const, atMs: 20 }, send(40, "g1-1", { as: "other" })];
    assert.ok(broken(...twice, drain(60, "g1-1 #1"), remove(80, "g1-1")).includes("remembered"));
  });

  test("a send without an answer and its repetition that both made a message", () => {
    const twice = [send(0, "g1-1", { outcome: "unknown" }), send(40, "g1-1")];
    const first = receive(60, ["g1-1 #1"], { as: "first", final: true });
    assert.deepEqual(broken(...twice, first, receive(80, ["g1-1 #1"], { final: true })), ["duplicated"]);
  });
});

describe("remembered-too-long", () => {
  test("a send that is repeated after more than five minutes and answered as the same message", () => {
    const again = (atMs: number, as: string) => [send(0, "g1-1"), remove(20, "g1-1"), send(atMs, "g1-1", { as }), drain(400_000)];
    assert.deepEqual(broken(...again(302_000, "g1-1")), ["remembered-too-long"]);
    assert.deepEqual(broken(...again(300_500, "g1-1")), []);
    assert.deepEqual(broken(...again(302_000, "other"), remove(400_000, "other")), []);
  });
});

describe("replayed", () => {
  const sent = [send(0, "g1-1"), send(20, "g2-1")];
  const attempt = { attemptId: "a" };
  const first = { ...receive(40, ["g1-1 #1", "g2-1 #1"]), ...attempt };
  const end = drain(5000, "g1-1 #2", "g2-1 #2");

  test("a repeated attempt that is given other messages, or none", () => {
    assert.deepEqual(broken(...sent, first, { ...receive(60, ["g1-1 #1", "g2-1 #1"]), ...attempt }, end), []);
    assert.deepEqual(broken(...sent, first, { ...receive(60, ["g1-1 #1"]), ...attempt }, end), ["replayed"]);
    assert.deepEqual(broken(...sent, first, { ...receive(60, []), ...attempt }, end), ["replayed"]);
  });

  test("but not after one of them was deleted, or is visible again", () => {
    assert.deepEqual(broken(...sent, first, remove(55, "g1-1"), { ...receive(70, []), ...attempt }, drain(5000, "g2-1 #2")), []);
    assert.deepEqual(broken(...sent, first, { ...receive(2100, ["g1-1 #2"]), ...attempt }, drain(5000, "g1-1 #3", "g2-1 #2")), []);
  });
});

describe("the rules of every queue", () => {
  test("a message that is lost, that comes while it is hidden, or that returns", () => {
    assert.deepEqual(broken(send(0, "g1-1"), { op: "crash", atMs: 20 }, drain(3000)), ["lost"]);
    assert.deepEqual(broken(send(0, "g1-1"), receive(20, ["g1-1 #1"]), drain(1000, "g1-1 #2")), ["early"]);
    assert.deepEqual(broken(send(0, "g1-1"), receive(20, ["g1-1 #1"]), remove(40, "g1-1"), receive(3000, ["g1-1 #2"])), ["returned"]);
  });
});
