/** A program of its own, for `inline.test.ts`: writes until the checkpointer has work, stops the engine, and says so. */
import { startInline } from "./inline.ts";
import type { StoreModule } from "./module.ts";

/** Some 24 MiB in all: more than a checkpoint waits for. */
const GROUPS = 40;
const TEXT = "x".repeat(600 * 1024);

const notes: StoreModule = {
  service: "notes",
  migrations: ["CREATE TABLE note (text TEXT NOT NULL)"],
  open(database) {
    const insert = database.prepare("INSERT INTO note VALUES (?)");
    return { operations: { note: (text: string) => insert.run(text) } };
  },
};

const engine = startInline({ directory: process.argv[2], modules: [notes], onFatal: (reason) => process.stderr.write(String(reason)) });
for (let group = 0; group < GROUPS; group += 1) await engine.unit([{ operation: "notes.note", args: TEXT }]);
await engine.stop();
process.stdout.write("stopped\n");
