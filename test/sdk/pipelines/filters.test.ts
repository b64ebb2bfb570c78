import assert from "node:assert/strict";
import { GetSubscriptionAttributesCommand, ListSubscriptionsByTopicCommand, SNSClient } from "@aws-sdk/client-sns";
import { test } from "node:test";
import { z } from "zod";
import { definePipeline, type Filter } from "../../../src/worker/index.ts";
import { attributeOf, PipelineScene } from "./harness.ts";

const File = z.object({ name: z.string() });
const Found = z.object({ name: z.string(), size: z.enum(["small", "large"]), pages: z.number(), isNew: z.boolean() });
const LIMIT = { timeout: 60_000 };
const TOPIC = "arn:aws:sns:us-east-1:000000000000:scan-find-found";

function scanning(filter: Filter<z.infer<typeof Found>> = { size: ["large"], pages: [{ numeric: [">", 10] }] }) {
  return definePipeline("scan", (p) => {
    const find = p.stage("find", {
      input: File,
      outputs: { found: Found },
      run: (m, ctx) => {
        for (const size of ["small", "large"] as const)
          for (const pages of [1, 20]) ctx.emit("found", { name: m.name, size, pages, isNew: size === "small" });
      },
    });
    const index = p.stage("index", { input: Found, run: () => undefined });
    const archive = p.stage("archive", { input: Found, run: () => undefined });
    find.on.found.to(index);
    find.on.found.filter(filter).to(archive);
    return { find };
  });
}

test("several targets → a topic with a raw subscription for each; ensure may run again, also with another filter", LIMIT, async () => {
  await using scene = await PipelineScene.start();
  const sns = new SNSClient(scene.server.clientConfig());
  const scan = await scene.ensured(scanning());
  await scan.ensure();
  await scene.ensured(scanning({ size: ["small"] }));
  const { Subscriptions = [] } = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn: TOPIC }));
  const found: Record<string, unknown> = {};
  for (const { Endpoint = "", SubscriptionArn } of Subscriptions) {
    const { Attributes = {} } = await sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn }));
    found[Endpoint.split(":")[5] ?? ""] = [Attributes["RawMessageDelivery"], Attributes["FilterPolicy"]];
  }
  sns.destroy();
  assert.deepEqual(found, { "scan-index": ["true", undefined], "scan-archive": ["true", `{"size":["small"]}`] });
  assert.match(
    (await scene.attributes("scan-archive"))["Policy"] ?? "",
    /"aws:SourceArn":\["arn:aws:sns:us-east-1:000000000000:scan-find-found"\]/,
  );
});

test("every target gets what its filter lets through, and the same message has the same id everywhere", LIMIT, async () => {
  await using scene = await PipelineScene.start();
  const scan = await scene.ensured(scanning());
  await scan.send("find", { name: "a" });
  await scene.drain(scan, { stages: ["find"] });
  const [index, archive] = [await scene.received("scan-index"), await scene.received("scan-archive")];
  assert.equal(index.length, 4);
  assert.deepEqual(
    archive.map(({ Body = "" }) => JSON.parse(Body)),
    [{ name: "a", size: "large", pages: 20, isNew: false }],
  );
  const ids = new Set(index.map((message) => attributeOf(message, "Millrace.Id")));
  assert.equal(ids.size, 4);
  assert.ok(ids.has(attributeOf(archive[0] ?? assert.fail(), "Millrace.Id")));
});

test("truth can be filtered by, as a text", LIMIT, async () => {
  await using scene = await PipelineScene.start();
  const scan = await scene.ensured(scanning({ isNew: [true] }));
  await scan.send("find", { name: "a" });
  await scene.drain(scan, { stages: ["find"] });
  assert.deepEqual(
    (await scene.received("scan-archive")).map(({ Body = "" }) => JSON.parse(Body).size),
    ["small", "small"],
  );
});
