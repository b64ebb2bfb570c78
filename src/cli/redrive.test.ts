import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { after, before, beforeEach, describe, test } from "node:test";
import { begin, millrace } from "./command-line.fixture.ts";

const DEAD = "arn:aws:sqs:us-east-1:000000000000:dead";

/** A server whose move tasks do what the test says. */
describe("millrace redrive", { timeout: 60_000 }, () => {
  let server: Server;
  let endpoint = "";
  let asked: { action: string; input: Record<string, unknown> }[] = [];
  /** What ListMessageMoveTasks answers, one after the other; the last again and again. */
  let looks: object[] = [];

  const answers: Record<string, () => object> = {
    GetQueueUrl: () => ({ QueueUrl: `${endpoint}/000000000000/dead` }),
    GetQueueAttributes: () => ({ Attributes: { QueueArn: DEAD } }),
    StartMessageMoveTask: () => ({ TaskHandle: "handle" }),
    ListMessageMoveTasks: () => ({ Results: [looks.length > 1 ? looks.shift() : looks[0]].filter((task) => task !== undefined) }),
    CancelMessageMoveTask: () => ({ ApproximateNumberOfMessagesMoved: 3 }),
  };
  before(async () => {
    server = createServer((request, response) => {
      const action = String(request.headers["x-amz-target"]).split(".")[1] ?? "";
      void text(request).then((body) => {
        asked.push({ action, input: JSON.parse(body) as Record<string, unknown> });
        response.writeHead(200, { "content-type": "application/x-amz-json-1.0" });
        response.end(JSON.stringify(answers[action]?.() ?? {}));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  beforeEach(() => {
    asked = [];
  });
  after(() => server.close());

  const task = (Status: string, moved: number, more: object = {}) => ({
    Status,
    ApproximateNumberOfMessagesMoved: moved,
    ApproximateNumberOfMessagesToMove: 5,
    SourceArn: DEAD,
    StartedTimestamp: 1_790_000_000_000,
    ...(Status === "RUNNING" ? { TaskHandle: "handle" } : {}),
    ...more,
  });
  const inputOf = (action: string) => asked.find((request) => request.action === action)?.input;

  test("starts a task and watches it to its end", async () => {
    looks = [task("RUNNING", 2), task("COMPLETED", 5)];
    const { code, err } = await millrace(endpoint, ["redrive", "dead", "--to", "jobs", "--rate", "10"]);
    assert.deepEqual([code, err], [0, "Moved 5 messages.\n"]);
    assert.deepEqual(inputOf("StartMessageMoveTask"), { SourceArn: DEAD, DestinationArn: DEAD, MaxNumberOfMessagesPerSecond: 10 });
  });

  test("prints how far it is as JSON", async () => {
    looks = [task("RUNNING", 2), task("COMPLETED", 5)];
    const { out } = await millrace(endpoint, ["redrive", "dead", "--json"]);
    const seen = out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    assert.deepEqual(
      seen.map(({ status, moved, toMove }) => [status, moved, toMove]),
      [
        ["RUNNING", 2, 5],
        ["COMPLETED", 5, 5],
      ],
    );
  });

  test("fails with the task's reason", async () => {
    looks = [task("FAILED", 2, { FailureReason: "AWS.SimpleQueueService.NonExistentQueue" })];
    const { code, err } = await millrace(endpoint, ["redrive", "dead"]);
    assert.deepEqual([code, err], [1, "millrace: The task failed after 2 messages: AWS.SimpleQueueService.NonExistentQueue.\n"]);
  });

  test("leaves the task to the server at Ctrl-C, and says so", async () => {
    looks = [task("RUNNING", 2)];
    const watching = begin(endpoint, ["redrive", "dead", "--json"]);
    await watching.says("RUNNING");
    watching.interrupt();
    const { code, err } = await watching.ended();
    assert.deepEqual([code, err], [130, "The task goes on without you; `millrace redrive dead --cancel` ends it.\n"]);
    assert.equal(inputOf("CancelMessageMoveTask"), undefined);
  });

  test("cancels, shows the last tasks, or only starts one", async () => {
    looks = [task("RUNNING", 2)];
    const cancelled = await millrace(endpoint, ["redrive", "dead", "--cancel"]);
    assert.deepEqual([cancelled.code, cancelled.err], [0, "Cancelled after 3 messages; they stay where they are.\n"]);
    assert.deepEqual(inputOf("CancelMessageMoveTask"), { TaskHandle: "handle" });
    const { out } = await millrace(endpoint, ["redrive", "dead", "--status"]);
    assert.match(out, /^STARTED +STATUS +MOVED +OF ABOUT +TO\n2026-\S+ +RUNNING +2 +5 +where they came from\n$/);
    const started = await millrace(endpoint, ["redrive", "dead", "--no-wait"]);
    assert.deepEqual([started.code, started.err], [0, "Started; `millrace redrive dead --status` shows how far it is.\n"]);
    looks = [task("COMPLETED", 5)];
    assert.equal((await millrace(endpoint, ["redrive", "dead", "--cancel"])).code, 3);
  });
});
