/**
 * The real server on a disk that is full. Usage: node full.ts DIRECTORY, an empty file system of some 96 MiB.
 */
import assert from "node:assert/strict";
import { existsSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { MIB } from "../../src/kernel/units.ts";
import { holds, Subject, within, type Client } from "./subject.ts";

const OPERATIONS = 100_000;
const CLIENTS = 8;
const SMALL = 10;
const FLAGS = ["--ballast", "8"];
const BODY = "x".repeat(20_000);

const [mounted] = process.argv.slice(2);
assert.ok(mounted !== undefined, "which directory?");
const data = join(mounted, "data");
const filler = join(mounted, "filler");
const ballast = join(data, "ballast");
const hasBallast = async () => existsSync(ballast) && statSync(ballast).size === 8 * MIB;

/** Sends until that is refused. @returns how many were taken. */
async function fill(client: Client): Promise<number> {
  for (let sent = 0; ; sent += 1) {
    const { status, text } = await client.sqs("SendMessage", { MessageBody: BODY });
    if (status === 200) continue;
    assert.equal(status, 503, text);
    assert.match(text, /ServiceUnavailable/);
    return sent;
  }
}

/** Receives the ten oldest messages, which are small, and shows them again. */
async function work(client: Client, operations: number): Promise<void> {
  for (let done = 0; done < operations;) {
    const messages = await client.receive(0);
    assert.ok(messages.length > 0, "a message is there");
    done += messages.length;
  }
}

writeFileSync(filler, Buffer.alloc(30 * MIB));
let server = await Subject.start(data, { flags: FLAGS });
let client = server.client();
await client.createQueue();
assert.equal((await client.put("", Buffer.alloc(0))).status, 200);
await within(5000, "the ballast is made", hasBallast);
for (let small = 0; small < SMALL; small += 1) assert.equal(await client.send("small"), 200);
const sent = SMALL + (await fill(client));
assert.ok(sent > 500, `${sent} messages fit`);
assert.equal(statSync(ballast).size, 0, "the ballast is dropped");
holds(`${sent} messages were taken, then a send was answered 503 and the ballast dropped`);

const put = await client.put("/one", Buffer.alloc(2 * MIB));
assert.equal(put.status, 503);
assert.match(put.text, /<Code>ServiceUnavailable<\/Code>/);
assert.match(await client.page("/_millrace/health"), /"status":"degraded".*disk of the data directory is full/);
assert.match(await client.page("/metrics"), /^millrace_disk_space_short 1$/m);
holds("an upload is answered 503; health and metrics tell why");

await Promise.all(Array.from({ length: CLIENTS }, () => work(server.client(), OPERATIONS / CLIENTS)));
assert.equal(await client.send("one more"), 503);
holds(`${OPERATIONS} messages were received on the full disk, and sends stayed refused`);

await server.kill();
server = await Subject.start(data, { flags: FLAGS });
client = server.client();
assert.equal(await client.send("one more"), 503);
const some = await client.receive(30);
await client.delete(some);
holds("killed and started on the full disk: receives and deletes go on, sends are refused");

rmSync(filler);
const resumedMs = await within(5000, "sends are taken again", async () => (await client.send("again")) === 200);
await within(5000, "the ballast is made again", hasBallast);
holds(`sends were taken again ${resumedMs} ms after there was space, and the ballast was made again`);

let left = sent - some.length + 1;
while (left > 0) {
  const messages = await client.receive(600);
  assert.ok(messages.length > 0, `${left} messages are left`);
  await client.delete(messages);
  left -= messages.length;
}
holds("every message that was acknowledged was there");
await server.kill();
