import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { joined, nextLaneReceive, type LaneState } from "./lanes.ts";

const lane = (changes: Partial<LaneState> = {}): LaneState => ({
  weight: 1,
  taken: 0,
  settling: 0,
  polls: 0,
  asked: 0,
  pollsAllowed: 2,
  isPaused: false,
  emptyMs: undefined,
  pass: 0,
  ...changes,
});

const next = (lanes: readonly LaneState[], concurrency: number, nowMs = 0) => nextLaneReceive(lanes, { concurrency, nowMs });

describe("which lane is received from next", () => {
  test("all have messages, ten slots free → eight for the weight 4, two for the weight 1", () => {
    const lanes = [lane({ weight: 1 }), lane({ weight: 4 })];
    assert.deepEqual(next(lanes, 10), { lane: 1, count: 8, waitMs: 0 });
    assert.deepEqual(next([lane(), lane({ weight: 4, polls: 1, asked: 8 })], 10), { lane: 0, count: 2, waitMs: 0 });
  });

  test("slots that become free one at a time go round by weight", () => {
    let lanes = [lane({ taken: 1 }), lane({ weight: 3, taken: 1 })];
    const given = [0, 0];
    for (let slot = 0; slot < 40; slot += 1) {
      const receive = next(lanes, 3);
      assert.ok(receive?.count === 1);
      given[receive.lane] = (given[receive.lane] ?? 0) + 1;
      lanes = lanes.map((state, index) => (index === receive.lane ? { ...state, pass: state.pass + 1 / state.weight } : state));
    }
    assert.deepEqual(given, [10, 30]);
  });

  test("no slot free → none, and no look at one that is empty", () => {
    assert.equal(next([lane({ taken: 2 }), lane()], 2), undefined);
    assert.equal(next([lane({ taken: 2 }), lane({ emptyMs: 0 })], 2, 5000), undefined);
  });

  test("all are empty → each is waited at for one message", () => {
    const waiting = lane({ emptyMs: 0, polls: 1, asked: 1 });
    assert.deepEqual(next([lane({ emptyMs: 0 }), lane({ emptyMs: 0 })], 8), { lane: 0, count: 1, waitMs: 20_000 });
    assert.deepEqual(next([waiting, lane({ emptyMs: 0 })], 8), { lane: 1, count: 1, waitMs: 20_000 });
    assert.equal(next([waiting, waiting], 8), undefined);
  });

  test("all are empty, one slot → they are waited at in turn, for two seconds each", () => {
    const [first, second] = [lane({ emptyMs: 2000 }), lane({ emptyMs: 0 })];
    assert.deepEqual(next([first, second], 1, 2000), { lane: 1, count: 1, waitMs: 2000 });
    assert.deepEqual(next([first, lane({ emptyMs: 4000 })], 1, 4000), { lane: 0, count: 1, waitMs: 2000 });
  });

  test("one is empty → it is looked at once a second, and the other has the slots", () => {
    const empty = lane({ weight: 4, emptyMs: 500 });
    assert.deepEqual(next([lane(), empty], 2, 1400), { lane: 0, count: 2, waitMs: 1000 });
    assert.deepEqual(next([lane(), empty], 2, 1500), { lane: 1, count: 1, waitMs: 0 });
  });

  test("one pauses → the other has the slots", () =>
    assert.deepEqual(next([lane({ isPaused: true }), lane({ weight: 4 })], 2), { lane: 1, count: 2, waitMs: 1000 }));

  test("a lane that has been empty has saved nothing", () => {
    assert.equal(joined(2, [10, 12]), 10);
    assert.equal(joined(11, [10, 12]), 11);
    assert.equal(joined(2, []), 2);
  });
});
