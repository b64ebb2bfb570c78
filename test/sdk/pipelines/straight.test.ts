import assert from "node:assert/strict";
import { CreateQueueCommand } from "@aws-sdk/client-sqs";
import { GetObjectCommand } from "@aws-sdk/client-s3";
import { test } from "node:test";
import { z } from "zod";
import { silentLogger } from "../../../src/kernel/logger.ts";
import { definePipeline, InvalidMessage, Reject, type LambdaEvent } from "../../../src/worker/index.ts";
import { attributeOf, PipelineScene } from "./harness.ts";

const Work = z.object({ n: z.number() });
const Done = z.object({ n: z.number(), text: z.string() });
const LIMIT = { timeout: 60_000 };

/** `first` hands on to `second`, which remembers what it got. */
function twoStages(seen: z.infer<typeof Done>[] = [], text: (n: number) => string = (n) => `done ${n}`) {
  return definePipeline("works", (p) => {
    const first = p.stage("first", {
      input: Work,
      outputs: { done: Done },
      run: (m, ctx) => {
        if (m.n < 0) throw new Reject("negative");
        ctx.emit("done", { n: m.n, text: text(m.n) });
      },
    });
    const second = p.stage("second", { input: Done, run: (m) => seen.push(m) });
    first.on.done.to(second);
    return { first, second };
  });
}

test("ensure creates queues, dead-letter queues and the bucket, as often as it is asked, and keeps what is tuned", LIMIT, async () => {
  await using scene = await PipelineScene.start();
  await scene.sqs.send(new CreateQueueCommand({ QueueName: "works-second", Attributes: { VisibilityTimeout: "77" } }));
  const works = await scene.ensured(twoStages());
  await works.ensure();
  assert.equal((await scene.attributes("works-second"))["VisibilityTimeout"], "77");
  const { RedrivePolicy = "" } = await scene.attributes("works-first");
  assert.match(RedrivePolicy, /"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:works-first-dlq"/);
  assert.equal((await scene.attributes("works-first-dlq"))["MessageRetentionPeriod"], String(14 * 24 * 3600));
  assert.deepEqual(await scene.keys("works-objects", ""), []);
});

test("graph names everything as a server knows it", () => {
  assert.deepEqual(twoStages().graph(), {
    name: "works",
    bucket: "works-objects",
    stages: [
      {
        name: "first",
        kind: "stage",
        queue: "works-first",
        deadLetterQueue: "works-first-dlq",
        lanes: [],
        isFifo: false,
        schedule: null,
        outputs: ["done"],
      },
      {
        name: "second",
        kind: "stage",
        queue: "works-second",
        deadLetterQueue: "works-second-dlq",
        lanes: [],
        isFifo: false,
        schedule: null,
        outputs: [],
      },
    ],
    edges: [{ from: "first", output: "done", topic: null, to: "second", filter: null }],
  });
});

test("a message that is sent goes from stage to stage, straight from queue to queue", LIMIT, async () => {
  await using scene = await PipelineScene.start();
  const seen: z.infer<typeof Done>[] = [];
  const works = await scene.ensured(twoStages(seen));
  for (let n = 0; n < 12; n += 1) await works.send("first", { n });
  await scene.drain(works);
  assert.deepEqual(
    seen.toSorted((a, b) => a.n - b.n),
    Array.from({ length: 12 }, (_, n) => ({ n, text: `done ${n}` })),
  );
});

test("what does not fit is refused by send, and rejected messages are dead letters with their reason", LIMIT, async () => {
  await using scene = await PipelineScene.start();
  const works = await scene.ensured(twoStages());
  // @ts-expect-error: the compiler refuses it as well.
  await assert.rejects(works.send("first", { n: "one" }), (error) => error instanceof InvalidMessage && error.issues[0]?.path === "n");
  await works.send("first", { n: -1 });
  await scene.sendRaw("works-first", `{"n":"two"}`);
  await scene.drain(works);
  const causes = (await scene.received("works-first-dlq")).map(
    (letter) => (JSON.parse(attributeOf(letter, "Millrace.DeadLetter") ?? "") as { cause: string }).cause,
  );
  assert.deepEqual(causes.toSorted(), ["invalid", "rejected"]);
});

