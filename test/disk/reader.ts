/**
 * The real server, while another program reads its database and does not stop. Usage: node reader.ts DIRECTORY
 */
import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { MIB } from "../../src/kernel/units.ts";
import { holds, Subject, within } from "./subject.ts";

const [scratch] = process.argv.slice(2);
assert.ok(scratch !== undefined, "which directory?");
const data = join(scratch, "read");
const log = join(data, "millrace.db-wal");

const server = await Subject.start(data);
const client = server.client();
await client.createQueue();
assert.equal(await client.send("first"), 200);

const reader = new DatabaseSync(join(data, "millrace.db"));
reader.exec("BEGIN");
reader.prepare("SELECT count(*) FROM body").get();
const body = "x".repeat(MIB);
let taken = 0;
let status = 200;
for (; status === 200; taken += 1) status = await client.send(body);
assert.equal(status, 503);
assert.ok(taken > 100 && taken < 256, `${taken} messages of 1 MiB were taken`);
for (let times = 0; times < 20; times += 1) assert.ok((await client.receive(0)).length > 0);
const bytes = statSync(log).size;
assert.ok(bytes <= 256 * MIB, `the log has ${bytes} bytes`);
assert.match(await client.page("/metrics"), /^millrace_log_held 1$/m);
holds(`a reader that stays: 503 at a log of ${Math.round(bytes / MIB)} MiB, receives go on`);

reader.close();
const resumedMs = await within(5000, "sends are taken again", async () => (await client.send("again")) === 200);
await within(5000, "the log is short", async () => {
  await client.send("and again");
  return statSync(log).size <= 64 * MIB;
});
holds(`sends were taken again ${resumedMs} ms after it had gone, and the log is ${Math.round(statSync(log).size / MIB)} MiB`);
await server.kill();
