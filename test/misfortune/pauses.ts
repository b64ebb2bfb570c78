/** The real server that stands still for a while (SIGSTOP) and goes on: leases, waits and clocks. Usage: node pauses.ts [SEED] */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { holds, Subject, type Client } from "../disk/subject.ts";
import { under } from "./under.ts";

const STOPS = 6;
const STOPPED_MS_MAX = 700;
/** Longer than the lease and the wait that end meanwhile. */
const STOPPED_MS = 1300;
/** So soon after it goes on it answers: a machine with much else to do takes a while. */
const PROMPT_MS = 700;

const [seed = String(process.pid)] = process.argv.slice(2);
const data = mkdtempSync(join(tmpdir(), "millrace-misfortune-"));
const server = await Subject.start(data);
const client = server.client();
await client.createQueue();

interface Shown {
  readonly body: string;
  readonly count: string | undefined;
  readonly sentMs: number;
}

async function receive(from: Client, waitSeconds: number, visibilitySeconds = 30): Promise<Shown[]> {
  const input = { WaitTimeSeconds: waitSeconds, VisibilityTimeout: visibilitySeconds, MessageSystemAttributeNames: ["All"] };
  const { status, text } = await from.sqs("ReceiveMessage", input);
  assert.equal(status, 200, text);
  const { Messages = [] } = JSON.parse(text) as { Messages?: { Body: string; Attributes: Record<string, string> }[] };
  return Messages.map(({ Body, Attributes }) => ({
    body: Body,
    count: Attributes["ApproximateReceiveCount"],
    sentMs: Number(Attributes["SentTimestamp"]),
  }));
}

/** @returns what was asked for before and while it stood still, and how long the answer took from when it went on. */
async function stopped<T>(asked: () => Promise<T>, ms: number): Promise<{ answer: T; tookMs: number }> {
  server.signal("SIGSTOP");
  const answering = asked();
  await pause(ms);
  const goesOn = performance.now();
  server.signal("SIGCONT");
  const answer = await answering;
  return { answer, tookMs: performance.now() - goesOn };
}

assert.equal(await client.send("leased"), 200);
const [first] = await receive(client, 0, 1);
assert.equal(first?.body, "leased");
const again = await stopped(() => receive(server.client(), 0), STOPPED_MS);
assert.deepEqual(
  again.answer.map(({ body, count }) => [body, count]),
  [["leased", "2"]],
);
holds("a lease that ended while the server stood still has ended when it goes on");
const held = await stopped(() => receive(server.client(), 0), 300);
assert.deepEqual(held.answer, []);
holds("a lease that did not end is kept");

const empty = receive(client, 1);
await pause(50);
const ended = await stopped(() => empty, STOPPED_MS);
assert.deepEqual(ended.answer, []);
assert.ok(ended.tookMs < PROMPT_MS, `${ended.tookMs} ms`);
const waiting = receive(client, 20);
await pause(50);
const sent = await stopped(() => Promise.all([server.client().send("woken"), waiting]), 300);
assert.equal(sent.answer[0], 200);
assert.equal(sent.answer[1][0]?.body, "woken");
assert.ok(sent.tookMs < PROMPT_MS, `${sent.tookMs} ms`);
holds("a wait that was over is answered at once, and one that goes on is woken by what was sent to a server that stood still");

const before = sent.answer[1][0]?.sentMs ?? 0;
await stopped(() => pause(0), STOPPED_MS);
assert.equal(await client.send("later"), 200);
const [later] = await receive(client, 0);
const passedMs = (later?.sentMs ?? 0) - before;
assert.ok(passedMs >= STOPPED_MS && passedMs < STOPPED_MS + 5000, `${passedMs} ms`);
holds("engine time goes on while the server stands still");
await server.kill();
rmSync(data, { recursive: true });

const stop = async (ms: number, signal: (name: NodeJS.Signals) => void) => {
  signal("SIGSTOP");
  await pause(ms);
  signal("SIGCONT");
};
await under(
  `${STOPS} times stopped for up to ${STOPPED_MS_MAX} ms under load`,
  (subject, _history, random) => stop(random.fraction() * STOPPED_MS_MAX, (name) => subject.signal(name)),
  { blows: STOPS, seed: Number(seed) },
);
