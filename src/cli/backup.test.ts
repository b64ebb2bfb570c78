import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { listBackups } from "../backup/backups.ts";
import { DirectoryPlace } from "../backup/directory-place.ts";
import { silentLogger } from "../kernel/logger.ts";
import { configWith } from "../server/config.ts";
import { startServer, type Server } from "../server/server.ts";
import { begin, millrace } from "./command-line.fixture.ts";

describe("backup and restore, each a process", { timeout: 120_000 }, () => {
  let root: string;
  let server: Server;
  let place: string;
  before(async () => {
    root = await mkdtemp(join(tmpdir(), "millrace-cli-"));
    place = join(root, "place");
    server = await startServer(configWith({ port: 0, data: join(root, "data") }), { logger: silentLogger });
    await run("send", "jobs", "one", "two", "--create");
  });
  after(async () => {
    await server.stop();
    await rm(root, { recursive: true });
  });
  const run = (...args: string[]) => millrace(server.endpoint, args);

  test("a backup says what was made and how to restore it; a restore what was restored and how to start it", async () => {
    const made = await run("backup", place);
    assert.equal(made.code, 0, made.err);
    const [, id = ""] = /^(\d{8}T\d{6}\.\d{3}Z-[0-9a-f]{8})\n$/.exec(made.out) ?? [];
    const [, to = ""] =
      /^Made a backup of (\S+): database \d+ kB, 0 files of objects\.\nTo restore it: millrace restore \S+ --at (\S+) --data DIR\n$/.exec(
        made.err,
      ) ?? [];
    assert.notEqual(to, "", made.err);
    const listed = await run("restore", place, "--list");
    assert.match(listed.out, new RegExp(`^TIME +DATABASE  FILES  OBJECTS  ID\n${to}  \\d+ kB +0  0 B +${id}\n$`));
    const restored = await run("restore", place, "--at", to, "--data", join(root, "restored"));
    assert.deepEqual([restored.code, restored.out], [0, ""]);
    assert.match(
      restored.err,
      new RegExp(
        `^Restored the backup of ${to} to .*restored: \\d+ kB, all as it was written\\. To start: millrace serve --data .*restored\n$`,
      ),
    );
    const again = await run("restore", place, "--data", join(root, "restored"));
    assert.deepEqual([again.code, again.out], [1, ""]);
    assert.match(again.err, /^millrace: .* is not empty; nothing is ever restored over data\./);
  });

  test("as JSON", async () => {
    const made = JSON.parse((await run("backup", place, "--json", "--keep", "1")).out) as Record<string, unknown>;
    assert.deepEqual(Object.keys(made), ["id", "place", "from", "to", "server", "databaseBytes", "rows", "objects", "removed"]);
    assert.equal((made["removed"] as string[]).length, 1);
    const listed = JSON.parse((await run("restore", place, "--list", "--json")).out) as Record<string, unknown>;
    assert.deepEqual([listed["id"], listed["rows"]], [made["id"], made["rows"]]);
    const restored = JSON.parse((await run("restore", place, "--data", join(root, "json"), "--json")).out) as Record<string, unknown>;
    assert.deepEqual([restored["id"], restored["to"]], [made["id"], made["to"]]);
  });

  test("with --every one after another until Ctrl-C", async () => {
    const running = begin(server.endpoint, ["backup", join(root, "often"), "--every", "1s"]);
    await running.says("DIR\n");
    const made = async () => (await listBackups(new DirectoryPlace(join(root, "often")))).whole.length;
    while ((await made()) < 2) await new Promise((resolve) => setImmediate(resolve));
    running.interrupt();
    const { err } = await running.ended();
    assert.match(err, /Giving the backup up; again to leave at once\./);
    assert.ok((await made()) >= 2);
  });

  test("what cannot be done is said in one sentence that says what to do", async () => {
    const failures: [args: string[], code: number, message: RegExp][] = [
      [["backup", place, "--data", join(root, "data")], 1, /in use by process \d+; stop that process/],
      [["backup", place, "--server", "http://127.0.0.1:9"], 1, /Nothing answers at http:\/\/127\.0\.0\.1:9 \(ECONNREFUSED\)/],
      [["backup", place, "--server", "x", "--data", "y"], 2, /'--server <url>' cannot be used with option '--data <dir>'/],
      [["backup", "ftp://somewhere"], 2, /a directory or like s3:\/\/bucket\/prefix, not "ftp:\/\/somewhere"/],
      [["backup", "s3://bucket/x"], 2, /would be in http:\/\/127\.0\.0\.1:\d+, the very server that it is a backup of/],
      [["restore", place], 2, /Say with --data which directory to make, or --list/],
      [["restore", place, "--data", join(root, "x"), "--at", "yesterday"], 2, /a time such as 2026-01-31T12:00:00Z/],
      [["restore", join(root, "nothing"), "--data", join(root, "x")], 1, /There is no backup in .*nothing\./],
    ];
    for (const [args, code, message] of failures) {
      const ended = await run(...args);
      assert.match(ended.err, message, args.join(" "));
      assert.deepEqual([ended.code, ended.out], [code, ""], args.join(" "));
      assert.doesNotMatch(ended.err, /\n {4}at /, `${args.join(" ")} shows a stack`);
    }
  });
});
