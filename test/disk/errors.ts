/**
 * The real server on a disk that fails: strace answers one system call with an error. Usage: node errors.ts DIRECTORY
 */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { NoAnswer } from "../crash/http-client.ts";
import { holds, Subject, within } from "./subject.ts";

interface Failure {
  readonly what: string;
  /** Arguments of strace. */
  readonly inject: readonly string[];
  /** Only calls on these files of the data directory; all by default. */
  readonly files?: readonly string[];
  readonly flags?: readonly string[];
  /** Whether answers are in the trace and given by the thread that made the call: then none with 200 may follow the error. */
  readonly ordered?: true;
  /** Uploads beside the messages. */
  readonly uploads?: true;
}

const INLINE = ["--storage-thread", "off"];
const FAILURES: readonly Failure[] = [
  { what: "an fsync", inject: ["fsync:error=EIO:when=60"], flags: INLINE, ordered: true },
  { what: "an fsync of the log", inject: ["fsync:error=EIO:when=40"], files: ["millrace.db-wal"], flags: ["--storage-thread", "on"] },
  { what: "a write to the log", inject: ["pwrite64:error=EIO:when=150"], files: ["millrace.db-wal"], flags: INLINE },
  { what: "a checkpoint's fsync", inject: ["fsync:error=EIO:when=3"], files: ["millrace.db"], flags: INLINE },
  { what: "a checkpoint's write", inject: ["pwrite64:error=EIO:when=60"], files: ["millrace.db"], flags: ["--storage-thread", "on"] },
  { what: "an upload's rename", inject: ["rename:error=EIO:when=20"], flags: INLINE, uploads: true },
  { what: "a read of the database", inject: ["pread64:error=EIO:when=6+"], files: ["millrace.db"], flags: INLINE },
  { what: "a database that has lost its end, whose read", inject: ["pread64:retval=0:when=6+"], files: ["millrace.db"], flags: INLINE },
];
const CLIENTS = 8;
const LOAD_MS_MAX = 20_000;

const [scratch] = process.argv.slice(2);
assert.ok(scratch !== undefined, "which directory?");

/** What one client was told. */
interface Told {
  readonly name: number;
  readonly acknowledged: string[];
  /** Of its object: the bytes that were acknowledged last, and those that may have been stored since. */
  object: string | undefined;
  tried: string | undefined;
}

/** Sends until nobody answers. Bodies are the client's own, so that what was acknowledged is known by name. */
async function load(server: Subject, name: number, { uploads }: Failure): Promise<Told> {
  const client = server.client();
  const told: Told = { name, acknowledged: [], object: undefined, tried: undefined };
  const begun = performance.now();
  for (let number = 0; ; number += 1) {
    assert.ok(performance.now() - begun < LOAD_MS_MAX, "the call that fails is made");
    const body = `${name}.${number}.${"x".repeat(3000)}`;
    try {
      if ((await client.send(body)) === 200) told.acknowledged.push(body);
      if (uploads !== true) continue;
      told.tried = body;
      if ((await client.put(`/${name}`, Buffer.from(body))).status === 200) told.object = body;
    } catch (error) {
      if (error instanceof NoAnswer) return told;
      throw error;
    }
  }
}

/** Starts the server once more and looks for what it had told. */
async function check(data: string, told: readonly Told[]): Promise<void> {
  const server = await Subject.start(data);
  const client = server.client();
  const found = new Set<string>();
  for (;;) {
    const messages = await client.receive(600);
    if (messages.length === 0) break;
    for (const { Body } of messages) found.add(Body);
  }
  const lost = told.flatMap(({ acknowledged }) => acknowledged).filter((body) => !found.has(body));
  assert.deepEqual(lost, [], "nothing that was acknowledged is lost");
  assert.ok(found.has("before"));
  for (const { name, object, tried } of told)
    if (object !== undefined) assert.ok([object, tried].includes(await client.get(`/${name}`)), "an acknowledged object is there");
  assert.equal(await client.send("after"), 200, "it takes messages again");
  await server.kill();
}

async function show(failure: Failure, number: number): Promise<void> {
  const { what, inject, files = [], flags = [], ordered } = failure;
  const data = join(scratch as string, String(number)); // Checked above.
  const log = join(scratch as string, `${number}.trace`);
  mkdirSync(data);
  const before = await Subject.start(data, { flags });
  await before.client().createQueue();
  assert.equal((await before.client().put("", Buffer.alloc(0))).status, 200);
  assert.equal(await before.client().send("before"), 200);
  await before.kill();
  const paths = files.flatMap((file) => ["-P", join(data, file)]);
  const traced = ordered === true ? ["-s", "24", "-e", "trace=fsync,rename,write,writev"] : [];
  const under = ["strace", "-f", "-qq", "-o", log, ...paths, ...traced, ...inject.flatMap((call) => ["-e", `inject=${call}`])];
  const server = await Subject.start(data, { flags, under });
  const told = await Promise.all(Array.from({ length: CLIENTS }, (_, name) => load(server, name, failure)));
  let code: number | string | null = null;
  await within(20_000, "it ends", async () => {
    code = await server.ended();
    return true;
  });
  const trace = readFileSync(log, "utf8");
  const failed = trace.indexOf("(INJECTED)");
  assert.notEqual(failed, -1, `the call was made: ${server.errors}`);
  assert.equal(code, 1, server.errors);
  assert.match(server.errors, /^millrace: [^\n]+\n$/, "one line");
  if (ordered === true) assert.equal(trace.slice(failed).includes("HTTP/1.1 200"), false, "nothing is acknowledged after the error");
  await check(data, told);
  const acknowledged = told.reduce((sum, client) => sum + client.acknowledged.length, 0);
  holds(`${what} that fails: exit 1 with one line, ${acknowledged} acknowledged messages there after a restart`);
}

for (const [number, failure] of FAILURES.entries()) await show(failure, number);
