import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { KIB } from "../../../src/kernel/units.ts";
import { QUEUE_MIGRATIONS } from "../../../src/services/queues/store/sqlite/schema.ts";
import { placeOf, restoreNewest } from "./backups.ts";
import type { Journal } from "./journal.ts";
import type { Marks } from "./marks.ts";
import type { Answered } from "./noted-storage.ts";
import { makeOlderRelease, olderRelease } from "./older-release.ts";
import type { Server, ServerKind } from "./server.ts";
import { MOVED, type Habits, type Users } from "./users.ts";

/** What a server goes through while its disk is recorded. `begin`: power is cut from here on. */
export interface Scenario {
  readonly name: string;
  /** Makes what is there before the recording: in the data directory, which is not there yet, or on the whole disk. */
  readonly prepare?: (places: { readonly root: string; readonly data: string }) => void;
  /** How its content would have been asked for and answered. */
  readonly known?: readonly Answered[];
  readonly server?: ServerKind;
  /** Another directory that a power cut is judged by, from the top of the disk. */
  readonly judged?: string;
  /** @returns what must be so, where that is not what the server has told. */
  run(server: Server, options: { users: Users; marks: Marks; begin: () => void }): Promise<Journal | void>;
}

const OF_QUEUES: Habits = { send: 6, batch: 1, ordered: 4, again: 2, receive: 8, delete: 8, show: 2, poison: 3, purge: 0.3 };

const OF_OBJECTS: Habits = { put: 6, remove: 2, copy: 2, parts: 3, tag: 1 };
const OF_BOTH: Habits = { ...OF_OBJECTS, send: 2, ordered: 2, again: 1, receive: 2, delete: 2 };

/** All that needs no space. */
const ON_A_FULL_DISK: Habits = { receive: 4, delete: 4, show: 1 };

/** Two new directories deep, as the data directory is. */
const RESTORED = "srv/restored/millrace";
const WAVES_MAX = 12;
const BETWEEN_WAVES_MS = 20;

/** So often bytes are removed to which nothing refers any more. */
const UPKEEP_MS = 5001;
/** In this time a move task moves a few messages. */
const MOVE_STEP_MS = 100;

/** Begins with a small log: the first start's is removed by a stop. */
async function startedAgain(server: Server, prepare: () => Promise<void>): Promise<void> {
  await server.start();
  await prepare();
  await server.stop();
  await server.start();
}

/** Of what a power cut has left: a start, and a stop. */
export const RECOVERY: Scenario = {
  name: "recovery",
  async run(server, { begin }) {
    begin();
    await server.start();
    await server.stop();
  },
};

