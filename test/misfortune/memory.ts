/**
 * The real server with too little memory for what it is asked, until the kernel, or V8, ends it; what it has acknowledged is there
 * afterwards. Usage: node memory.ts [DIRECTORY of a control group for memory]
 */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MIB } from "../../src/kernel/units.ts";
import { NoAnswer } from "../crash/http-client.ts";
import { holds, Subject, within, type Client } from "../disk/subject.ts";

const CLIENTS = 60;
/** Messages that are there when memory becomes short. */
const BEFORE = 10;
/** More than that many clients can have under way in what is left. */
const LEFT_BYTES = 8 * MIB;
const HEAP_MIB = 40;
const LOAD_MS_MAX = 20_000;
const BODY = "x".repeat(MIB - 100);

/** Sends large messages until nobody answers, or for so long. @returns the names of those that were acknowledged. */
async function load(client: Client, name: number): Promise<string[]> {
  const acknowledged: string[] = [];
  const begun = performance.now();
  try {
    for (let number = 0; performance.now() - begun < LOAD_MS_MAX; number += 1) {
      const message = `${name}.${number}.`;
      const status = await client.send(message + BODY);
      if (status === 200) acknowledged.push(message);
      else assert.ok([413, 429, 503].includes(status), `a send was answered ${status}`);
    }
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error;
  }
  return acknowledged;
}

/** Loads a server that has too little, and asks the next one, which has enough, for what was acknowledged. */
async function starve(what: string, { prefix, squeeze }: { prefix: readonly string[]; squeeze: () => void }): Promise<void> {
  const data = mkdtempSync(join(tmpdir(), "millrace-misfortune-"));
  const server = await Subject.start(data, { under: prefix });
  await server.client().createQueue();
  const before = Array.from({ length: BEFORE }, (_, number) => `before.${number}.`);
  for (const message of before) assert.equal(await server.client().send(message + BODY), 200);
  squeeze();
  const starved = (await Promise.all(Array.from({ length: CLIENTS }, (_, name) => load(server.client(), name)))).flat();
  const acknowledged = [...before, ...starved];
  let end: number | string | null = null;
  await within(5000, "it ends for want of memory", async () => {
    end = await server.ended();
    return true;
  });
  assert.notEqual(end, 0, server.errors);
  const next = await Subject.start(data);
  const client = next.client();
  const found = new Set<string>();
  for (let messages = await client.receive(600); messages.length > 0; messages = await client.receive(600))
    for (const { Body } of messages) found.add(Body.slice(0, Body.indexOf("x")));
  assert.deepEqual(
    acknowledged.filter((message) => !found.has(message)),
    [],
    "nothing that was acknowledged is lost",
  );
  assert.equal(await client.send("after"), 200);
  await next.kill();
  rmSync(data, { recursive: true });
  holds(`${what}: it ended with ${String(end)}, ${acknowledged.length} acknowledged messages of 1 MiB there after a restart`);
}

await starve(`a heap of ${HEAP_MIB} MiB under ${CLIENTS} clients`, {
  prefix: ["env", `NODE_OPTIONS=--max-old-space-size=${HEAP_MIB}`],
  squeeze: () => {},
});

const [group] = process.argv.slice(2);
if (group !== undefined) {
  const own = join(group, `millrace-${process.pid}`);
  mkdirSync(own);
  const [limit, usage] = existsSync(join(own, "memory.max"))
    ? ["memory.max", "memory.current"]
    : ["memory.limit_in_bytes", "memory.usage_in_bytes"];
  const file = (name: string) => join(own, name);
  try {
    await starve("a control group with 8 MiB more than it has at rest", {
      prefix: ["sh", "-c", `echo $$ > ${file("cgroup.procs")}; exec "$@"`, "sh"],
      squeeze: () => writeFileSync(file(limit), String(Number(readFileSync(file(usage), "utf8")) + LEFT_BYTES)),
    });
  } finally {
    rmdirSync(own);
  }
}
