import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { z } from "zod";
import { definePipeline } from "../../../src/worker/index.ts";
import { PipelineScene } from "./harness.ts";

const Sum = z.object({ n: z.number() });

test("an exec stage emits typed outputs, and an http stage posts them to a web application", { timeout: 60_000 }, async () => {
  await using scene = await PipelineScene.start();
  const posted: unknown[] = [];
  const application = createServer((request, response) => {
    void text(request).then((body) => {
      posted.push([request.headers["x-aws-sqsd-queue"], JSON.parse(body)]);
      response.end();
    });
  });
  await once(application.listen(0, "127.0.0.1"), "listening");
  const { port } = application.address() as { port: number };
  const script = `read body; echo "::emit sum {\\"n\\": 7}"; test -n "$AWS_ENDPOINT_URL_SQS"`;
  const pipeline = definePipeline("mixed", (p) => {
    const add = p.exec("add", { input: Sum, outputs: { sum: Sum }, command: ["sh", "-c", script] });
    const web = p.http("web", { input: Sum, url: `http://127.0.0.1:${port}/jobs` });
    add.on.sum.to(web);
    return { add };
  });
  assert.deepEqual(
    pipeline.graph().stages.map(({ kind }) => kind),
    ["exec", "http"],
  );
  const mixed = await scene.ensured(pipeline);
  await mixed.send("add", { n: 1 });
  await scene.drain(mixed, { stages: ["add"] });
  await scene.drain(mixed, { stages: ["web"] });
  application.close();
  application.closeAllConnections();
  assert.deepEqual(posted, [["mixed-web", { n: 7 }]]);
});

test("an exec stage has one result for each key, and its command is told the pipeline's bucket", { timeout: 60_000 }, async () => {
  await using scene = await PipelineScene.start();
  const pipeline = definePipeline("keyed", (p) => {
    const add = p.exec("add", {
      input: Sum,
      outputs: { bucket: z.object({ bucket: z.string(), run: z.string() }) },
      command: ["sh", "-c", `echo "::emit bucket {\\"bucket\\": \\"$MILLRACE_BUCKET\\", \\"run\\": \\"$MILLRACE_MESSAGE_ID\\"}"`],
      idempotency: { key: (m) => String(m.n) },
    });
    const seen = p.stage("seen", { input: z.object({ bucket: z.string() }), run: () => undefined });
    add.on.bucket.to(seen);
    return { add };
  });
  const keyed = await scene.ensured(pipeline);
  await keyed.send("add", { n: 1 });
  await scene.drain(keyed, { stages: ["add"] });
  await keyed.send("add", { n: 1 });
  await scene.drain(keyed, { stages: ["add"] });
  const bodies = (await scene.received("keyed-seen")).map(({ Body = "" }) => (JSON.parse(Body) as { bucket: string }).bucket);
  assert.deepEqual(bodies, ["keyed-objects"]);
  assert.equal((await keyed.status("add", "1"))?.state, "done");
});
