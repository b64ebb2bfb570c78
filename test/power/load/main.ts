/** The process that is recorded: `node load/main.ts <scenario> <data directory> <file of marks> <journal> <seed>`. */
import { writeFileSync } from "node:fs";
import { Marks } from "./marks.ts";
import { RECOVERY, SCENARIOS } from "./scenarios.ts";
import { Server } from "./server.ts";
import { Users } from "./users.ts";

const [name = "", directory = "", marksFile = "", journalFile = "", seed = "1"] = process.argv.slice(2);
const scenario = [...SCENARIOS, RECOVERY].find((scenario) => scenario.name === name);
if (scenario === undefined) throw new TypeError(`there is no scenario "${name}"`);
const marks = new Marks(marksFile);
const server = new Server(directory, { marks, seed: Number(seed), known: scenario.known ?? [], kind: scenario.server });
const users = new Users(server, Number(seed));
const journal = await scenario.run(server, { users, marks, begin: () => marks.note({ mark: "begin" }) });
if (server.isRunning) await server.compare();
writeFileSync(journalFile, JSON.stringify(journal ?? server.storage.journal));
// As it is, without a stop: that is a scenario of its own. The journal is written.
// oxlint-disable-next-line unicorn/no-process-exit -- The checkpointer's thread would keep the process alive.
process.exit(0);
