import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { manualClock } from "../../kernel/clock.ts";
import { LeaseLost, Reject, RetryLater } from "../verdicts.ts";
import { notedContext } from "../noted-context.fixture.ts";
import { execHandler, type ExecOptions } from "./handler.ts";
import { Lines } from "./lines.ts";

const shell = (script: string, options: Partial<ExecOptions> = {}) => execHandler({ command: ["sh", "-c", script], ...options });

/** Runs a script on a message. @returns what it printed that is no instruction, by stream. */
async function lines(script: string, message: unknown = "", noted: ReturnType<typeof notedContext> = notedContext()): Promise<string[]> {
  const seen: string[] = [];
  await shell(script, { onLine: ({ stream, text }) => seen.push(`${stream}: ${text}`) })(message, noted.ctx);
  return seen;
}

/** Counts processes by the connections that they keep: one is gone when its connection is. */
async function roll(): Promise<{ join: string; present: () => Promise<Socket>; close: () => void }> {
  const server = createServer();
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as { port: number };
  const script = `process.on("SIGTERM", () => {}); require("net").connect(${port}, "127.0.0.1").resume().on("error", () => {})`;
  return {
    join: `'${process.execPath}' -e '${script}'`,
    present: async () => {
      const [socket] = (await once(server, "connection")) as [Socket];
      return socket.on("error", () => {}).resume();
    },
    close: () => server.close(),
  };
}

