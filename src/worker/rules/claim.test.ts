import assert from "node:assert/strict";
import { test } from "node:test";
import { claimStep, type Claim } from "./claim.ts";

const me = { messageId: "m1", isRedriven: false };
const running = (messageId: string, untilMs: number): Claim<string> => ({ state: "running", messageId, run: "r", untilMs });
const done = (messageId: string, untilMs: number, isPublished: boolean): Claim<string> => ({
  state: "done",
  messageId,
  run: "r",
  untilMs,
  isPublished,
  outputs: [],
});

test("a key that nobody has, or that a failed attempt has left, is taken", () => {
  assert.equal(claimStep(undefined, me, 0), "take");
  assert.equal(claimStep({ state: "open", run: "r" }, me, 0), "take");
});

test("a key that another message holds is let go until its time is over", () => {
  assert.equal(claimStep(running("m2", 100), me, 99), "let-go");
  assert.equal(claimStep(running("m2", 100), me, 100), "take");
});

test("a key that an earlier receive of the same message holds is taken at once, and so is one by a letter that was moved back", () => {
  assert.equal(claimStep(running("m1", 100), me, 0), "take");
  assert.equal(claimStep(running("m2", 100), { ...me, isRedriven: true }, 0), "take");
});

test("a result that was published is let go; one that was not is published again by the same message, or by any when its time is over", () => {
  assert.equal(claimStep(done("m1", 0, true), me, 1), "let-go");
  assert.equal(claimStep(done("m1", 100, false), me, 0), "publish-again");
  assert.equal(claimStep(done("m2", 100, false), me, 0), "let-go");
  assert.equal(claimStep(done("m2", 100, false), me, 100), "publish-again");
  assert.equal(claimStep(done("m2", 100, false), { ...me, isRedriven: true }, 0), "publish-again");
});

test("a cancelled key stays cancelled", () => {
  assert.equal(claimStep({ state: "cancelled", run: "r", reason: "x" }, { ...me, isRedriven: true }, 0), "cancelled");
});
