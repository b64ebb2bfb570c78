import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { manualClock } from "../../kernel/clock.ts";
import { DAY_MS, HOUR_MS, MIB, MINUTE_MS } from "../../kernel/units.ts";
import { startInline } from "./inline.ts";
import type { EnginePort, StoreModule } from "./module.ts";

const BALLAST = 64 * MIB;

/** A service with words that are added and taken away, and what the engine tells it. */
function wordStore() {
  let port: EnginePort | undefined;
  /** Called before each COMMIT. */
  const commits = { before: () => {} };
  const module: StoreModule = {
    service: "words",
    migrations: ["CREATE TABLE word (word TEXT PRIMARY KEY)"],
    open(database, engine) {
      port = engine;
      const exec = database.exec.bind(database);
      database.exec = (sql) => {
        if (sql === "COMMIT") commits.before();
        exec(sql);
      };
      const insert = database.prepare("INSERT INTO word VALUES (?)");
      const remove = database.prepare("DELETE FROM word WHERE word = ?");
      const all = database.prepareTuples<[string]>("SELECT word FROM word ORDER BY word");
      return {
        growing: ["add"],
        operations: {
          add: (word: string) => void insert.run(word),
          remove: (word: string) => void remove.run(word),
          all: () => all.all().map(([word]) => word),
        },
      };
    },
  };
  return { module, commits, ageingHeld: () => port?.ageingHeld() };
}

/** The engine on a directory of its own, on a disk of the test's own. */
async function withEngine(run: (subject: Subject) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "millrace-start-"));
  try {
    await run(new Subject(directory));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

class Subject {
  readonly clock = manualClock();
  readonly store = wordStore();
  readonly disk = { space: 500 * MIB, ballast: 0, dropped: false };
  readonly failures: unknown[] = [];
  readonly #directory: string;
  #engine: ReturnType<typeof startInline> | undefined;

  constructor(directory: string) {
    this.#directory = directory;
  }

  start(wallMs = () => this.clock.nowMs()): void {
    const { disk } = this;
    this.#engine = startInline({
      directory: this.#directory,
      modules: [this.store.module],
      clock: this.clock,
      wallMs,
      ballastBytes: BALLAST,
      disk: {
        freeBytes: () => disk.space - disk.ballast,
        ballastBytes: () => disk.ballast,
        async makeBallast(bytes) {
          disk.ballast = bytes;
          disk.dropped = false;
        },
        wasDropped: () => disk.dropped,
        dropBallast() {
          disk.dropped = disk.ballast > 0;
          disk.ballast = 0;
        },
      },
      onFatal: (reason) => this.failures.push(reason),
    });
  }

  async call(operation: string, args?: unknown): Promise<unknown> {
    const [result] = (await this.#engine?.unit([{ operation: `words.${operation}`, args }])) ?? [];
    return result;
  }

  async stop(): Promise<void> {
    await this.#engine?.stop();
  }
}

test("when a commit finds the disk full, its group runs again on what was held back: what stores more is refused, the rest is done", () =>
  withEngine(async (subject) => {
    const { disk, store, clock } = subject;
    subject.start();
    clock.advance(1000);
    await subject.call("add", "old");
    store.commits.before = () => {
      if (disk.ballast > 0) throw Object.assign(new Error("full"), { errcode: 13 });
    };
    disk.space = BALLAST + 33 * MIB;
    const results = await Promise.allSettled([subject.call("remove", "old"), subject.call("add", "new"), subject.call("all")]);
    assert.deepEqual(
      results.map((result) => (result.status === "fulfilled" ? result.value : (result.reason as { code: string }).code)),
      [undefined, "ServiceUnavailable", []],
    );
    assert.deepEqual([disk.ballast, subject.failures], [0, []]);

    disk.space = 500 * MIB;
    clock.advance(500);
    store.commits.before = () => {};
    await subject.call("add", "newer");
    clock.advance(1000);
    assert.deepEqual([await subject.call("all"), disk.ballast], [["newer"], BALLAST]);
    await subject.stop();
  }));

test("a start on a full disk has what was held back, refuses what stores more and does the rest", () =>
  withEngine(async (subject) => {
    const { disk, clock } = subject;
    subject.start();
    clock.advance(1000);
    await subject.call("add", "old");
    await subject.stop();
    disk.space = BALLAST;
    subject.start();
    assert.equal(disk.ballast, 0);
    await assert.rejects(subject.call("add", "new"), { code: "ServiceUnavailable" });
    await subject.call("remove", "old");
    assert.deepEqual(await subject.call("all"), []);
    await subject.stop();
  }));

test("what ages is held for ten minutes after more than a day in which nothing ran, also over a restart within them", () =>
  withEngine(async (subject) => {
    const { store, clock } = subject;
    subject.start();
    await subject.call("add", "a");
    assert.equal(store.ageingHeld(), false);
    await subject.stop();
    clock.advance(DAY_MS + HOUR_MS);
    subject.start();
    await subject.call("add", "b");
    assert.equal(store.ageingHeld(), true);
    await subject.stop();
    clock.advance(9 * MINUTE_MS);
    subject.start();
    assert.equal(store.ageingHeld(), true);
    clock.advance(MINUTE_MS);
    assert.equal(store.ageingHeld(), false);
    await subject.stop();
  }));

test("an engine that runs without anything to write stores its time all the same, so that its next start holds nothing", () =>
  withEngine(async (subject) => {
    const { store, clock } = subject;
    subject.start();
    await subject.call("add", "a");
    for (let hour = 0; hour < 48; hour += 1) clock.advance(HOUR_MS);
    await subject.stop();
    subject.start();
    assert.equal(store.ageingHeld(), false);
    await subject.stop();
  }));

test("a wall clock that goes back while the engine runs changes nothing", () =>
  withEngine(async (subject) => {
    const { store, clock } = subject;
    let backMs = 0;
    subject.start(() => clock.nowMs() - backMs);
    backMs = 2 * DAY_MS;
    clock.advance(HOUR_MS);
    await subject.call("add", "a");
    assert.equal(store.ageingHeld(), false);
    await subject.stop();
  }));
