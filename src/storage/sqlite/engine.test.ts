import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, test } from "node:test";
import { manualClock } from "../../kernel/clock.ts";
import { ServiceError } from "../../kernel/service-error.ts";
import { StorageStopped, Unfinished, Wait } from "../storage.ts";
import { Engine } from "./engine.ts";
import { RunAgain, type StoreModule } from "./module.ts";
import { CannotOpen, openDirectory } from "./open.ts";

const refusal = new ServiceError({ code: "Refused", httpStatus: 400, fault: "client", message: "no" });

/** A service with one list of words: just enough to see what was committed, in which order, and what was not. */
const words: StoreModule = {
  service: "words",
  migrations: ["CREATE TABLE word (id INTEGER PRIMARY KEY, word TEXT NOT NULL)"],
  open(database, engine) {
    const insert = database.prepare("INSERT INTO word (word) VALUES (?)");
    const take = database.prepareTuples<[string]>("DELETE FROM word WHERE id = (SELECT min(id) FROM word) RETURNING word");
    const all = database.prepareTuples<[string]>("SELECT word FROM word ORDER BY id");
    const later: string[] = [];
    const known = new Set<string>();
    const add = (word: string) => {
      insert.run(word);
      engine.wake(1);
    };
    return {
      operations: {
        add,
        addAndRefuse(word: string) {
          add(word);
          throw refusal;
        },
        addAndFail(word: string) {
          add(word);
          throw new TypeError("a bug");
        },
        refuse() {
          throw refusal;
        },
        /** Learns at its first attempt how it must be done. */
        addKnowing(word: string) {
          add(word);
          if (known.has(word)) return;
          known.add(word);
          throw new RunAgain();
        },
        all: () => all.all().map(([word]) => word),
        take: (waitMs: number) => take.writeReturning()[0]?.[0] ?? new Wait(1, engine.nowMs() + waitMs, "nothing"),
        now: () => engine.nowMs(),
        /** Throws words away, one a group, up to one that is to be kept; waits where there is none. */
        sift(waitMs: number) {
          const word = take.writeReturning()[0]?.[0];
          if (word === undefined) return new Wait(1, engine.nowMs() + waitMs, "nothing");
          return word.startsWith("chaff") ? new Unfinished(1) : word;
        },
        addLater: (word: string) => void later.push(word),
      },
      upkeep() {
        later.splice(0).forEach(add);
        return 1000;
      },
    };
  },
};

function start(directory?: string) {
  const clock = manualClock();
  const failures: unknown[] = [];
  const opened = openDirectory(directory, [words]);
  const engine = new Engine({
    opened,
    modules: [words],
    clock,
    checkpointer: undefined,
    soon: setImmediate,
    onFatal: (reason) => failures.push(reason),
  });
  const call = (operation: string, args?: unknown, signal?: AbortSignal) =>
    engine.unit([{ operation: `words.${operation}`, args }], signal);
  return { engine, clock, failures, call, opened };
}

