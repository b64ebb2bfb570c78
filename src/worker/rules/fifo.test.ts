import assert from "node:assert/strict";
import { test } from "node:test";
import { chainsOf } from "./fifo.ts";

const MESSAGES = [
  { id: 1, groupId: "a" },
  { id: 2, groupId: "b" },
  { id: 3, groupId: "a" },
];
const ids = (chains: { id: number }[][]) => chains.map((chain) => chain.map(({ id }) => id));

test("of a FIFO queue, a group's messages follow each other and groups run beside each other", () => {
  assert.deepEqual(ids(chainsOf(MESSAGES, true)), [[1, 3], [2]]);
});

test("of a standard queue each message stands alone, also where it has a group", () => {
  assert.deepEqual(ids(chainsOf(MESSAGES, false)), [[1], [2], [3]]);
});
