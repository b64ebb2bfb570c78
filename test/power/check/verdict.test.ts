import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Judge } from "./verdict.ts";

describe("the verdict on a crash state", () => {
  const states = ["", "a", "a\nb", "a", "a\nc"];
  const judge = new Judge({ states, timesMs: [], sequences: [], remembered: [], backups: [], problems: [] });
  const verdict = (shown: string, answered: number, asked: number) => judge.verdict({ shown }, { answered, asked })?.kind;

  test("what was answered is there, what was only asked for may be, each unit as a whole", () => {
    assert.equal(verdict("a", 1, 2), undefined);
    assert.equal(verdict("a\nb", 1, 2), undefined);
    assert.equal(verdict("a", 2, 3), undefined);
  });

  test("what was answered is lost where it is as it was before", () => {
    assert.equal(verdict("a", 2, 2), "lost");
    assert.equal(verdict("", 4, 4), "lost");
  });

  test("what it never was, or not yet, is none of both", () => {
    assert.equal(verdict("b", 1, 2), "never so");
    assert.equal(verdict("a\nc", 1, 2), "never so");
    assert.match(judge.verdict({ shown: "b" }, { answered: 1, asked: 2 })?.what ?? "", /^it was never so.*\n- a\n\+ b$/);
  });

  test("what cannot be opened is corrupt", () => {
    assert.deepEqual(judge.verdict({ corrupt: "no" }, { answered: 0, asked: 0 }), { kind: "corrupt", what: "no" });
  });
});