test("an output that does not fit its schema fails the handler that emits it", LIMIT, async () => {
  await using scene = await PipelineScene.start();
  const works = await scene.ensured(twoStages([], (n) => n as unknown as string));
  await works.send("first", { n: 1 });
  const workers = scene.work(works, { stages: ["first"] });
  const { error } = await new Promise<{ error: Error | undefined }>((resolve) => workers.workers.get("first")?.on("retried", resolve));
  assert.match(error?.message ?? "", /emitted as done does not fit its schema: text: /);
});

test(
  "a message that runs twice makes outputs with the same ids; messages that are sent with the same id do so as well",
  LIMIT,
  async () => {
    await using scene = await PipelineScene.start();
    const works = await scene.ensured(twoStages());
    await works.send("first", { n: 1 }, { id: "one" });
    await scene.drain(works, { stages: ["first"] });
    await works.send("first", { n: 1 }, { id: "one" });
    await works.send("first", { n: 1 }, { id: "other" });
    await scene.drain(works, { stages: ["first"] });
    const ids = (await scene.received("works-second")).map((message) => attributeOf(message, "Millrace.Id"));
    assert.equal(ids.length, 3);
    assert.equal(new Set(ids).size, 2);
  },
);

test("large bodies travel through the object store, with the pointer of AWS's extended clients", LIMIT, async () => {
  await using scene = await PipelineScene.start();
  const seen: z.infer<typeof Done>[] = [];
  const text = "ä".repeat(300_000);
  const works = await scene.ensured(twoStages(seen, () => text));
  await works.send("first", { n: 1 });
  await scene.drain(works, { stages: ["first"] });
  const [message = assert.fail()] = await scene.received("works-second");
  const [name, where] = JSON.parse(message.Body ?? "") as [string, { s3BucketName: string; s3Key: string }];
  assert.equal(name, "software.amazon.payloadoffloading.PayloadS3Pointer");
  assert.equal(attributeOf(message, "ExtendedPayloadSize"), String(Buffer.byteLength(JSON.stringify({ n: 1, text }))));
  const stored = await scene.s3.send(new GetObjectCommand({ Bucket: where.s3BucketName, Key: where.s3Key }));
  assert.deepEqual(JSON.parse((await stored.Body?.transformToString()) ?? ""), { n: 1, text });
  scene.server.clock.advance(60_000);
  await scene.drain(works, { stages: ["second"] });
  assert.deepEqual(seen, [{ n: 1, text }]);
});

test("a pointer as the older extended clients write it is followed, a damaged one is a dead letter", LIMIT, async () => {
  await using scene = await PipelineScene.start();
  const seen: z.infer<typeof Done>[] = [];
  const works = await scene.ensured(twoStages(seen));
  const large = { n: 5, text: "x".repeat(250_000) };
  await works.send("second", large);
  const [{ Body = "" } = assert.fail()] = await scene.received("works-second");
  await scene.purge("works-second");
  const size = { MessageAttributes: { SQSLargePayloadSize: { DataType: "Number", StringValue: "1" } } };
  await scene.sendRaw(
    "works-second",
    Body.replace("software.amazon.payloadoffloading.PayloadS3Pointer", "com.amazon.sqs.javamessaging.MessageS3Pointer"),
    size,
  );
  await scene.sendRaw("works-second", "[]", size);
  await scene.drain(works, { stages: ["second"] });
  assert.deepEqual(seen, [large]);
  assert.equal(await scene.held("works-second-dlq"), 1);
});

test("trace context of both kinds is handed on to outputs and shown to handlers", LIMIT, async () => {
  await using scene = await PipelineScene.start();
  const traces: unknown[] = [];
  const pipeline = definePipeline("traced", (p) => {
    const a = p.stage("a", { input: Work, outputs: { b: Work }, run: (m, ctx) => ctx.emit("b", m) });
    const b = p.stage("b", { input: Work, run: (_, ctx) => traces.push(ctx.trace) });
    a.on.b.to(b);
    return { a };
  });
  const traced = await scene.ensured(pipeline);
  const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  const xray = "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1";
  await scene.sendRaw("traced-a", `{"n":1}`, {
    MessageAttributes: { traceparent: { DataType: "String", StringValue: traceparent } },
    MessageSystemAttributes: { AWSTraceHeader: { DataType: "String", StringValue: xray } },
  });
  await scene.drain(traced);
  assert.deepEqual(traces, [{ traceparent, xray }]);
});

