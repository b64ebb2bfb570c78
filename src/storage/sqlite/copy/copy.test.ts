import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import { seededRandom } from "../../../kernel/random.ts";
import type { Engine } from "../engine.ts";
import { startInline } from "../inline.ts";
import type { StoreModule } from "../module.ts";
import { describeDatabase, foldLog, openStill } from "./description.ts";
import { CopyFailed, startCopy, type CopyOptions } from "./start.ts";

const TEXT_BYTES = 3000;

/** Each write goes to two tables: a copy in which they differ is of no moment that ever was. */
const twice: StoreModule = {
  service: "twice",
  migrations: [
    "CREATE TABLE one (number INTEGER PRIMARY KEY, text TEXT NOT NULL); CREATE TABLE two (number INTEGER PRIMARY KEY, text TEXT NOT NULL)",
  ],
  open(database) {
    const [one, two] = ["one", "two"].map((table) => database.prepare(`INSERT OR REPLACE INTO ${table} VALUES (?, ?)`));
    const write = ({ number, text }: { number: number; text: string }) => void [one!.run(number, text), two!.run(number, text)];
    return { operations: { write } };
  },
};

describe("a database is copied while it is written to", { timeout: 60_000 }, () => {
  let directory: string;
  let engine: Engine;
  let written: number;
  const random = seededRandom(7);

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "millrace-copy-"));
    engine = startInline({ directory, modules: [twice], onFatal: (reason) => assert.fail(String(reason)) });
    written = 0;
  });
  afterEach(async () => {
    await engine.stop();
    rmSync(directory, { recursive: true });
  });

  /** New rows, and old ones again: pages everywhere change. */
  const write = async (units: number) => {
    const writes = Array.from({ length: units }, () => {
      written += 1;
      const number = random.fraction() < 0.5 ? written : 1 + Math.floor(random.fraction() * written);
      return engine.unit([{ operation: "twice.write", args: { number, text: `${written} `.padEnd(TEXT_BYTES, "x") } }]);
    });
    await Promise.all(writes);
  };
  const copy = (options: Partial<CopyOptions> = {}) =>
    startCopy({
      from: join(directory, "millrace.db"),
      to: join(directory, "copy"),
      signal: new AbortController().signal,
      onProgress: () => {},
      onPinned: () => {},
      ...options,
    });
  /** Writes until the copy is done, however it ends. */
  const writeDuring = async (copying: Promise<unknown>) => {
    const during = { copying: true };
    copying.catch(() => {}).finally(() => (during.copying = false));
    while (during.copying) await write(20);
  };
  /** The last write that the copy holds, after it was seen to be whole. */
  const lastWriteIn = (file: string): number => {
    const database = openStill(file);
    assert.deepEqual(Object.values(database.prepare("PRAGMA integrity_check").get() as object), ["ok"]);
    const differing = "SELECT count(*) AS rows FROM one FULL JOIN two USING (number) WHERE one.text IS NOT two.text";
    assert.deepEqual({ ...database.prepare(differing).get() }, { rows: 0 });
    const { last } = database.prepare("SELECT max(CAST(text AS INTEGER)) AS last FROM one").get() as { last: number };
    database.close();
    return last;
  };

  test("and shows one moment between the beginning of the copy and its end", async () => {
    for (let n = 0; n < 8; n += 1) await write(250); // Some 10 MB.
    for (let n = 0; n < 2; n += 1) {
      const before = written;
      let pinned = Infinity;
      // However much is written before a slow copy comes to its end.
      const copying = copy({ onPinned: () => (pinned = written), logBytesMax: 8e9 });
      await writeDuring(copying);
      const { rows, bytes } = await copying;
      const last = lastWriteIn(join(directory, "copy"));
      assert.ok(last >= before && last <= pinned, `${before} ≤ ${last} ≤ ${pinned}`);
      assert.ok(written > pinned, "nothing was written meanwhile");
      assert.deepEqual(Object.keys(rows), ["engine", "migration", "one", "two"]);
      assert.equal(bytes, statSync(join(directory, "copy")).size);
      rmSync(join(directory, "copy"));
    }
    const left = readdirSync(directory).filter((name) => name.startsWith("copy"));
    assert.deepEqual(left, []);
  });

  test("but not for longer than its log may grow", async () => {
    for (let n = 0; n < 8; n += 1) await write(250);
    const copying = copy({ logBytesMax: -1e9 });
    await writeDuring(copying);
    await assert.rejects(copying, /more is written to the database than can be put off until it is copied/);
    await write(10);
  });

  test("a copy that is given up leaves the database as it is", async () => {
    await write(2000);
    const giveUp = new AbortController();
    await assert.rejects(
      copy({ signal: giveUp.signal, onPinned: () => giveUp.abort(), onProgress: () => giveUp.abort() }),
      (error) => error instanceof CopyFailed,
    );
    await write(10);
    await engine.stop();
    assert.equal(lastWriteIn(join(directory, "millrace.db")), written);
  });

  test("what cannot be copied is told", async () => {
    await assert.rejects(copy({ to: join(directory, "nowhere", "copy") }), /no such file or directory/);
  });

  test("the log of a database that nobody uses is folded in", async () => {
    await write(10);
    await engine.stop();
    const file = join(directory, "millrace.db");
    foldLog(file);
    assert.equal(existsSync(`${file}-wal`), false);
    assert.equal(describeDatabase(file).rows["one"], describeDatabase(file).rows["two"]);
  });
});
