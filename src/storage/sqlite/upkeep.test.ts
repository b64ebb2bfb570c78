import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { manualClock } from "../../kernel/clock.ts";
import { HOUR_MS } from "../../kernel/units.ts";
import { Engine } from "./engine.ts";
import type { StoreModule } from "./module.ts";
import { openDirectory } from "./open.ts";

/** An engine whose one store does what it is told in its upkeep, and when that was called: milliseconds since the start. */
function start(upkeep: (insert: () => void) => number) {
  const clock = manualClock();
  const startMs = clock.nowMs();
  const calls: number[] = [];
  const marks: StoreModule = {
    service: "marks",
    migrations: ["CREATE TABLE mark (id INTEGER PRIMARY KEY)"],
    open(database) {
      const insert = database.prepare("INSERT INTO mark DEFAULT VALUES");
      const count = database.prepareTuples<[number]>("SELECT count(*) FROM mark");
      return {
        operations: { mark: () => void insert.run(), count: () => count.get()?.[0] },
        upkeep() {
          calls.push(clock.nowMs() - startMs);
          return upkeep(() => void insert.run());
        },
      };
    },
  };
  const opened = openDirectory(undefined, [marks]);
  const engine = new Engine({
    opened,
    modules: [marks],
    clock,
    checkpointer: undefined,
    soon: setImmediate,
    onFatal: (reason) => assert.fail(String(reason)),
  });
  return { engine, clock, calls, opened, call: (operation: string) => engine.unit([{ operation: `marks.${operation}`, args: undefined }]) };
}

describe("the engine: upkeep", () => {
  test("comes at the start, and then when the store has said: an engine to which nothing happens does nothing", async () => {
    const { engine, clock, calls, call } = start(() => HOUR_MS);
    clock.advance(HOUR_MS - 1);
    await call("count");
    assert.deepEqual(calls, [0]);
    clock.advance(HOUR_MS + 1);
    assert.deepEqual(calls, [0, HOUR_MS, 2 * HOUR_MS]);
    await engine.stop();
  });

  test("comes a second after what was written, however much is written until then", async () => {
    const { engine, clock, calls, call } = start(() => HOUR_MS);
    clock.advance(500);
    for (let times = 0; times < 3; times += 1) {
      await call("mark");
      clock.advance(300);
    }
    clock.advance(HOUR_MS);
    assert.deepEqual(calls, [0, 1500]);
    await engine.stop();
  });

  test("comes a second after what it has itself written", async () => {
    let left = 2;
    const { engine, clock, calls } = start((insert) => {
      if (left > 0) insert();
      left -= 1;
      return HOUR_MS;
    });
    clock.advance(HOUR_MS);
    assert.deepEqual(calls, [0, 1000, 2000]);
    await engine.stop();
  });

  test("comes again at once as long as there is more to do", async () => {
    let left = 3;
    const { engine, clock, calls } = start(() => ((left -= 1) > 0 ? 0 : HOUR_MS));
    clock.advance(1000);
    assert.deepEqual(calls, [0, 1, 2]);
    await engine.stop();
  });

  test("comes again a second after a group that could not be committed", async () => {
    const { engine, clock, calls, opened } = start(() => HOUR_MS);
    const { database } = opened;
    const exec = database.exec.bind(database);
    database.exec = (sql) => {
      if (sql === "COMMIT") throw Object.assign(new Error("as told by SQLite"), { code: "ERR_SQLITE_ERROR", errcode: 13 });
      exec(sql);
    };
    clock.advance(2500);
    database.exec = exec;
    clock.advance(HOUR_MS);
    assert.deepEqual(calls, [0, 1000, 2000, 3000]);
    await engine.stop();
  });

  test("comes a second after a group of requests that found no space: who was woken in it waits for nothing else", async () => {
    const { engine, clock, calls, opened, call } = start(() => HOUR_MS);
    clock.advance(5000);
    const { database } = opened;
    const exec = database.exec.bind(database);
    database.exec = (sql) => {
      if (sql === "COMMIT") throw Object.assign(new Error("as told by SQLite"), { code: "ERR_SQLITE_ERROR", errcode: 13 });
      exec(sql);
    };
    await assert.rejects(call("mark"), { code: "ServiceUnavailable" });
    database.exec = exec;
    clock.advance(5000);
    assert.deepEqual(calls, [0, 6000]);
    await engine.stop();
  });
});
