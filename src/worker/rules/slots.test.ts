import assert from "node:assert/strict";
import { test } from "node:test";
import { nextReceive, pollsAllowedAfter, pollsMax, type SlotState } from "./slots.ts";

const IDLE: SlotState = { concurrency: 10, taken: 0, settling: 0, polls: 0, asked: 0, pollsAllowed: 1 };

const TABLE: [string, Partial<SlotState>, number][] = [
  ["ten free slots ask for ten", {}, 10],
  ["three free slots ask for three: a busy neighbour does not hold them back", { taken: 7 }, 3],
  ["no free slot asks for nothing", { taken: 10 }, 0],
  ["slots that a receive in flight has asked for are not free", { polls: 1, asked: 10, pollsAllowed: 4 }, 0],
  ["of twenty-five slots the first receive asks for ten, as many as SQS gives", { concurrency: 25 }, 10],
  ["and a second one in flight for ten more", { concurrency: 25, polls: 1, asked: 10, pollsAllowed: 2 }, 10],
  ["and a third for the five that are left", { concurrency: 25, polls: 2, asked: 20, pollsAllowed: 4 }, 5],
  ["three free slots beside a receive in flight wait for it and go with the next", { taken: 2, polls: 1, asked: 5, pollsAllowed: 2 }, 0],
  ["five do not", { polls: 1, asked: 5, pollsAllowed: 2 }, 5],
  ["no more receives are in flight than allowed", { concurrency: 25, polls: 1, asked: 10, pollsAllowed: 1 }, 0],
  ["messages being settled leave their slots free", { settling: 10 }, 10],
  ["until there are so many that deletes must be failing", { settling: 25 }, 5],
  ["and then nothing is received", { settling: 30 }, 0],
  ["handlers that outlived their message still count", { concurrency: 2, taken: 2 }, 0],
];

for (const [sentence, state, count] of TABLE) test(sentence, () => assert.equal(nextReceive({ ...IDLE, ...state }), count));

test("a full answer doubles the receives that may be in flight, an empty one leaves one, a poor one changes nothing", () => {
  const answer = { asked: 10, concurrency: 100 };
  assert.equal(pollsAllowedAfter(1, { ...answer, received: 10 }), 2);
  assert.equal(pollsAllowedAfter(2, { ...answer, received: 5 }), 4);
  assert.equal(pollsAllowedAfter(4, { ...answer, received: 4 }), 4);
  assert.equal(pollsAllowedAfter(8, { ...answer, received: 10 }), 11);
  assert.equal(pollsAllowedAfter(11, { ...answer, received: 0 }), 1);
});

test("all slots can be asked for at once, with one receive to spare", () => {
  assert.deepEqual([1, 10, 11, 100].map(pollsMax), [2, 2, 3, 11]);
});
