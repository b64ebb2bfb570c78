import assert from "node:assert/strict";
import { test } from "node:test";
import { silentLogger } from "../../kernel/logger.ts";
import type { StageDefinition } from "./definition.ts";
import { toLambda } from "./lambda.ts";

test("what a handler has opened is closed also where the event cannot be read", async () => {
  let closed = 0;
  const stage: StageDefinition = {
    name: "draw",
    kind: "stage",
    input: { "~standard": { version: 1, vendor: "test", validate: (value) => ({ value }) } },
    outputs: new Map(),
    topics: new Map(),
    names: { queue: "cards-draw", deadLetterQueue: "cards-draw-dlq" },
    isFifo: false,
    group: undefined,
    lanes: undefined,
    idempotencyKey: undefined,
    join: undefined,
    schedule: undefined,
    work: {},
    handler: () => ({ run: () => undefined, close: () => (closed += 1) }),
  };
  const definition = { name: "cards", bucket: "cards-objects", stages: new Map([["draw", stage]]), routes: [] };
  const aws = { endpoint: "http://127.0.0.1:1", region: "us-east-1", credentials: { accessKeyId: "test", secretAccessKey: "test" } };
  const handler = toLambda(definition, stage, { aws, logger: silentLogger });
  const record = { messageId: undefined as unknown as string, receiptHandle: "r", body: "{}", attributes: {} };
  await assert.rejects(handler({ Records: [record] }), /not an event of an SQS queue/);
  assert.equal(closed, 1);
});
