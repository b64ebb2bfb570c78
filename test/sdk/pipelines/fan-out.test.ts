import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { definePipeline } from "../../../src/worker/index.ts";
import { attributeOf, PipelineScene } from "./harness.ts";

const File = z.object({ name: z.string() });
const LIMIT = { timeout: 60_000 };

test("several targets → a topic: each gets every message, raw, with the same id and the trace context", LIMIT, async () => {
  await using scene = await PipelineScene.start();
  const traces: unknown[] = [];
  const pipeline = definePipeline("scan", (p) => {
    const find = p.stage("find", { input: File, outputs: { found: File }, run: (m, ctx) => ctx.emit("found", { name: m.name.repeat(2) }) });
    const index = p.stage("index", { input: File, run: () => undefined });
    const archive = p.stage("archive", { input: File, run: (_, ctx) => traces.push(ctx.trace.xray) });
    find.on.found.to(index, archive);
    return { find };
  });
  assert.deepEqual(
    pipeline.graph().edges.map(({ to, topic }) => [to, topic]),
    [
      ["index", "scan-find-found"],
      ["archive", "scan-find-found"],
    ],
  );
  const scan = await scene.ensured(pipeline);
  await scan.ensure();
  const xray = "Root=1-5759e988-bd862e3fe1be46a994272793";
  await scene.sendRaw("scan-find", `{"name":"a"}`, {
    MessageSystemAttributes: { AWSTraceHeader: { DataType: "String", StringValue: xray } },
  });
  await scene.drain(scan, { stages: ["find"] });
  const [index, archive] = [await scene.received("scan-index"), await scene.received("scan-archive")];
  assert.deepEqual(
    [...index, ...archive].map(({ Body }) => Body),
    [`{"name":"aa"}`, `{"name":"aa"}`],
  );
  assert.equal(attributeOf(index[0] ?? assert.fail(), "Millrace.Id"), attributeOf(archive[0] ?? assert.fail(), "Millrace.Id"));
  assert.match(
    (await scene.attributes("scan-archive"))["Policy"] ?? "",
    /"aws:SourceArn":\["arn:aws:sns:us-east-1:000000000000:scan-find-found"\]/,
  );
  scene.server.clock.advance(60_000);
  await scene.drain(scan, { stages: ["archive"] });
  assert.deepEqual(traces, [xray]);
});

test("large bodies go through a topic as pointers", LIMIT, async () => {
  await using scene = await PipelineScene.start();
  const seen: number[] = [];
  const pipeline = definePipeline("big", (p) => {
    const a = p.stage("a", { input: File, outputs: { text: File }, run: (m, ctx) => ctx.emit("text", { name: m.name.repeat(300_000) }) });
    const b = p.stage("b", { input: File, run: (m) => seen.push(m.name.length) });
    const c = p.stage("c", { input: File, run: (m) => seen.push(m.name.length) });
    a.on.text.to(b, c);
    return { a };
  });
  const big = await scene.ensured(pipeline);
  await big.send("a", { name: "x" });
  await scene.drain(big, { stages: ["a"] });
  await scene.drain(big);
  assert.deepEqual(seen, [300_000, 300_000]);
});

test("a topic with a name of its own takes an output that no stage takes, or one", LIMIT, async () => {
  await using scene = await PipelineScene.start();
  const pipeline = definePipeline("news", (p) => {
    const write = p.stage("write", {
      input: File,
      outputs: { out: File },
      topics: { out: "headlines" },
      run: (m, ctx) => ctx.emit("out", m),
    });
    return { write };
  });
  assert.deepEqual(pipeline.graph().edges, [{ from: "write", output: "out", topic: "headlines", to: null, filter: null }]);
  const news = await scene.ensured(pipeline);
  await news.send("write", { name: "a" });
  await scene.drain(news);
});

test("an output for stages that keep order goes by a FIFO topic, and each group's order is kept", LIMIT, async () => {
  await using scene = await PipelineScene.start();
  const order: string[] = [];
  const Step = z.object({ group: z.string(), n: z.number() });
  const group = (m: z.infer<typeof Step>) => m.group;
  const pipeline = definePipeline("laps", (p) => {
    const start = p.stage("start", {
      input: Step,
      outputs: { step: Step },
      run: (m, ctx) => [0, 1, 2].forEach((n) => ctx.emit("step", { ...m, n })),
    });
    const ordered = p.stage("ordered", { input: Step, fifo: { group }, run: (m) => order.push(`${m.group}${m.n}`) });
    const loose = p.stage("loose", { input: Step, run: () => undefined });
    start.on.step.to(ordered, loose);
    return { start };
  });
  assert.equal(pipeline.graph().edges[0]?.topic, "laps-start-step.fifo");
  const laps = await scene.ensured(pipeline);
  for (const name of ["a", "b"]) await laps.send("start", { group: name, n: 0 });
  await scene.drain(laps);
  for (const name of ["a", "b"])
    assert.deepEqual(
      order.filter((step) => step.startsWith(name)),
      [`${name}0`, `${name}1`, `${name}2`],
    );
});