describe("a command as a handler", { timeout: 60_000 }, () => {
  test("the body is its standard input: a text as it is, anything else as JSON", async () => {
    assert.deepEqual(await lines("cat", "as it is\n"), ["stdout: as it is"]);
    assert.deepEqual(await lines("cat", { photo: "é" }), ['stdout: {"photo":"é"}']);
    const megabyte = "x".repeat(1_000_000);
    assert.deepEqual(await lines("wc -c", megabyte), ["stdout: 1000000"]);
  });

  test("a command that does not read its input is not disturbed by it", async () => {
    assert.deepEqual(await lines("echo done", "x".repeat(1_000_000)), ["stdout: done"]);
  });

  test("its environment has this process's, what the worker adds, and the message's", async () => {
    const { ctx } = notedContext({ system: { MessageGroupId: "g" }, attributes: { kind: { type: "String", value: "jpeg" } } });
    const seen: string[] = [];
    const run = shell('echo "$MILLRACE_MESSAGE_ID $MILLRACE_RECEIVE_COUNT $MILLRACE_GROUP_ID $MILLRACE_ATTR_kind $ADDED ${PATH:+path}"', {
      environment: async () => ({ ADDED: "added", MILLRACE_MESSAGE_ID: "not this" }),
      onLine: ({ text }) => seen.push(text),
    });
    await run("", ctx);
    assert.deepEqual(seen, ["m1 1 g jpeg added path"]);
  });

  test("::emit and ::progress are read from standard output and from descriptor 3, everything else is passed on", async () => {
    const noted = notedContext();
    const script = `
      echo '::progress 0.25 begun'; echo 'a line'; echo '::emit done {"n": 1}'
      echo '::emit done {"n": 2}' >&3; echo '0.5 half' >&3; echo 'frame=7' >&3
      echo 'to stderr' >&2; printf '::emit done {"n": 3}'`;
    const seen = await lines(script, "", noted);
    assert.deepEqual(seen.toSorted(), ["stderr: to stderr", "stdout: a line"]);
    assert.deepEqual(noted.emitted.map(([name, body]) => `${name} ${JSON.stringify(body)}`).toSorted(), [
      'done {"n":1}',
      'done {"n":2}',
      'done {"n":3}',
    ]);
    assert.deepEqual(
      noted.progress.toSorted(([one], [other]) => one - other),
      [
        [0.25, "begun"],
        [0.5, "half"],
      ],
    );
  });

  test("an output that cannot be read, or is not known, fails the attempt and ends the command", async () => {
    await assert.rejects(shell("echo '::emit done {'; sleep 1000")("", notedContext().ctx), /not JSON/);
    const refuses = () => {
      throw new Error('there is no output "done"');
    };
    await assert.rejects(shell("echo '::emit done {}'; sleep 1000")("", notedContext({ emit: refuses }).ctx), /there is no output/);
  });

  test("exit code 3 is a dead letter with what was said, 4 comes back later, anything else fails with the end of standard error", async () => {
    await assert.rejects(shell("echo not a JPEG >&2; exit 3")("", notedContext().ctx), new Reject("not a JPEG"));
    await assert.rejects(
      shell("exit 4", { later: "10m" })("", notedContext().ctx),
      (error: unknown) => error instanceof RetryLater && error.delayMs === 600_000,
    );
    await assert.rejects(shell("echo one >&2; echo two >&2; exit 7")("", notedContext().ctx), /exit code 7: one\ntwo$/);
    await assert.rejects(shell("kill -KILL $$")("", notedContext().ctx), /ended by SIGKILL/);
    const failure = (await shell("seq 1 20000 >&2; exit 1")("", notedContext().ctx).catch((error: unknown) => error)) as Error;
    assert.match(failure.message, /20000$/);
    assert.ok(failure.message.length < 2100);
  });

  test("a program that is not there fails the attempt", async () => {
    await assert.rejects(execHandler({ command: ["/no/such/program"] })("", notedContext().ctx), /ENOENT/);
    assert.throws(() => execHandler({ command: [] }), /command must name a program/);
  });

  test("when the signal is aborted, the command and its children get SIGTERM; what it then says does not count", async () => {
    const noted = notedContext();
    const begun = Promise.withResolvers<void>();
    const said: string[] = [];
    const onLine = ({ text }: { text: string }) => {
      said.push(text);
      if (text === "begun") begun.resolve();
    };
    const running = shell("trap 'echo ended by TERM; exit 0' TERM; echo begun; sleep 1000 & wait", { onLine })("", noted.ctx);
    await begun.promise;
    noted.abort(new LeaseLost("gone"));
    await assert.rejects(running, new LeaseLost("gone"));
    assert.deepEqual(said, ["begun", "ended by TERM"]);
  });

  test("what ignores SIGTERM is killed, its children with it", async () => {
    const { join, present, close } = await roll();
    const noted = notedContext();
    const clock = manualClock();
    const running = shell(`trap '' TERM; ${join} & wait; wait`, { clock })("", noted.ctx);
    const child = await present();
    noted.abort(new LeaseLost("gone"));
    clock.advance(2499);
    assert.equal(child.readyState, "open");
    clock.advance(1);
    await Promise.all([once(child, "close"), assert.rejects(running, LeaseLost)]);
    close();
  });

  test("what a command leaves behind ends with it: its message is settled, so nothing may work on", async () => {
    const { join, present, close } = await roll();
    const running = shell(`${join} & read line; exit 0`)("go\n", notedContext().ctx);
    const arrived = present().catch(() => undefined);
    await running;
    close();
    // Killed before it could connect, or after: either way nobody is left.
    const socket = await Promise.race([arrived, new Promise<undefined>((resolve) => setImmediate(() => resolve(undefined)))]);
    if (socket !== undefined && !socket.destroyed) await once(socket, "close");
  });

  test("a worker that is killed takes its running commands with it", async () => {
    const { join: present, ...rolled } = await roll();
    const fixture = join(import.meta.dirname, "killed-worker.fixture.ts");
    const args = ["--conditions=millrace-source", fixture, "sh", "-c", `${present} & wait; wait`];
    const worker = spawn(process.execPath, args, { stdio: "inherit" });
    after(() => worker.kill("SIGKILL"));
    const child = await rolled.present();
    worker.kill("SIGKILL");
    await once(child, "close");
    rolled.close();
  });
});

test("lines are cut where they are too long, and may end without a mark", () => {
  const seen: [string, boolean][] = [];
  const cutter = new Lines(4, (line, isCut) => seen.push([line, isCut]));
  for (const text of ["ab", "c\r\n\nabcd", "ef", "gh\nla", "st"]) cutter.add(text);
  cutter.end();
  assert.deepEqual(seen, [
    ["abc", false],
    ["", false],
    ["abcd", true],
    ["last", false],
  ]);
});