export const SCENARIOS: readonly Scenario[] = [
  {
    name: "first start",
    async run(server, { users, begin }) {
      begin();
      await server.start();
      await users.createQueues();
      await users.createBucket();
    },
  },
  {
    name: "queues",
    async run(server, { users, begin }) {
      await startedAgain(server, () => users.createQueues());
      begin();
      for (let wave = 0; wave < 70; wave += 1) {
        await users.wave(OF_QUEUES, 6);
        if (wave % 8 === 3) await server.beginToIdle();
        if (wave % 8 === 7) await server.idle();
      }
    },
  },
  {
    name: "objects",
    async run(server, { users, begin }) {
      await startedAgain(server, async () => {
        await users.createQueues();
        await users.createBucket();
      });
      begin();
      for (let wave = 0; wave < 40; wave += 1) {
        await users.wave(OF_OBJECTS, 4);
        if (wave % 5 !== 4) continue;
        await users.clearEvents();
        // The bytes of what was replaced are removed after a while.
        await server.pass(UPKEEP_MS);
        await server.idle();
      }
    },
  },
  {
    name: "checkpoints",
    async run(server, { users, begin }) {
      await startedAgain(server, () => users.createQueues());
      begin();
      for (let wave = 0; wave < 24; wave += 1) {
        await server.beginToIdle();
        await users.wave(OF_QUEUES, 3);
        if (wave % 3 === 2) await server.idle();
      }
    },
  },
  {
    name: "stops and starts",
    async run(server, { users, begin }) {
      await startedAgain(server, async () => {
        await users.createQueues();
        await users.createBucket();
      });
      begin();
      for (let start = 0; start < 4; start += 1) {
        for (let wave = 0; wave < 4; wave += 1) await users.wave(OF_BOTH, 4);
        await server.stop();
        await server.start();
      }
    },
  },
  {
    name: "from the first tables",
    prepare: ({ data }) => makeOlderRelease(data, 1),
    known: olderRelease(),
    async run(server, { begin }) {
      begin();
      await server.start();
    },
  },
  {
    name: "from the tables before",
    prepare: ({ data }) => makeOlderRelease(data, QUEUE_MIGRATIONS.length - 1),
    known: olderRelease(),
    async run(server, { begin }) {
      begin();
      await server.start();
    },
  },
  {
    name: "dead letters and moves",
    async run(server, { users, begin }) {
      await startedAgain(server, () => users.createQueues());
      begin();
      await users.fillDeadLetters(25);
      await users.startMoveTask();
      for (let step = 0; step < 16; step += 1) {
        await server.moves(MOVED, MOVE_STEP_MS);
        await users.wave({ send: 1, receive: 1, delete: 1 }, 2);
      }
    },
  },
  {
    name: "an engine on its thread",
    server: { onThread: true },
    async run(server, { users, begin }) {
      await startedAgain(server, async () => {
        await users.createQueues();
        await users.createBucket();
      });
      begin();
      for (let start = 0; start < 3; start += 1) {
        // Nobody delays or shows anything: time stands still on the other thread, and is not told.
        for (let wave = 0; wave < 8; wave += 1) await users.wave(OF_BOTH, 8);
        await server.stop();
        await server.start();
      }
    },
  },
  {
    name: "a full disk",
    server: { ballastBytes: 64 * KIB },
    async run(server, { users, begin }) {
      await startedAgain(server, () => users.createQueues());
      await server.freeDisk();
      await server.hasBallast();
      begin();
      for (let round = 0; round < 3; round += 1) {
        for (let wave = 0; wave < 6; wave += 1) await users.wave(OF_QUEUES, 4);
        await server.fillDisk();
        await users.isRefused();
        for (let wave = 0; wave < 4; wave += 1) await users.wave(ON_A_FULL_DISK, 4);
        if (round === 1) {
          await server.stop();
          await server.start();
          await users.wave(ON_A_FULL_DISK, 4);
        }
        await server.freeDisk();
        await users.wave(OF_QUEUES, 4);
        await server.hasBallast();
      }
    },
  },
  {
    name: "backups",
    async run(server, { users, begin }) {
      await startedAgain(server, async () => {
        await users.createQueues();
        await users.createBucket();
      });
      begin();
      const first = await underLoad(server.backUp(), users);
      await server.pass(1);
      await underLoad(server.backUp(), users);
      await server.pass(1);
      await underLoad(server.backUp({ keep: 2, givenUp: first }), users);
    },
  },
  {
    name: "a restore",
    judged: RESTORED,
    async run(server, { users, marks, begin }) {
      await startedAgain(server, async () => {
        await users.createQueues();
        await users.createBucket();
      });
      for (let wave = 0; wave < 6; wave += 1) await users.wave(OF_BOTH, 4);
      await server.backUp();
      const { states, timesMs } = server.storage.journal;
      await server.stop();
      begin();
      // After all units before it there is nothing at the other directory, after it all that the backup has.
      const unit = states.length;
      marks.note({ mark: "asked", unit });
      const place = placeOf(server.directory);
      await restoreNewest(place, join(place, "..", RESTORED));
      marks.note({ mark: "answered", unit });
      const nothing = { sequences: [], remembered: [], backups: [], problems: [] };
      return { states: [...states.map(() => ""), states.at(-1) ?? ""], timesMs: [...timesMs, timesMs.at(-1) ?? 0], ...nothing };
    },
  },
];

/** People go on while something else is made. */
async function underLoad<T>(made: Promise<T>, users: Users): Promise<T> {
  const ended = new AbortController();
  const done = made.finally(() => ended.abort());
  for (let wave = 0; wave < WAVES_MAX && !ended.signal.aborted; wave += 1) {
    await users.wave(OF_BOTH, 3);
    await pause(BETWEEN_WAVES_MS);
  }
  return done;
}