test("a stage that keeps order works on each group in order and on groups beside each other", LIMIT, async () => {
  await using scene = await PipelineScene.start();
  const order: string[] = [];
  const Step = z.object({ group: z.string(), n: z.number() });
  const pipeline = definePipeline("steps", (p) => {
    const from = p.stage("from", {
      input: z.object({ group: z.string() }),
      outputs: { step: Step },
      run: (m, ctx) => [0, 1, 2, 3].forEach((n) => ctx.emit("step", { ...m, n })),
    });
    const to = p.stage("to", {
      input: Step,
      fifo: { group: (m) => m.group },
      run: async (m) => {
        await new Promise(setImmediate);
        order.push(`${m.group}${m.n}`);
      },
    });
    from.on.step.to(to);
    return { from };
  });
  const steps = await scene.ensured(pipeline);
  assert.equal(pipeline.graph().stages[1]?.queue, "steps-to.fifo");
  for (const group of ["a", "b", "c"]) await steps.send("from", { group });
  await scene.drain(steps);
  for (const group of ["a", "b", "c"])
    assert.deepEqual(
      order.filter((step) => step.startsWith(group)),
      [0, 1, 2, 3].map((n) => `${group}${n}`),
    );
});

test("a long work goes on in parts: checkpoint starts the message anew with its cursor", LIMIT, async () => {
  await using scene = await PipelineScene.start();
  const parts: unknown[] = [];
  const pipeline = definePipeline("long", (p) => {
    const count = p.stage("count", {
      input: Work,
      outputs: { done: Done },
      run: (m, ctx) => {
        parts.push([ctx.cursor, ctx.receiveCount]);
        const at = (ctx.cursor as number | undefined) ?? 0;
        if (at < m.n) ctx.checkpoint(at + 1);
        else ctx.emit("done", { n: at, text: "end" });
      },
    });
    const end = p.stage("end", { input: Done, run: () => undefined });
    count.on.done.to(end);
    return { count };
  });
  const long = await scene.ensured(pipeline);
  await long.send("count", { n: 2 });
  await scene.drain(long, { stages: ["count"] });
  assert.deepEqual(parts, [
    [undefined, 1],
    [1, 1],
    [2, 1],
  ]);
  assert.equal(await scene.held("long-end"), 1);
});

test("behind Lambda a stage answers with the messages that are to come back, and Lambda deletes the others", LIMIT, async () => {
  await using scene = await PipelineScene.start();
  const pipeline = twoStages();
  const works = await scene.ensured(pipeline);
  for (const n of [1, -1]) await works.send("first", { n });
  await scene.sendRaw("works-first", `{"n":2}`, { MessageAttributes: { "Millrace.Cursor": { DataType: "String", StringValue: "[1]" } } });
  const messages = await scene.received("works-first");
  const Records = messages.map((message) => ({
    messageId: message.MessageId ?? "",
    receiptHandle: message.ReceiptHandle ?? "",
    body: message.Body ?? "",
    attributes: message.Attributes ?? {},
    messageAttributes: {},
  }));
  const event: LambdaEvent = { Records };
  const handler = pipeline.stages.first.toLambda({ aws: scene.server.clientConfig(), logger: silentLogger });
  assert.deepEqual(await handler(event), { batchItemFailures: [] });
  assert.equal(await scene.held("works-second"), 2);
  assert.equal(await scene.held("works-first-dlq"), 1);
  assert.equal(await scene.held("works-first"), 3, "deleting is Lambda's");
});

test("miswiring that the compiler cannot see is refused when the pipeline is defined", () => {
  const define = (build: Parameters<typeof definePipeline>[1]) => () => definePipeline("wrong", build);
  const stage = { input: Work, run: () => undefined };
  assert.throws(
    define((p) => ({ a: p.stage("a", stage), b: p.stage("a", stage) })),
    /two stages named "a"/,
  );
  assert.throws(
    define((p) => ({ a: p.stage("a", { ...stage, outputs: { done: Done } }) })),
    /output "done" of stage a leads nowhere: wire it with a\.on\.done\.to/,
  );
  assert.throws(
    define((p) => ({ a: p.stage("a b", stage) })),
    /a stage's name must be letters, digits and inner hyphens/,
  );
  assert.throws(
    define((p) => ({ a: p.stage("a", { ...stage, queue: "q" }), b: p.stage("b", { ...stage, queue: "q" }) })),
    /would share the queue q/,
  );
  assert.throws(
    define((p) => {
      const b = p.stage("b", stage);
      const a = p.stage("a", { ...stage, outputs: { x: Work } });
      a.on.x.to(b, b);
      return { a };
    }),
    /goes to b twice/,
  );
});
