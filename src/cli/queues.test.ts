import assert from "node:assert/strict";
import { createServer, type Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, test } from "node:test";
import { silentLogger } from "../kernel/logger.ts";
import { configWith } from "../server/config.ts";
import { startServer, type Server } from "../server/server.ts";
import { begin, millrace, type Ended } from "./command-line.fixture.ts";

describe("the commands about queues, each a process against a server", { timeout: 120_000 }, () => {
  let server: Server;
  before(async () => {
    server = await startServer(configWith({ port: 0, memory: true, coolDown: false }), { logger: silentLogger });
  });
  after(() => server.stop());

  const run = (...args: string[]): Promise<Ended> => millrace(server.endpoint, args);
  const lines = (text: string) => text.split("\n").filter((line) => line !== "");
  const parsed = (text: string) => lines(text).map((line) => JSON.parse(line) as Record<string, unknown>);
  /** Setting up and looking afterwards is no command's business here, and a process each would take its time. */
  const call = async (action: string, input: object) => {
    const headers = { "content-type": "application/x-amz-json-1.0", "x-amz-target": `AmazonSQS.${action}` };
    const response = await fetch(server.endpoint, { method: "POST", headers, body: JSON.stringify(input) });
    assert.equal(response.status, 200, `${action}: ${await response.clone().text()}`);
  };
  const fill = async (QueueName: string, messages: readonly (string | object)[]) => {
    await call("CreateQueue", { QueueName, ...(QueueName.endsWith(".fifo") ? { Attributes: { FifoQueue: "true" } } : {}) });
    for (const message of messages)
      await call("SendMessage", { QueueUrl: QueueName, ...(typeof message === "string" ? { MessageBody: message } : message) });
  };
  const inside = async (queue: string) => {
    const response = await fetch(`${server.endpoint}/_millrace/queues/000000000000/${queue}/messages?limit=1000`);
    return ((await response.json()) as { messages: Record<string, unknown>[] }).messages;
  };
  const bodies = async (queue: string) => (await inside(queue)).map(({ body }) => body);

  test("send prints the message's id, makes the queue where it is asked to, and takes attributes", async () => {
    const sent = await run(
      "send",
      "sends",
      '{"photo": "harbour.jpg"}',
      "--create",
      "--attribute",
      "kind=photo",
      "--attribute",
      "size:Number=5",
    );
    assert.match(sent.out, /^[0-9a-f-]{36}\n$/);
    assert.deepEqual([sent.code, sent.err], [0, "Created the queue sends.\n"]);
    const [message] = await inside("sends");
    assert.deepEqual(message?.["attributes"], { kind: { dataType: "String", value: "photo" }, size: { dataType: "Number", value: "5" } });
    const [json] = parsed((await run("send", "sends", "two", "--json")).out);
    assert.deepEqual(Object.keys(json ?? {}), ["messageId", "md5OfBody"]);
  });

  test("send reads standard input: as one message, or each line as one", async () => {
    await fill("piped", ["first"]);
    assert.equal((await millrace(server.endpoint, ["send", "piped"], "a\nb")).code, 0);
    const many = Array.from({ length: 25 }, (_, n) => `line ${n}`);
    const sent = await millrace(server.endpoint, ["send", "piped", "--lines"], many.join("\n"));
    assert.deepEqual([sent.code, sent.out, sent.err], [0, "", "Sent 25 messages to piped.\n"]);
    assert.deepEqual(await bodies("piped"), ["first", "a\nb", ...many]);
  });

  test("queues lists what is in them, as a table or as JSON", async () => {
    await fill("listed-1", ["a", "b"]);
    await fill("listed-2", []);
    assert.equal((await run("send", "listed-2", "c", "--delay", "15m")).code, 0);
    const { out } = await run("queues", "listed-");
    assert.deepEqual(lines(out), [
      "QUEUE     VISIBLE  IN FLIGHT  DELAYED  DEAD LETTERS TO",
      "listed-1        2          0        0  -",
      "listed-2        0          0        1  -",
    ]);
    const url = `${server.endpoint}/000000000000/listed-2`;
    assert.deepEqual(parsed((await run("queues", "listed-2", "--json")).out), [
      { name: "listed-2", url, visible: 0, inFlight: 0, delayed: 1, deadLetterQueue: null },
    ]);
    const none = await run("queues", "nothing-");
    assert.deepEqual([none.code, none.out, none.err], [0, "", `There are no queues that begin with "nothing-" at ${server.endpoint}.\n`]);
  });

  test("receive hides what it prints, or deletes it; with nothing there it exits with 3", async () => {
    await fill("received", ["m1", "m2"]);
    const first = await run("receive", "received");
    assert.match(first.out, /^-- [0-9a-f-]{36}, sent \d+ s ago, received once\nm1\n$/);
    const second = await run("receive", "received", "--max", "10", "--delete", "--json");
    assert.deepEqual(
      parsed(second.out).map(({ body, receiveCount }) => [body, receiveCount]),
      [["m2", 1]],
    );
    assert.deepEqual(await bodies("received"), ["m1"]);
    const none = await run("receive", "received");
    assert.deepEqual([none.code, none.out, none.err], [3, "", "No message in received.\n"]);
  });

  test("peek shows and searches without receiving, says how far it came and where to go on", async () => {
    await fill(
      "peeked",
      Array.from({ length: 12 }, (_, n) => `{"n": ${n}}`),
    );
    const some = await run("peek", "peeked", "--max", "2");
    assert.match(some.out, /^-- [0-9a-f-]{36}, visible, sent \d+ s ago\n\{"n": 0\}\n-- .*\n\{"n": 1\}\n$/);
    const [, cursor = ""] = /^2 messages of peeked; looked at 2 of about 12\. The next: --cursor (\S+)\n$/.exec(some.err) ?? [];
    const next = await run("peek", "peeked", "--json", "--max", "1", "--cursor", cursor);
    assert.deepEqual(
      parsed(next.out).map(({ body, receiveCount }) => [body, receiveCount]),
      [['{"n": 2}', 0]],
    );
    const found = await run("peek", "peeked", "--path", "n=7", "--json");
    assert.deepEqual([found.code, parsed(found.out).map(({ body }) => body)], [0, ['{"n": 7}']]);
    const none = await run("peek", "peeked", "--state", "in-flight");
    assert.deepEqual([none.code, none.out, none.err], [3, "", "No such message in peeked; looked at 0 of about 12.\n"]);
  });

  test("tail shows messages as they come, takes none, and ends with Ctrl-C", async () => {
    await fill("tailed", ["before"]);
    const tail = begin(server.endpoint, ["tail", "tailed", "--json"]);
    await tail.says("Following tailed");
    await fill("tailed", ["m1"]);
    await tail.says("m1");
    assert.equal((await run("receive", "tailed", "--max", "10", "--delete")).code, 0);
    await fill("tailed", ["m2"]);
    await tail.says("m2");
    tail.interrupt();
    const { code, out, err } = await tail.ended();
    assert.deepEqual(
      parsed(out).map(({ body }) => body),
      ["m1", "m2"],
    );
    assert.deepEqual([code, err], [0, `Following tailed at ${server.endpoint}; Ctrl-C ends.\n`]);
  });

  test("purge deletes everything when told so, and nothing where nobody can be asked", async () => {
    await fill("purged", ["m1", "m2"]);
    const refused = await run("purge", "purged");
    assert.equal(refused.code, 2);
    assert.match(refused.err, /say --yes/);
    assert.equal((await bodies("purged")).length, 2);
    const purged = await run("purge", "purged", "--yes", "--json");
    assert.deepEqual([purged.code, parsed(purged.out)], [0, [{ queueUrl: `${server.endpoint}/000000000000/purged`, purged: 2 }]]);
    assert.deepEqual(await bodies("purged"), []);
  });

  test("move brings everything to another queue, with attributes and groups, and leaves what is refused", async () => {
    const messages = Array.from({ length: 12 }, (_, n) => ({
      MessageBody: `m${n}`,
      MessageGroupId: "g",
      MessageAttributes: { kind: { DataType: "String", StringValue: "photo" } },
    }));
    await fill("from", messages);
    await fill("to", ["there"]);
    const some = await run("move", "from", "to", "--max", "5", "--json");
    assert.deepEqual([some.code, parsed(some.out).map(({ moved }) => moved)], [0, [5]]);
    const rest = await run("move", "from", "to");
    assert.deepEqual([rest.code, rest.err], [0, "Moved 7 messages from from to to.\n"]);
    const [there, ...moved] = await inside("to");
    assert.equal(there?.["body"], "there");
    assert.deepEqual(
      moved.map(({ body }) => body),
      Array.from({ length: 12 }, (_, n) => `m${n}`),
    );
    assert.ok(moved.every(({ groupId, attributes }) => groupId === "g" && JSON.stringify(attributes).includes("photo")));
    assert.deepEqual(await bodies("from"), []);
    await call("CreateQueue", { QueueName: "small", Attributes: { MaximumMessageSize: "1024" } });
    const large = "x".repeat(2000);
    await fill("mixed", [large, "fits"]);
    const partly = await run("move", "mixed", "small");
    assert.equal(partly.code, 1);
    assert.match(partly.err, /Moved 1 message; then small refused 1 message, which stay in mixed\. The first: .*1024/);
    assert.deepEqual(
      [await bodies("small"), (await inside("mixed")).map(({ body, state }) => [body, state])],
      [["fits"], [[large, "visible"]]],
    );
    await fill("to.fifo", []);
    const refused = await run("move", "mixed", "to.fifo");
    assert.equal(refused.code, 1);
    assert.match(refused.err, /MessageGroupId/);
    assert.deepEqual(
      (await inside("mixed")).map(({ state }) => state),
      ["visible"],
    );
    assert.equal((await run("move", "to", "to")).code, 2);
  });

  test("redrive brings dead letters back to where they came from", async () => {
    await fill("dead", []);
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: "arn:aws:sqs:us-east-1:000000000000:dead", maxReceiveCount: 1 });
    await call("CreateQueue", { QueueName: "source", Attributes: { RedrivePolicy } });
    for (const body of ["m1", "m2"]) await call("SendMessage", { QueueUrl: "source", MessageBody: body });
    for (let times = 0; times < 2; times += 1)
      await call("ReceiveMessage", { QueueUrl: "source", MaxNumberOfMessages: 10, VisibilityTimeout: 0 });
    assert.match((await run("queues", "source")).out, /\nsource +0 +0 +0 {2}dead\n/);
    assert.deepEqual(await bodies("dead"), ["m1", "m2"]);
    const { code, out, err } = await run("redrive", "dead", "--json");
    assert.equal(code, 0, err);
    const last = parsed(out).at(-1);
    assert.deepEqual([last?.["status"], last?.["moved"], last?.["failure"]], ["COMPLETED", 2, null]);
    assert.deepEqual([await bodies("dead"), await bodies("source")], [[], ["m1", "m2"]]);
    assert.match((await run("redrive", "dead", "--status")).out, /COMPLETED +2 +2 +where they came from\n/);
  });

  test("Ctrl-C ends a move after the messages at hand: none is lost, none is there twice", async () => {
    const all = Array.from({ length: 400 }, (_, n) => `m${n}`);
    await fill("much", all);
    await fill("taker", []);
    const moving = begin(server.endpoint, ["move", "much", "taker", "--json"]);
    while ((await inside("taker")).length < 20) await inside("much");
    moving.interrupt();
    const { code, out, err } = await moving.ended();
    assert.deepEqual([code, err], [130, "Ending with the messages at hand.\n"]);
    const [moved, left] = [await bodies("taker"), await inside("much")];
    assert.equal(moved.length, parsed(out)[0]?.["moved"]);
    assert.ok(moved.length < 400, `${moved.length}`);
    const there = [...moved, ...left.map(({ body }) => body)];
    assert.deepEqual([there.length, new Set(there)], [400, new Set(all)]);
  });

  test("Ctrl-C ends a receive that waits", async () => {
    await fill("silent", []);
    const asked = async () => {
      const text = await (await fetch(`${server.endpoint}/metrics`)).text();
      return Number(/_count\{service="queues",action="GetQueueUrl",status="200"\} (\d+)/.exec(text)?.[1] ?? 0);
    };
    const before = await asked();
    const waiting = begin(server.endpoint, ["receive", "silent", "--wait", "20s"]);
    while ((await asked()) === before);
    waiting.interrupt();
    const { code, out, err } = await waiting.ended();
    assert.deepEqual([code, out, err], [130, "", ""]);
  });

  test("what goes wrong is one sentence that says what to do", async () => {
    const told = async (...args: string[]) => {
      const { code, out, err } = await run(...args);
      assert.equal(out, "");
      return [code, err];
    };
    const [code, text] = await told("send", "absent", "m");
    assert.equal(code, 1);
    assert.match(String(text), /^millrace: There is no queue "absent" at http:.*millrace send --create.*\n$/);
    const [unreached, nobody] = await told("queues", "--endpoint", "http://127.0.0.1:9");
    assert.equal(unreached, 1);
    assert.match(
      String(nobody),
      /^millrace: Nothing answers at http:\/\/127\.0\.0\.1:9 .*millrace serve.*--endpoint or AWS_ENDPOINT_URL\.\n$/,
    );
    assert.equal((await told("queues", "--endpoint", "localhost"))[0], 2);
    assert.equal((await told("receive", "q", "--max", "11"))[0], 2);
    await fill("known", []);
    assert.equal((await told("send", "known", "m", "--attribute", "kind"))[0], 2);
  });
});

describe("against a server that is no Millrace", { timeout: 60_000 }, () => {
  let other: HttpServer;
  let endpoint = "";
  before(async () => {
    other = createServer((request, response) => {
      const isQuery = request.headers["x-amz-target"] === "AmazonSQS.GetQueueUrl";
      response.writeHead(isQuery ? 200 : 404, { "content-type": isQuery ? "application/x-amz-json-1.0" : "text/xml" });
      response.end(isQuery ? JSON.stringify({ QueueUrl: `${endpoint}/000000000000/jobs` }) : "<ErrorResponse/>");
    });
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    endpoint = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
  });
  after(() => other.close());

  for (const command of ["peek", "tail"])
    test(`${command} says that it needs one, and what works there instead`, async () => {
      const { code, err } = await millrace(endpoint, [command, "jobs"]);
      assert.equal(code, 1);
      assert.match(
        err,
        /is no Millrace: looking at messages without taking them is not part of the API of Amazon SQS\. `millrace receive` works there/,
      );
    });
});
