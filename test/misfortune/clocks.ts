/** The real server on a machine whose wall clock is set while it runs and between starts. Usage: node clocks.ts LIBFAKETIME [SEED] */
import assert from "node:assert/strict";
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { DAY_MS } from "../../src/kernel/units.ts";
import { startAgain } from "../crash/campaign.ts";
import { nowMs } from "../crash/observer.ts";
import { holds, Subject, within } from "../disk/subject.ts";
import { under, type Blow } from "./under.ts";

const [library = "", seed = String(process.pid)] = process.argv.slice(2);
const scratch = mkdtempSync(join(tmpdir(), "millrace-misfortune-"));
const offset = join(scratch, "offset");
const env = { LD_PRELOAD: library, FAKETIME_TIMESTAMP_FILE: offset, FAKETIME_NO_CACHE: "1", FAKETIME_DONT_FAKE_MONOTONIC: "1" };
const environment = ["env", ...Object.entries(env).map(([name, value]) => `${name}=${value}`)];

/** @param to `+2d`, `-1h`, `+0`: seconds, minutes, hours, days or years from the real time. */
function setClock(to: string): void {
  writeFileSync(`${offset}.new`, to);
  renameSync(`${offset}.new`, offset);
}

const RUNNING = ["+2d", "-1h", "+0", "-30y", "+10y"];
/** Time that has passed while nobody ran is believed: leases end by it. So only set back between two starts. */
const STARTING = ["-1h", "-30y", "-2d"];
const JUMPS = 8;

const jump: Blow = async (server, history, random) => {
  const pick = (from: readonly string[]) => from[Math.floor(random.fraction() * from.length)] ?? "+0";
  await server.up;
  if (random.fraction() < 0.5) return setClock(pick(RUNNING));
  history.push({ op: "crash", atMs: nowMs() });
  await server.kill();
  setClock(pick(STARTING));
  startAgain(server, history);
};

setClock("+0");
await under(`${JUMPS} times the wall clock was set, by hours to decades`, jump, { blows: JUMPS, seed: Number(seed), env });

setClock("+0");
const data = join(scratch, "data");
const started = () => Subject.start(data, { under: environment });
let server = await started();
let client = server.client();
await client.createQueue();
assert.equal(await client.send("before"), 200);
await server.kill();
setClock("+30d");
server = await started();
client = server.client();
const [message] = await client.receive(0);
assert.equal(message?.Body, "before", "retention has not ended it, for nobody knows whether the clock is right");
assert.equal(await client.send("in a month"), 200);
await server.kill();
holds("after an absence of 30 days by the clock nothing is dropped for its age");

setClock("+0");
server = await started();
client = server.client();
const { text } = await client.sqs("SendMessage", { MessageBody: "delayed", DelaySeconds: 1 });
assert.match(text, /MessageId/);
const bodies = new Set<string>();
const sentAtMs: number[] = [];
await within(5000, "all three are received", async () => {
  const { text: said } = await client.sqs("ReceiveMessage", { MaxNumberOfMessages: 10, MessageSystemAttributeNames: ["All"] });
  for (const { Body, Attributes } of (JSON.parse(said) as { Messages?: { Body: string; Attributes: Record<string, string> }[] }).Messages ??
    []) {
    bodies.add(Body);
    if (Body === "delayed") sentAtMs.push(Number(Attributes["SentTimestamp"]));
  }
  await pause(20);
  return bodies.size === 3;
});
assert.ok((sentAtMs[0] ?? 0) > Date.now() + 29 * DAY_MS, "engine time has not gone back");
await server.kill();
rmSync(scratch, { recursive: true });
holds("with the clock set back by 30 days engine time goes on from where it was, and a delay of a second is one");
