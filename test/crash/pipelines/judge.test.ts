import assert from "node:assert/strict";
import { test } from "node:test";
import { judge, type Entry } from "./judge.ts";
import type { Shape } from "./shapes.ts";

const entry = (key: string, change: { id?: string; side?: string; runs?: string[]; group?: string } = {}): Entry => {
  const { id = `id ${key}`, side = "all", runs = ["a", "b"], group = "g" } = change;
  return { id, job: { key, group, side, runs } };
};
const said = (ledger: readonly Entry[], shape: Shape = "join", stuck: number = 0) =>
  judge({ shape, keys: ["k1", "k2"], ledger, stuck }).join("; ");

test("every key once, or twice as the same message where order is not kept → nothing to say", () => {
  assert.equal(said([entry("k1"), entry("k2"), entry("k1")]), "");
  assert.equal(said([entry("k1"), entry("k2")], "join-fifo"), "");
});

test("what is missing, stuck, invented, or there in two versions is found", () => {
  assert.match(said([entry("k1")]), /k2\/all is missing/);
  assert.match(said([entry("k1"), entry("k2")], "join", 3), /3 messages are stuck/);
  assert.match(said([entry("k1"), entry("k2"), entry("k3")]), /k3\/all was never sent/);
  assert.match(said([entry("k1"), entry("k1", { id: "other" }), entry("k2")]), /several ids/);
  assert.match(said([entry("k1"), entry("k1", { runs: ["a", "c"] }), entry("k2")]), /several runs/);
  assert.match(said([entry("k1", { runs: ["a", "b", "c"] }), entry("k2")]), /joined of parts of several runs/);
});

test("sides of one key must come of one run of the first stage", () => {
  const sides = (key: string, first: string) => [
    entry(key, { side: "left", id: `${key}l` }),
    entry(key, { side: "right", id: `${key}r`, runs: [first, "b"] }),
  ];
  assert.equal(said([...sides("k1", "a"), ...sides("k2", "a")], "fan-out"), "");
  assert.match(said([...sides("k1", "x"), ...sides("k2", "a")], "fan-out"), /results of k1 come of several runs/);
});

test("where order is kept, a second copy and a wrong order are found", () => {
  assert.match(said([entry("k1"), entry("k1"), entry("k2")], "join-fifo"), /there 2 times/);
  assert.match(said([entry("k2"), entry("k1")], "join-fifo"), /k1 came out of order/);
});

test("a command may say a thing twice under one id, and what follows it has one run", () => {
  const of = (key: string, change: { said?: string; id?: string; kept?: string }) => [
    entry(key, { side: "said", id: change.id ?? `${key}s`, runs: [change.said ?? "a"] }),
    entry(key, { side: "kept", id: `${key}k`, runs: ["a", change.kept ?? "b"] }),
  ];
  const both = [...of("k1", {}), ...of("k2", {})];
  assert.equal(said([...both, ...of("k1", { said: "other" })], "exec"), "");
  assert.match(said([...both, ...of("k1", { id: "other" })], "exec"), /k1\/said has several ids/);
  assert.match(said([...both, ...of("k1", { kept: "other" })], "exec"), /k1\/kept comes of several runs/);
  assert.match(said([...both, ...of("k1", { said: "other" })], "exec-fifo"), /k1\/said is there 2 times/);
});
