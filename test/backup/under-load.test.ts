import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { S3Client } from "@aws-sdk/client-s3";
import { listBackups } from "../../src/backup/backups.ts";
import { seededRandom } from "../../src/kernel/random.ts";
import { ServerProcess } from "../crash/server-process.ts";
import { Load, type Found } from "./load.ts";
import { directoryPlace, folder, makeBackup, objectsOf, restoreTo } from "./scene.ts";

const BIN = join(import.meta.dirname, "../../bin/millrace.js");

function start(...args: string[]) {
  const child = spawn(process.execPath, [BIN, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  const ended = once(child, "close") as Promise<[code: number | null]>;
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text: Buffer) => (said += text.toString()));
  return { child, ended: async () => ({ code: (await ended)[0], said }) };
}

async function millrace(...args: string[]): Promise<{ code: number | null; said: string }> {
  return start(...args).ended();
}

async function serving(data: string): Promise<{ process: ServerProcess; endpoint: string }> {
  const server = new ServerProcess(data);
  server.start();
  await server.up;
  return { process: server, endpoint: `http://127.0.0.1:${server.port}` };
}

/** All that a data directory holds. */
async function contentOf(data: string): Promise<Found> {
  const { process: server, endpoint } = await serving(data);
  const s3 = new S3Client({
    endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    forcePathStyle: true,
  });
  try {
    const notices = (await peek(endpoint, "notices")).map(
      (body) => (JSON.parse(body) as { Records?: { s3: { object: { key: string } } }[] }).Records?.[0]?.s3.object.key,
    );
    return {
      messages: await peek(endpoint, "jobs"),
      notices: notices.filter((key) => key !== undefined), // The first is AWS's test message.
      objects: await objectsOf(s3, "photos"),
    };
  } finally {
    s3.destroy();
    await server.kill();
  }
}

/** Bodies of all messages, whatever state they are in. */
async function peek(endpoint: string, queue: string): Promise<string[]> {
  const bodies: string[] = [];
  for (let cursor: string | null = ""; cursor !== null;) {
    const answer = await fetch(`${endpoint}/_millrace/queues/000000000000/${queue}/messages?limit=1000&scan=10000&cursor=${cursor}`);
    const page = (await answer.json()) as { messages: { body: string }[]; cursor: string | null };
    bodies.push(...page.messages.map(({ body }) => body));
    ({ cursor } = page);
  }
  return bodies;
}

/** Waits until so much more was sent. */
async function goOn(load: Load, sends: number): Promise<void> {
  const until = load.sent + sends;
  while (load.sent < until) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe("backups under load and kills", { timeout: 240_000 }, () => {
  test("a backup of a server that is written to is of one moment between its beginning and its end", async (t) => {
    const root = await folder(t);
    const place = join(root, "place");
    const { process: server, endpoint } = await serving(join(root, "data"));
    const load = new Load(endpoint);
    await load.begin({ writers: 3, readers: 1 });
    const moments: { from: number; to: number; id: string }[] = [];
    for (let n = 0; n < 2; n += 1) {
      await goOn(load, 100);
      const from = load.now();
      const { code, said } = await millrace("backup", place, "--server", endpoint, "--json");
      assert.equal(code, 0, said);
      moments.push({ from, to: load.now(), id: (JSON.parse(said) as { id: string }).id });
    }
    await load.end();
    await server.kill();

    const { whole } = await listBackups(directoryPlace(place));
    assert.deepEqual(
      whole.map(({ id }) => id),
      moments.map(({ id }) => id),
    );
    for (const [n, moment] of moments.entries()) {
      const restored = join(root, `restored-${n}`);
      await restoreTo(directoryPlace(place), restored, whole[n]?.to);
      const found = await contentOf(restored);
      assert.deepEqual(load.check(found, moment), [], `backup ${n}`);
      assert.ok(found.messages.length > 0 && Object.keys(found.objects).length > 0, "there was next to nothing to restore");
      t.diagnostic(`backup ${n}: ${found.messages.length} messages, ${Object.keys(found.objects).length} objects`);
    }
  });

  test("a backup whose server is killed is none, and the next one is", async (t) => {
    const root = await folder(t);
    const [place, data] = [join(root, "place"), join(root, "data")];
    const { process: server, endpoint } = await serving(data);
    await fetch(`${endpoint}/?Action=CreateQueue&QueueName=jobs`);
    const { child, ended } = start("backup", place, "--server", endpoint);
    while (!existsSync(join(data, "snapshots")) && child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 1));
    await server.kill();
    const { code, said } = await ended();
    assert.equal(code, 1, said);
    assert.deepEqual((await listBackups(directoryPlace(place))).whole, []);
    server.start();
    await server.up;
    assert.equal((await millrace("backup", place, "--server", endpoint)).code, 0);
    assert.equal((await listBackups(directoryPlace(place))).whole.length, 1);
    await server.kill();
  });

  test("a backup or a restore that is killed, whenever that is, is whole or is not", async (t) => {
    const root = await folder(t);
    const [place, data] = [join(root, "place"), join(root, "data")];
    const { process: server, endpoint } = await serving(data);
    const load = new Load(endpoint);
    await load.begin({ writers: 3, readers: 0 });
    await goOn(load, 100);
    await load.end();
    await server.kill();
    const all = { from: load.now(), to: Infinity };
    const random = seededRandom(3);
    const began = performance.now();
    await makeBackup(directoryPlace(place), data);
    const backupMs = performance.now() - began;
    for (let kill = 0; kill < 6; kill += 1) {
      const { child, ended } = start("backup", join(root, `place-${kill % 2}`), "--data", data);
      await killWithin(child, { ms: 400 + backupMs * 3, random });
      await ended();
      assert.deepEqual((await listBackups(directoryPlace(join(root, `place-${kill % 2}`)))).damaged, []);
    }
    for (const again of [0, 1]) {
      assert.equal((await millrace("backup", join(root, `place-${again}`), "--data", data)).code, 0);
      await restoreTo(directoryPlace(join(root, `place-${again}`)), join(root, `restored-${again}`));
      assert.deepEqual(load.check(await contentOf(join(root, `restored-${again}`)), all), []);
    }
    for (let kill = 0; kill < 6; kill += 1) {
      const directory = join(root, `killed-${kill}`);
      const { child, ended } = start("restore", place, "--data", directory);
      await killWithin(child, { ms: 400 + backupMs * 3, random });
      await ended();
      if (!existsSync(directory))
        assert.equal((await millrace("restore", place, "--data", directory)).code, 0, "a killed restore is in the way of the next");
      assert.ok((await readdir(directory)).includes("millrace.db"));
      if (kill < 2) assert.deepEqual(load.check(await contentOf(directory), all), []);
    }
  });
});

async function killWithin(
  child: { kill(signal: "SIGKILL"): boolean },
  { ms, random }: { ms: number; random: { fraction(): number } },
): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 100 + ms * random.fraction()));
  child.kill("SIGKILL");
}
