import assert from "node:assert/strict";
import { test } from "node:test";
import { BadSetting, configWith, readConfig, type ServerConfig } from "../config.ts";
import { httpThreadsOf, wantsStorageThread } from "./how-many.ts";

const counts = (changes: Partial<ServerConfig>) => [1, 2, 3, 4, 64].map((processors) => httpThreadsOf(configWith(changes), processors));

test("one thread answers requests on up to two processors; with more there are more, up to what one engine can serve", () => {
  assert.deepEqual(counts({}), [1, 1, 2, 3, 3]);
  assert.deepEqual(counts({ httpThreads: 5 }), [5, 5, 5, 5, 5]);
  assert.deepEqual(counts({ memory: true }), [1, 1, 1, 1, 1]);
});

test("the engine has a thread of its own where several threads ask it, unless it is told otherwise", () => {
  const wanted = (changes: Partial<ServerConfig>) => [1, 2, 3].map((processors) => wantsStorageThread(configWith(changes), processors));
  assert.deepEqual(wanted({}), [false, false, true]);
  assert.deepEqual(wanted({ httpThreads: 2 }), [true, true, true]);
  assert.deepEqual(wanted({ httpThreads: 2, storageThread: "off" }), [false, false, false]);
});

test("a number of threads that cannot be is refused, and so is more than one where all is in memory", () => {
  const refused = (flags: Record<string, string>, pattern: RegExp) =>
    assert.throws(
      () => readConfig(flags, {}),
      (error) => error instanceof BadSetting && pattern.test(error.message),
    );
  refused({ httpThreads: "many" }, /--http-threads must be a whole number or auto, not "many"/);
  refused({ httpThreads: "0" }, /http-threads must be auto or a whole number from 1 to 64, not "0"/);
  refused({ httpThreads: "65" }, /from 1 to 64/);
  refused({ httpThreads: "2", memory: "true" }, /http-threads must be 1 or auto with --memory/);
  assert.equal(readConfig({}, { MILLRACE_HTTP_THREADS: "3" }).httpThreads, 3);
});
