import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { DirectoryPlace } from "./directory-place.ts";
import { placeSuite } from "./place.suite.ts";

async function emptyDirectory(): Promise<{ directory: string; stop: () => Promise<void> }> {
  const directory = await mkdtemp(join(tmpdir(), "millrace-place-"));
  return { directory, stop: () => rm(directory, { recursive: true }) };
}

placeSuite("a directory", async () => {
  const { directory, stop } = await emptyDirectory();
  return { place: new DirectoryPlace(join(directory, "backups of ours")), stop };
});

test("one process at a time writes to a directory; what an earlier one left unfinished is removed", async () => {
  const { directory, stop } = await emptyDirectory();
  await mkdir(join(directory, "unfinished"));
  await writeFile(join(directory, "unfinished", "1"), "half");
  const release = await new DirectoryPlace(directory).lock();
  assert.deepEqual((await readdir(directory)).sort(), ["owner.lock", "owner.pid"]);
  await assert.rejects(new DirectoryPlace(directory).lock(), /is in use by process \d+/);
  release();
  (await new DirectoryPlace(directory).lock())();
  await stop();
});

test("files are their owner's alone: they hold what was sent", async () => {
  const { directory, stop } = await emptyDirectory();
  await new DirectoryPlace(directory).write(
    "a/b",
    (async function* () {
      yield Buffer.from("x");
    })(),
  );
  assert.deepEqual([(await stat(join(directory, "a", "b"))).mode & 0o777, (await stat(join(directory, "a"))).mode & 0o777], [0o600, 0o700]);
  await stop();
});
