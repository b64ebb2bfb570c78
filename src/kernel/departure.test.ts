import assert from "node:assert/strict";
import { test } from "node:test";
import { CallerDeparture } from "./departure.ts";

test("whoever listens is told once, in order, and whoever has stopped listening is not", () => {
  const departure = new CallerDeparture();
  const told: string[] = [];
  const listeners = ["first", "second", "third", "fourth"].map((name) => () => void told.push(name));
  for (const listener of listeners) departure.addEventListener("abort", listener);
  for (const index of [0, 2]) departure.removeEventListener("abort", listeners[index] ?? assert.fail());
  assert.equal(departure.aborted, false);
  departure.throwIfAborted();
  departure.abort();
  departure.abort();
  assert.deepEqual(told, ["second", "fourth"]);
  assert.equal(departure.aborted, true);
});

test("after it an operation that looks is ended, and nobody is told who comes to listen, as with an AbortSignal", () => {
  const departure = new CallerDeparture();
  departure.abort();
  departure.addEventListener("abort", () => assert.fail("it was told"));
  departure.abort();
  assert.throws(() => departure.throwIfAborted(), { name: "AbortError" });
});
