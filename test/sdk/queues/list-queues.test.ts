import assert from "node:assert/strict";
import { onBothProtocols } from "./harness.ts";
import { covers } from "../../contract/covers.ts";

onBothProtocols("ListQueues lists by name and prefix, in pages where it is asked to", async ({ call, endpoint, queue, refusal }) => {
  covers(
    "sqs/3.4-prefix",
    "sqs/3.4-pages",
    "sqs/3.4-wrong-token",
    "sqs/3.4-changed-request",
    "sqs/3.4-max-results-range",
    "sqs/1.1-empty-left-out",
  );
  for (const name of ["b-1", "a-2", "a-1", "A-1", "a-3"]) await queue({}, name);
  const url = (name: string) => `${endpoint}/000000000000/${name}`;
  assert.deepEqual(await call("ListQueues", {}), { QueueUrls: ["A-1", "a-1", "a-2", "a-3", "b-1"].map(url) });
  assert.deepEqual(await call("ListQueues", { QueueNamePrefix: "a" }), { QueueUrls: ["a-1", "a-2", "a-3"].map(url) });
  assert.deepEqual(await call("ListQueues", { QueueNamePrefix: "nothing" }), {});

  const first = await call("ListQueues", { QueueNamePrefix: "a", MaxResults: 2 });
  assert.deepEqual(first.QueueUrls, ["a-1", "a-2"].map(url));
  const second = await call("ListQueues", { QueueNamePrefix: "a", MaxResults: 2, NextToken: first.NextToken });
  assert.deepEqual(second, { QueueUrls: ["a-3"].map(url) });
  assert.equal((await call("ListQueues", { QueueNamePrefix: "a", MaxResults: 3 })).NextToken, undefined, "nothing is left");

  assert.match(
    (await refusal("ListQueues", { MaxResults: 2, NextToken: first.NextToken })).message,
    /must not change the other request parameters/,
  );
  assert.equal((await refusal("ListQueues", { MaxResults: 2, NextToken: "garbage" })).message, "Invalid or expired next token.");
  for (const MaxResults of [0, 1001]) assert.equal((await refusal("ListQueues", { MaxResults })).code, "InvalidParameterValue");
});

onBothProtocols(
  "without MaxResults the first thousand queues are listed, and nothing says that there are more",
  async ({ call, queue }) => {
    covers("sqs/3.4-without-max-results", "sqs/10-queues");
    const names = Array.from({ length: 1001 }, (_, index) => `queue-${String(index).padStart(4, "0")}`);
    while (names.length > 0) await Promise.all(names.splice(0, 50).map((name) => queue({}, name)));
    const { QueueUrls, NextToken } = await call("ListQueues", {});
    assert.deepEqual([QueueUrls?.length, NextToken, QueueUrls?.at(-1)?.endsWith("/queue-0999")], [1000, undefined, true]);
    const page = await call("ListQueues", { MaxResults: 1000 });
    assert.equal(page.QueueUrls?.length, 1000);
    const rest = await call("ListQueues", { MaxResults: 1000, NextToken: page.NextToken });
    assert.deepEqual([rest.QueueUrls?.length, rest.NextToken], [1, undefined]);
  },
);