const inDirectory = (body: (directory: string) => Promise<void>) => async () => {
  const directory = mkdtempSync(join(tmpdir(), "millrace-engine-"));
  try {
    await body(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
};

describe("the engine: units", () => {
  test("a unit that is refused writes nothing, and its group is committed all the same", async () => {
    const { engine, call } = start();
    const results = await Promise.allSettled([call("add", "a"), call("refuse"), call("add", "b")]);
    assert.deepEqual(
      results.map(({ status }) => status),
      ["fulfilled", "rejected", "fulfilled"],
    );
    assert.deepEqual(await call("all"), [["a", "b"]]);
    await engine.stop();
  });

  test("a unit that writes and then refuses, or fails, writes nothing either", async () => {
    const { engine, call } = start();
    const refused = assert.rejects(call("addAndRefuse", "x"), refusal);
    const failed = assert.rejects(call("addAndFail", "y"), TypeError);
    await Promise.all([call("add", "a"), refused, failed, call("add", "b")]);
    assert.deepEqual(await call("all"), [["a", "b"]]);
    await engine.stop();
  });

  test("a unit of several operations is committed whole or not at all", async () => {
    const { engine, call } = start();
    const unit = (...operations: [string, unknown][]) =>
      engine.unit(operations.map(([operation, args]) => ({ operation: `words.${operation}`, args })));
    await assert.rejects(unit(["add", "a"], ["refuse", undefined]), refusal);
    await unit(["add", "b"], ["add", "c"]);
    assert.deepEqual(await call("all"), [["b", "c"]]);
    await engine.stop();
  });

  test("a unit that has learned something has its group run again, and nothing is written twice", async () => {
    const { engine, call } = start();
    const refused = assert.rejects(call("addAndRefuse", "x"), refusal);
    await Promise.all([call("add", "a"), call("addKnowing", "b"), refused, call("addKnowing", "c"), call("add", "d")]);
    assert.deepEqual(await call("all"), [["a", "b", "c", "d"]]);
    await engine.stop();
  });

  test("what arrives together is committed together", async () => {
    const { engine, call, opened } = start();
    const exec = opened.database.exec.bind(opened.database);
    let commits = 0;
    opened.database.exec = (sql) => {
      if (sql === "COMMIT") commits += 1;
      exec(sql);
    };
    await Promise.all(Array.from({ length: 50 }, (_, index) => call("add", `w${index}`)));
    assert.equal(commits, 1);
    await engine.stop();
  });

  test(
    "an answer comes after the commit that holds it",
    inDirectory(async (directory) => {
      const { engine, call } = start(directory);
      await call("add", "a");
      const reader = new DatabaseSync(join(directory, "millrace.db"));
      assert.deepEqual(Object.values(reader.prepare("SELECT word FROM word").get() ?? {}), ["a"]);
      reader.close();
      await engine.stop();
    }),
  );
});

describe("the engine: waiting", () => {
  test("waiting units are served in order of arrival, before those of the same group", async () => {
    const { engine, call } = start();
    const first = call("take", 1000);
    const second = call("take", 1000);
    await call("all");
    const added = call("add", "a");
    const late = call("take", 1000);
    await Promise.all([added, call("add", "b")]);
    assert.deepEqual([await first, await second], [["a"], ["b"]]);
    await call("add", "c");
    assert.deepEqual(await late, ["c"]);
    await engine.stop();
  });

  test("a wait ends with its own empty answer at its time", async () => {
    const { engine, clock, call } = start();
    const taken = call("take", 1000);
    await call("all");
    clock.advance(999);
    assert.equal(engine.waiting, 1);
    clock.advance(1);
    assert.deepEqual(await taken, ["nothing"]);
    await engine.stop();
  });

  test("a caller who has gone is forgotten", async () => {
    const { engine, call } = start();
    const abort = new AbortController();
    const taken = assert.rejects(call("take", 1000, abort.signal), { name: "AbortError" });
    await call("all");
    abort.abort();
    await taken;
    assert.equal(engine.waiting, 0);
    await call("add", "a");
    assert.deepEqual(await call("all"), [["a"]]);
    await engine.stop();
  });

  test("one who has gone before the first group is told so, and nothing was done", async () => {
    const { engine, call } = start();
    const abort = new AbortController();
    const added = assert.rejects(call("add", "a", abort.signal), { name: "AbortError" });
    abort.abort();
    await added;
    assert.deepEqual(await call("all"), [[]]);
    await engine.stop();
  });

  test("stopping ends all waits and refuses what comes later", async () => {
    const { engine, call } = start();
    const taken = call("take", 1000);
    await call("all");
    await engine.stop();
    assert.deepEqual(await taken, ["nothing"]);
    await assert.rejects(call("all"), StorageStopped);
  });
});

describe("the engine: pieces of work", () => {
  test("an operation that is not finished goes on with the next group, and others get their turn between", async () => {
    const { engine, call } = start();
    for (const word of ["chaff 1", "chaff 2", "chaff 3", "grain"]) await call("add", word);
    const sifted = call("sift", 0);
    assert.deepEqual(await call("all"), [["chaff 2", "chaff 3", "grain"]]);
    assert.deepEqual(await call("all"), [["chaff 3", "grain"]], "each piece is committed");
    assert.deepEqual(await sifted, ["grain"]);
    await engine.stop();
  });

  test("one that waits already keeps its place and its deadline", async () => {
    const { engine, clock, call } = start();
    const first = call("sift", 1000);
    const second = call("sift", 2000);
    await call("all");
    await Promise.all(["chaff 1", "chaff 2", "grain"].map((word) => call("add", word)));
    assert.deepEqual(await first, ["grain"]);
    await Promise.all([call("add", "chaff 3"), call("add", "chaff 4")]);
    clock.advance(2000);
    assert.deepEqual(await second, ["nothing"]);
    await call("add", "late");
    assert.deepEqual(await call("all"), [["late"]], "nobody who has gone takes it");
    await engine.stop();
  });

  test("a caller who goes before it is finished is told so, and the work ends with the piece that was done", async () => {
    const { engine, call } = start();
    for (const word of ["chaff 1", "chaff 2", "grain"]) await call("add", word);
    const abort = new AbortController();
    const sifted = assert.rejects(call("sift", 0, abort.signal), { name: "AbortError" });
    await call("all");
    abort.abort();
    await sifted;
    assert.deepEqual(await call("all"), [["chaff 2", "grain"]]);
    await engine.stop();
  });

  test("stopping refuses what is not finished", async () => {
    const { engine, call } = start();
    for (const word of ["chaff 1", "chaff 2"]) await call("add", word);
    const sifted = assert.rejects(call("sift", 0), StorageStopped);
    await engine.stop();
    await sifted;
  });

  test("who waits for what upkeep brings is served at once", async () => {
    const { engine, clock, call } = start();
    const taken = call("take", 20_000);
    await call("addLater", "a");
    clock.advance(1000);
    assert.deepEqual(await taken, ["a"]);
    await engine.stop();
  });
});

describe("the engine: when storage fails", () => {
  const failing = async (errcode: number) => {
    const subject = start();
    const { database } = subject.opened;
    const exec = database.exec.bind(database);
    database.exec = (sql) => {
      if (sql === "COMMIT") throw Object.assign(new Error("as told by SQLite"), { code: "ERR_SQLITE_ERROR", errcode });
      exec(sql);
    };
    return { ...subject, heal: () => (database.exec = exec) };
  };

  test("a failed commit acknowledges nothing, then or later, and the server is told to end", async () => {
    const { call, failures, heal } = await failing(1290); // SQLITE_IOERR_FSYNC, 10 | 5 << 8
    await assert.rejects(call("add", "a"), StorageStopped);
    heal();
    await assert.rejects(call("add", "b"), StorageStopped);
    assert.equal(failures.length, 1);
  });

  test("a full disk refuses with a retryable error and goes on when there is space", async () => {
    const { call, failures, heal, engine } = await failing(13);
    await assert.rejects(call("add", "a"), { code: "ServiceUnavailable" });
    heal();
    await call("add", "b");
    assert.deepEqual(await call("all"), [["b"]]);
    assert.equal(failures.length, 0);
    await engine.stop();
  });
});

describe("a data directory", () => {
  test(
    "belongs to one process at a time",
    inDirectory(async (directory) => {
      const { engine } = start(directory);
      assert.throws(
        () => openDirectory(directory, [words]),
        (error) => error instanceof CannotOpen && error.message.includes(String(process.pid)),
      );
      await engine.stop();
      openDirectory(directory, [words]).close();
    }),
  );

  test(
    "opens although a power cut has left anything in the file of its lock",
    inDirectory(async (directory) => {
      for (const bytes of [0, 512, 4096]) {
        writeFileSync(join(directory, "owner.lock"), Buffer.alloc(bytes));
        const opened = openDirectory(directory, [words]);
        assert.throws(() => openDirectory(directory, [words]), /in use by process/);
        assert.equal(statSync(join(directory, "owner.lock")).size, 0, "nothing is written that could be spoiled again");
        opened.close();
      }
    }),
  );

  test(
    "of a later release, or another program's, is refused",
    inDirectory(async (directory) => {
      openDirectory(directory, [words]).close();
      const database = new DatabaseSync(join(directory, "millrace.db"));
      database.exec("PRAGMA user_version = 99");
      assert.throws(() => openDirectory(directory, [words]), /written by a later release/);
      database.exec("PRAGMA user_version = 1; PRAGMA application_id = 7");
      database.close();
      assert.throws(() => openDirectory(directory, [words]), /not a Millrace database/);
      writeFileSync(join(directory, "millrace.db"), "something else entirely, and longer than a header".repeat(100));
      assert.throws(() => openDirectory(directory, [words]));
    }),
  );

  test(
    "with tables of a later release of one service is refused",
    inDirectory(async (directory) => {
      openDirectory(directory, [{ ...words, migrations: [...words.migrations, "SELECT 1"] }]).close();
      assert.throws(() => openDirectory(directory, [words]), /tables of words were written by a later release/);
    }),
  );

  test(
    "is durable: write-ahead log, full synchronous",
    inDirectory(async (directory) => {
      const { opened, engine } = start(directory);
      assert.equal(opened.database.pragma("journal_mode"), "wal");
      assert.equal(opened.database.pragma("synchronous"), 2);
      await engine.stop();
    }),
  );

  test(
    "remembers how far its time has come",
    inDirectory(async (directory) => {
      const { engine, clock, call } = start(directory);
      clock.advance(123_456);
      await call("add", "a");
      const reachedMs = clock.nowMs();
      await engine.stop();
      const opened = openDirectory(directory, [words]);
      assert.equal(opened.highWaterMs, reachedMs);
      opened.close();
    }),
  );
});
