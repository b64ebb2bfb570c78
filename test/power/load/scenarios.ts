import type { Server } from "./server.ts";
import type { Habits, Users } from "./users.ts";

/** What a server goes through while its disk is recorded. `begin`: power is cut from here on. */
export interface Scenario {
  readonly name: string;
  run(server: Server, options: { users: Users; begin: () => void }): Promise<void>;
}

const OF_QUEUES: Habits = { send: 6, batch: 1, ordered: 4, again: 2, receive: 8, delete: 8, show: 2, poison: 3, purge: 0.3 };

/** Begins with a small log: the first start's is removed by a stop. */
async function startedAgain(server: Server, prepare: () => Promise<void>): Promise<void> {
  await server.start();
  await prepare();
  await server.stop();
  await server.start();
}

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
];
