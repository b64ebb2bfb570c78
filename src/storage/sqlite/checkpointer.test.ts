import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { manualClock, type ManualClock } from "../../kernel/clock.ts";
import { Admission } from "./admission.ts";
import { Checkpointer } from "./checkpointer.ts";
import { Figures } from "./figures.ts";
import { openDirectory, type OpenedDirectory } from "./open.ts";

const FRAME_BYTES = 8192 + 24;
/** Small enough for a test; the thread is never asked, since the writer folds the log before. */
const LIMITS = { bulk: 20, mark: 20, high: 30, hard: 60 };

interface Subject {
  readonly opened: OpenedDirectory;
  readonly admission: Admission;
  readonly clock: ManualClock;
  readonly failures: unknown[];
  /** Commits so many pages, one after the other, as the engine does. */
  readonly commit: (pages: number) => void;
  readonly logBytes: () => number;
  readonly isBehind: () => boolean;
  /** Another program that reads the database, until it is called back. */
  readonly read: () => () => void;
}

async function withLog(run: (subject: Subject) => void | Promise<void>, limits = LIMITS): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "millrace-log-"));
  const opened = openDirectory(directory, []);
  const file = join(directory, "millrace.db");
  const { database } = opened;
  database.exec("CREATE TABLE page (bytes BLOB)");
  const insert = database.prepare("INSERT INTO page VALUES (zeroblob(6000))");
  const clock = manualClock();
  const admission = new Admission(new Figures());
  const failures: unknown[] = [];
  const checkpointer = new Checkpointer(file, {
    database,
    clock,
    admission,
    limits,
    onFailure: (reason) => failures.push(reason),
  });
  const commit = (pages: number) => {
    for (let page = 0; page < pages; page += 1) {
      insert.run();
      checkpointer.committed();
    }
  };
  const read = () => {
    const reader = new DatabaseSync(file);
    reader.exec("BEGIN");
    reader.prepare("SELECT count(*) FROM page").get();
    return () => reader.close();
  };
  try {
    const isBehind = () => checkpointer.isBehind();
    await run({ opened, admission, clock, failures, commit, read, isBehind, logBytes: () => statSync(`${file}-wal`).size });
  } finally {
    await checkpointer.stop();
    opened.close();
    rmSync(directory, { recursive: true });
  }
}

test("the log begins anew whenever all of it is in the database, so that it stays short", () =>
  withLog(({ commit, logBytes, admission, failures }) => {
    commit(500);
    assert.ok(logBytes() <= (LIMITS.mark + 4) * FRAME_BYTES, `${logBytes()}`);
    assert.equal(admission.refuses("log"), false);
    assert.deepEqual(failures, []);
  }));

test("a reader that stays keeps the log growing: what stores more is refused, the rest is not, and at last everything", () =>
  withLog(({ commit, read, admission }) => {
    const leave = read();
    commit(3);
    assert.equal(admission.refuses("log"), false);
    commit(10);
    assert.deepEqual([admission.refuses("log"), admission.closed], [true, false]);
    commit(25);
    assert.deepEqual([admission.refuses("log"), admission.closed], [true, true]);
    leave();
  }));

test("half a second after the reader has gone all is taken again, and the log begins anew", () =>
  withLog(({ commit, read, admission, clock, logBytes }) => {
    const leave = read();
    commit(45);
    clock.advance(5000);
    assert.equal(admission.closed, true);
    leave();
    clock.advance(500);
    assert.deepEqual([admission.refuses("log"), admission.closed], [false, false]);
    const before = logBytes();
    commit(10);
    assert.equal(logBytes(), before);
  }));

test("an error while the log is folded is the end; a full disk is not", () =>
  withLog(({ admission, clock, failures }) => {
    const failing = (errcode: number) => ({
      prepare: () => ({
        get() {
          throw Object.assign(new Error("from the disk"), { errcode });
        },
      }),
    });
    const checkpointer = (errcode: number) =>
      new Checkpointer("none", {
        database: failing(errcode) as unknown as OpenedDirectory["database"],
        clock,
        admission,
        onFailure: (reason) => failures.push(reason),
      });
    checkpointer(13).committed();
    assert.equal(failures.length, 0);
    checkpointer(1034).committed();
    assert.equal(failures.length, 1);
  }));

test("the disk is behind while the thread is at work and far from done", () =>
  withLog(
    async ({ commit, isBehind, failures, read }) => {
      commit(1);
      assert.equal(isBehind(), false);
      const leave = read(); // The thread can do nothing meanwhile.
      commit(60);
      assert.equal(isBehind(), true);
      leave();
      while (isBehind()) await new Promise((resolve) => setImmediate(resolve));
      assert.deepEqual(failures, []);
    },
    { bulk: 20, mark: 1000, high: 1000, hard: 1000 },
  ));
