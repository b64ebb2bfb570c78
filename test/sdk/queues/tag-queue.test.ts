import assert from "node:assert/strict";
import { onBothProtocols } from "./harness.ts";
import { covers } from "../../contract/covers.ts";

onBothProtocols("tags are added, replaced, removed and listed", async ({ call, queue }) => {
  covers("sqs/3.9-overwrites", "sqs/3.9-untag-unknown", "sqs/3.9-no-tags", "sqs/1.2-in-tags");
  const QueueUrl = await queue();
  const tags = () => call("ListQueueTags", { QueueUrl });
  assert.deepEqual(await tags(), {});
  assert.deepEqual(await call("TagQueue", { QueueUrl, Tags: { Team: "a", team: "b", empty: "" } }), {});
  await call("TagQueue", { QueueUrl, Tags: { Team: "c" } });
  assert.deepEqual(await tags(), { Tags: { Team: "c", team: "b", empty: "" } });
  assert.deepEqual(await call("UntagQueue", { QueueUrl, TagKeys: ["team", "unknown"] }), {});
  assert.deepEqual(await tags(), { Tags: { Team: "c", empty: "" } });
});

onBothProtocols("a queue has at most fifty tags", async ({ call, queue, refusal }) => {
  covers("sqs/3.9-limits", "sqs/10-tags");
  const QueueUrl = await queue();
  const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, "v"]));
  await call("TagQueue", { QueueUrl, Tags: many(50) });
  await call("TagQueue", { QueueUrl, Tags: { k0: "new" } });
  const tooMany = { code: "InvalidParameterValue", status: 400, message: "Too many tags added for queue orders." };
  assert.deepEqual(await refusal("TagQueue", { QueueUrl, Tags: { other: "v" } }), tooMany);
  assert.deepEqual(await refusal("CreateQueue", { QueueName: "other", tags: many(51) }), {
    ...tooMany,
    message: "Too many tags added for queue other.",
  });
});

onBothProtocols("tags that cannot be are refused", async ({ queue, refusal }) => {
  covers("sqs/3.9-reserved", "sqs/3.9-texts", "sqs/3.9-nonexistent");
  const QueueUrl = await queue();
  const tag = (Tags: Record<string, string>) => refusal("TagQueue", { QueueUrl, Tags });
  assert.equal((await tag({ ["k".repeat(129)]: "v" })).message, "Tag keys must be between 1 and 128 characters in length.");
  assert.equal((await tag({ "aws:x": "v" })).code, "InvalidParameterValue");
  assert.deepEqual(await tag({}), { code: "MissingParameter", status: 400, message: "The request must contain the parameter Tags." });
  assert.equal((await refusal("UntagQueue", { QueueUrl, TagKeys: [] })).message, "The request must contain the parameter TagKeys.");
  for (const action of ["TagQueue", "UntagQueue", "ListQueueTags"] as const) {
    const input = { QueueUrl: "nowhere", Tags: { a: "b" }, TagKeys: ["a"] };
    assert.equal((await refusal(action, input)).code, "AWS.SimpleQueueService.NonExistentQueue");
  }
});
