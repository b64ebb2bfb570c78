import assert from "node:assert/strict";
import { context, propagation, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { test } from "node:test";
import { z } from "zod";
import { definePipeline, Reject } from "../../../src/worker/index.ts";
import { passes } from "./computing.fixture.ts";
import { attributeOf, PipelineScene } from "./harness.ts";

const Work = z.object({ n: z.number() });
const exporter = new InMemorySpanExporter();
const XRAY = "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1";

/** Until its end, in this process of several tests, spans are recorded. */
function recording(): Disposable {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }));
  return {
    [Symbol.dispose]() {
      for (const part of [context, propagation, trace]) part.disable();
    },
  };
}

const spanNamed = (name: string) =>
  exporter.getFinishedSpans().find((span) => span.name === name) ?? assert.fail(`there is no span ${name}`);

test("a message is followed through all stages in one trace: making it, working on it, what comes of it", { timeout: 60_000 }, async () => {
  using _ = recording();
  await using scene = await PipelineScene.start();
  const inHandler: (string | undefined)[] = [];
  const pipeline = definePipeline("spans", (p) => {
    const first = p.stage("first", { input: Work, outputs: { done: Work }, run: (m, ctx) => ctx.emit("done", m) });
    const second = p.stage("second", {
      input: Work,
      run: (_, ctx) => {
        inHandler.push(trace.getActiveSpan()?.spanContext().spanId, ctx.trace.xray);
        throw new Reject("no");
      },
    });
    first.on.done.to(second);
    return { first };
  });
  const spans = await scene.ensured(pipeline);
  const [traceId, spanId] = ["4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"];
  await scene.sendRaw("spans-first", `{"n":1}`, {
    MessageAttributes: { traceparent: { DataType: "String", StringValue: `00-${traceId}-${spanId}-01` } },
    MessageSystemAttributes: { AWSTraceHeader: { DataType: "String", StringValue: XRAY } },
  });
  await scene.drain(spans);
  const [one, create, two] = [spanNamed("process spans-first"), spanNamed("create spans-second"), spanNamed("process spans-second")];
  assert.deepEqual(
    [one, create, two].map((span) => span.spanContext().traceId),
    [traceId, traceId, traceId],
  );
  assert.deepEqual([one.kind, create.kind, two.kind], [SpanKind.CONSUMER, SpanKind.PRODUCER, SpanKind.CONSUMER]);
  // Each stands below what has led to it, and links to what has made its message.
  assert.deepEqual(
    [one, create, two].map((span) => span.parentSpanContext?.spanId),
    [spanId, one.spanContext().spanId, create.spanContext().spanId],
  );
  assert.deepEqual(
    [one, two].map((span) => span.links.map((link) => link.context.spanId)),
    [[spanId], [create.spanContext().spanId]],
  );
  assert.deepEqual(inHandler, [two.spanContext().spanId, XRAY], "handlers run in the span, and X-Ray's header is as it was");
  const { "messaging.message.id": id, ...attributes } = two.attributes;
  assert.match(String(id), /^[0-9a-f-]{36}$/);
  assert.deepEqual(attributes, {
    "messaging.system": "aws_sqs",
    "messaging.operation.name": "process",
    "messaging.operation.type": "process",
    "messaging.destination.name": "spans-second",
    "error.type": "Reject",
  });
  assert.deepEqual([one.status.code, two.status], [SpanStatusCode.UNSET, { code: SpanStatusCode.ERROR, message: "no" }]);
  const [letter = assert.fail()] = await scene.received("spans-second-dlq");
  assert.equal(attributeOf(letter, "traceparent"), `00-${traceId}-${create.spanContext().spanId}-01`);
});

test("what isolated handlers put out follows on their own messages, however many a thread has worked on", { timeout: 60_000 }, async () => {
  exporter.reset();
  using _ = recording();
  await using scene = await PipelineScene.start();
  const Picture = z.object({ picture: z.string(), enough: z.string() });
  const pipeline = definePipeline("threads", (p) => {
    const run = new URL(`./computing.fixture.ts#${passes.name}`, import.meta.url);
    const first = p.stage("first", { input: Picture, outputs: { card: z.object({ key: z.string() }) }, concurrency: 1, run });
    const second = p.stage("second", { input: z.object({ key: z.string() }), run: () => undefined });
    first.on.card.to(second);
    return { first };
  });
  const threads = await scene.ensured(pipeline);
  for (const picture of ["a", "b", "c"]) await threads.send("first", { picture, enough: "" });
  await scene.drain(threads, { stages: ["first"] });
  const spans = (name: string) => exporter.getFinishedSpans().filter((span) => span.name === name);
  const [works, makes] = [spans("process threads-first"), spans("create threads-second")];
  const parents = new Set(makes.map((span) => span.parentSpanContext?.spanId));
  assert.deepEqual([makes.length, parents], [3, new Set(works.map((span) => span.spanContext().spanId))]);
  const carried = (await scene.received("threads-second")).map((message) => attributeOf(message, "traceparent")?.split("-")[2]);
  assert.deepEqual(new Set(carried), new Set(makes.map((span) => span.spanContext().spanId)));
});
