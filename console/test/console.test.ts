import assert from "node:assert/strict";
import { test } from "node:test";
import { actionsOf, within99 } from "../public/console.js";

const series = (labels: string, buckets: Record<string, number>) => {
  const count = buckets["+Inf"] ?? 0;
  const lines = Object.entries(buckets).map(([end, value]) => `millrace_request_seconds_bucket{${labels},le="${end}"} ${value}`);
  return [...lines, `millrace_request_seconds_sum{${labels}} ${count * 0.002}`, `millrace_request_seconds_count{${labels}} ${count}`].join(
    "\n",
  );
};

test("an action is one row, whatever its requests were answered, and the most asked comes first", () => {
  const rows = actionsOf(
    [
      "# HELP millrace_request_seconds Time from a request's head to its answer.",
      series('service="queues",action="SendMessage",status="200"', { "0.001": 1, "+Inf": 2 }),
      series('service="queues",action="ReceiveMessage",status="200"', { "0.001": 3, "+Inf": 3 }),
      series('service="queues",action="SendMessage",status="400"', { "0.001": 3, "+Inf": 3 }),
      series('service="queues",action="SendMessage",status="500"', { "0.001": 1, "+Inf": 1 }),
      series('service="own",action="",status="200"', { "0.001": 90, "+Inf": 90 }),
    ].join("\n"),
  );
  assert.deepEqual(
    rows.map(({ action, count, refused, failed }: Record<string, unknown>) => ({ action, count, refused, failed })),
    [
      { action: "SendMessage", count: 6, refused: 3, failed: 1 },
      { action: "ReceiveMessage", count: 3, refused: 0, failed: 0 },
    ],
  );
});

test("99 of 100 are within the first bucket that holds so many", () => {
  const [row] = actionsOf(
    series('service="queues",action="SendMessage",status="200"', { "0.001": 90, "0.0025": 99, "0.005": 100, "+Inf": 100 }),
  );
  assert.equal(within99(row), 0.0025);
  const [slow] = actionsOf(series('service="queues",action="SendMessage",status="200"', { "20": 1, "+Inf": 2 }));
  assert.equal(within99(slow), Number.POSITIVE_INFINITY);
});
