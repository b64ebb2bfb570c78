import assert from "node:assert/strict";
import { test } from "node:test";
import { Readers } from "./readers.ts";

/** Whether a promise has resolved once everything that waits has had its turn. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  void promise.then(() => (settled = true));
  await new Promise((resolve) => setImmediate(resolve));
  return settled;
}

test("what a reader names is held until it leaves, by as many as name it", async () => {
  const readers = new Readers();
  const [one, two] = [readers.enter(), readers.enter()];
  one.name(["a", "b"]);
  two.name(["b"]);
  assert.deepEqual(await readers.heldOf(["a", "b", "c"]), ["a", "b"]);
  one.leave();
  one.leave();
  assert.deepEqual(await readers.heldOf(["a", "b"]), ["b"]);
  two.leave();
  assert.deepEqual(await readers.heldOf(["b"]), []);
});

test("who asks what is held waits until all who had entered have named their blobs or left; later ones do not matter", async () => {
  const readers = new Readers();
  assert.ok(await isSettled(readers.heldOf([])));
  const [one, two] = [readers.enter(), readers.enter()];
  const settled = readers.heldOf([]);
  readers.enter();
  assert.equal(await isSettled(settled), false);
  one.name([]);
  assert.equal(await isSettled(settled), false);
  two.leave();
  assert.ok(await isSettled(settled));
});

test("a reader that has left holds nothing, whatever it names then", async () => {
  const readers = new Readers();
  const reader = readers.enter();
  reader.leave();
  reader.name(["a"]);
  assert.deepEqual(await readers.heldOf(["a"]), []);
});
