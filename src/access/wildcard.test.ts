import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { systemClock } from "../kernel/clock.ts";
import { arnParts, fitsArn, fitsWildcard } from "./wildcard.ts";

test("a star stands for any characters, a question mark for exactly one", () => {
  const table: [pattern: string, text: string, fits: boolean][] = [
    ["", "", true],
    ["", "a", false],
    ["*", "", true],
    ["*", "anything", true],
    ["?", "", false],
    ["?", "a", true],
    ["a?c", "abc", true],
    ["a*c", "ac", true],
    ["a*c", "abcbc", true],
    ["a*c", "abcb", false],
    ["*b*", "abc", true],
    ["a**", "a", true],
    ["Send*", "sendmessage", false],
    ["a.c", "abc", false],
    ["a*?", "a", false],
    ["*ab", "aab", true],
    ["(a+)+$", "(a+)+$", true],
  ];
  for (const [pattern, text, fits] of table) assert.equal(fitsWildcard(pattern, text), fits, `${pattern} ${text}`);
});

/** The definition, tried in every way. */
function fitsSlowly(pattern: string, text: string): boolean {
  const [first] = pattern;
  if (first === undefined) return text === "";
  if (first === "*") return fitsSlowly(pattern.slice(1), text) || (text !== "" && fitsSlowly(pattern, text.slice(1)));
  return text !== "" && (first === "?" || first === text[0]) && fitsSlowly(pattern.slice(1), text.slice(1));
}

test("what fits is what fits by trying every way", () => {
  const piece = (characters: string) => fc.string({ unit: fc.constantFrom(...Array.from(characters)), maxLength: 8 });
  fc.assert(
    fc.property(piece("ab*?"), piece("ab"), (pattern, text) => fitsWildcard(pattern, text) === fitsSlowly(pattern, text)),
    { numRuns: 5000 },
  );
});

test("no pattern takes long", () => {
  const clock = systemClock();
  const startedMs = clock.monotonicMs();
  for (let run = 0; run < 100; run += 1) {
    assert.equal(fitsWildcard("a*a*a*a*b", "a".repeat(1000)), false);
    assert.equal(fitsWildcard(`${"*a".repeat(50)}b`, "a".repeat(1000)), false);
  }
  const tookMs = clock.monotonicMs() - startedMs;
  assert.ok(tookMs < 1000, `200 comparisons took ${tookMs} ms`);
});

test("in ARNs a star does not reach over a colon, but for the last part", () => {
  const fits = (pattern: string, arn: string) => fitsArn(arnParts(pattern) ?? assert.fail(pattern), arn);
  assert.ok(fits("arn:aws:s3:*:*:photos", "arn:aws:s3:::photos"));
  assert.ok(fits("arn:aws:sns:us-*:111111111111:order?", "arn:aws:sns:us-east-1:111111111111:orders"));
  assert.ok(!fits("arn:aws:sns:*:orders:x", "arn:aws:sns:us-east-1:111111111111:orders"));
  assert.ok(fits("arn:aws:sns:us-east-1:111111111111:*", "arn:aws:sns:us-east-1:111111111111:orders:with:colons"));
  assert.ok(!fits("arn:aws:s3:::photos", "photos"));
  assert.equal(arnParts("arn:aws:s3"), undefined);
});
