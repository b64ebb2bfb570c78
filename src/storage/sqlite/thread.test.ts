import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { ServiceError } from "../../kernel/service-error.ts";
import { StorageStopped } from "../storage.ts";
import { CannotOpen } from "./open.ts";
import { startStorageThread, type ThreadStorage } from "./thread.ts";

const ENTRY = new URL("./thread-under-test.suite.ts", import.meta.url);

const onThread = (body: (storage: ThreadStorage, directory: string, failures: Error[]) => Promise<void>) => async () => {
  const directory = mkdtempSync(join(tmpdir(), "millrace-thread-"));
  const failures: Error[] = [];
  const storage = await startStorageThread(ENTRY, { data: { directory }, onFatal: (reason) => failures.push(reason) });
  try {
    await body(storage, directory, failures);
  } finally {
    await storage.stop();
    rmSync(directory, { recursive: true });
  }
};

const call = async (storage: ThreadStorage, operation: string, args?: unknown) =>
  (await storage.unit([{ operation: `notes.${operation}`, args }]))[0];

describe("the storage thread", () => {
  test(
    "answers each unit with its own results, whatever order they come in",
    onThread(async (storage) => {
      const many = Array.from({ length: 500 }, (_, index) => call(storage, "echo", { index, text: `ü€😀 ${index}` }));
      assert.deepEqual(
        await Promise.all(many),
        Array.from({ length: 500 }, (_, index) => ({ index, text: `ü€😀 ${index}` })),
      );
    }),
  );

  test(
    "an operation that says nothing says undefined",
    onThread(async (storage) => {
      assert.equal(await call(storage, "nothing"), undefined);
    }),
  );

  test(
    "a refusal arrives as the error it was",
    onThread(async (storage) => {
      await assert.rejects(
        call(storage, "refuse"),
        (error) => error instanceof ServiceError && error.code === "Refused" && error.options.httpStatus === 409,
      );
    }),
  );

  test(
    "a bug arrives with its name and stack, and concerns its unit only",
    onThread(async (storage) => {
      await assert.rejects(
        call(storage, "fail"),
        (error) => error instanceof Error && /a bug/.test(error.message) && /thread-under-test/.test(error.stack ?? ""),
      );
      assert.equal(await call(storage, "echo", 1), 1);
    }),
  );

  test(
    "a wait is served when its key is woken, and given up when its caller goes",
    onThread(async (storage) => {
      const abort = new AbortController();
      const gone = assert.rejects(storage.unit([{ operation: "notes.wait", args: 60_000 }], abort.signal), { name: "AbortError" });
      const served = call(storage, "wait", 60_000);
      await call(storage, "echo", 0);
      abort.abort();
      await gone;
      await call(storage, "note", "hello");
      assert.equal(await served, "hello");
      assert.equal(await call(storage, "wait", 1), "hello");
    }),
  );

  test(
    "a unit that is given up before it was begun is refused",
    onThread(async (storage) => {
      const abort = new AbortController();
      const calls = [{ operation: "notes.note", args: "hello" }];
      const given = assert.rejects(storage.unit(calls, abort.signal), { name: "AbortError" });
      abort.abort();
      await given;
    }),
  );

  test(
    "a directory that cannot be opened says why",
    onThread(async (_storage, directory) => {
      const second = startStorageThread(ENTRY, { data: { directory }, onFatal: () => {} });
      await assert.rejects(second, (error) => error instanceof CannotOpen && /in use by process/.test(error.message));
    }),
  );

  test(
    "after an I/O error nothing is answered and the server is told",
    onThread(async (storage, _directory, failures) => {
      await assert.rejects(call(storage, "breakDisk"), StorageStopped);
      await assert.rejects(call(storage, "echo", 1), StorageStopped);
      assert.equal(failures.length, 1);
    }),
  );

  test(
    "stopping answers what was asked before",
    onThread(async (storage) => {
      const asked = call(storage, "echo", "last");
      await storage.stop();
      assert.equal(await asked, "last");
      await assert.rejects(call(storage, "echo", "late"), StorageStopped);
    }),
  );
});
