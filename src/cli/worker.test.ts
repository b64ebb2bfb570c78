import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { silentLogger } from "../kernel/logger.ts";
import { configWith } from "../server/config.ts";
import { startServer } from "../server/server.ts";
import { begin, millrace, type Running } from "./command-line.fixture.ts";

const FILE = join(import.meta.dirname, "pipeline.fixture.ts");
const NOWHERE = "http://127.0.0.1:1";

async function send(endpoint: string, QueueUrl: string, MessageBody: string): Promise<void> {
  const headers = { "content-type": "application/x-amz-json-1.0", "x-amz-target": "AmazonSQS.SendMessage" };
  const response = await fetch(endpoint, { method: "POST", headers, body: JSON.stringify({ QueueUrl, MessageBody }) });
  assert.equal(response.status, 200);
}

describe("the commands that take a pipeline", { timeout: 120_000 }, () => {
  test("check loads it, asks nobody, and prints where everything goes", async () => {
    const checked = await millrace(NOWHERE, ["check", FILE]);
    assert.equal(checked.code, 0, checked.err);
    assert.equal(checked.out, "resize  stage on photos-resize\n  done → notify\nnotify  exec on photos-notify\n");
    const json = await millrace(NOWHERE, ["check", FILE, "--json"]);
    assert.equal((JSON.parse(json.out) as { name: string }).name, "photos");
  });

  test("what is wrong with the module or its wiring is said, with 1", async () => {
    const directory = mkdtempSync(join(tmpdir(), "millrace-check-"));
    after(() => rmSync(directory, { recursive: true }));
    const worker = pathToFileURL(join(import.meta.dirname, "../worker/index.ts")).href;
    const schema = `{ "~standard": { version: 1, vendor: "x", validate: (value: unknown) => ({ value }) } }`;
    const wrong = [
      { text: "export const nothing = 1;", says: /exports no pipeline/ },
      { text: "export default (", says: /SyntaxError|Expression expected/ },
      {
        text: `import { definePipeline } from "${worker}"; export default definePipeline("p", (p) => ({ a: p.stage("a", { input: ${schema}, outputs: { b: ${schema} }, run: () => {} }) }));`,
        says: /output "b" of stage a leads nowhere/,
      },
    ];
    for (const [index, { text, says }] of wrong.entries()) {
      const file = join(directory, `pipeline-${index}.ts`);
      writeFileSync(file, text);
      const checked = await millrace(NOWHERE, ["check", file]);
      assert.equal(checked.code, 1, text);
      assert.match(checked.err, says);
    }
    assert.equal((await millrace(NOWHERE, ["check", join(directory, "gone.ts")])).code, 2);
  });

  test("worker creates what is missing, works on the stages that are named, and drains at Ctrl-C", async () => {
    const server = await startServer(configWith({ port: 0, memory: true, coolDown: false }), { logger: silentLogger });
    after(() => server.stop());
    const unknown = await millrace(server.endpoint, ["worker", FILE, "--stage", "resise"]);
    assert.deepEqual([unknown.code, unknown.err], [2, 'millrace: photos has no stage "resise"; it has resize, notify.\n']);
    const running = begin(server.endpoint, ["worker", FILE, "--ensure", "--stage", "resize"]);
    await running.says("Working on resize of photos");
    await send(server.endpoint, "photos-resize", '{"photo":"a.jpg"}');
    await running.says("resize  done");
    running.interrupt();
    const ended = await running.ended();
    assert.equal(ended.code, 0, ended.err);
    assert.match(ended.err, /resize {2}1 done, 0 failed attempts, 0 dead/);
    const response = await fetch(`${server.endpoint}/_millrace/queues/000000000000/photos-notify/messages`);
    assert.equal(((await response.json()) as { messages: unknown[] }).messages.length, 1);
  });

  test("dev serves, works on all stages, and goes on with the source as it is changed", async () => {
    const directory = mkdtempSync(join(tmpdir(), "millrace-dev-"));
    after(() => rmSync(directory, { recursive: true }));
    const file = join(directory, "pipeline.ts");
    const source = `export { photos as default } from ${JSON.stringify(FILE)};\n`;
    writeFileSync(file, source);
    const running: Running = begin("", ["dev", file, "--memory", "--port", "0"]);
    await running.says("Working on resize, notify of photos");
    writeFileSync(file, `${source}throw new Error("half done");\n`);
    await running.says("reloading");
    await running.says("half done");
    await running.says("begins anew with the next change");
    writeFileSync(file, source);
    await running.says("reloading");
    const [, endpoint = ""] = /serves on (\S+),/.exec(running.text) ?? [];
    await send(endpoint, "photos-resize", '{"photo":"a.jpg"}');
    await running.says("notify  done");
    running.interrupt();
    assert.equal((await running.ended()).code, 0);
  });
});
