import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { Sha256 } from "@aws-crypto/sha256-js";
import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { HttpRequest as SignedRequest } from "@smithy/protocol-http";
import { SignatureV4 } from "@smithy/signature-v4";
import { manualClock, type ManualClock } from "../kernel/clock.ts";
import { silentLogger } from "../kernel/logger.ts";
import { bodyOf, type HttpRequest } from "../wire/http.ts";
import { configWith, type ServerConfig } from "./config.ts";
import { startServer, type Server } from "./server.ts";
import { covers } from "../../test/contract/covers.ts";

const QUEUE = "/_millrace/queues/000000000000/orders";

interface Asked {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

interface Answered {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly text: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- What a page says is looked at member by member.
  readonly json: any;
}

class Scene {
  readonly server: Server;
  readonly clock: ManualClock;

  constructor(server: Server, clock: ManualClock) {
    this.server = server;
    this.clock = clock;
  }

  async ask(target: string, { method = "GET", headers = {}, body = "" }: Asked = {}): Promise<Answered> {
    const all: Record<string, string> = { host: "localhost:4566", ...headers };
    const request: HttpRequest = {
      method,
      target,
      headers: all,
      rawHeaders: Object.entries(all).flat(),
      body: bodyOf(body),
      remoteAddress: "127.0.0.1",
      signal: new AbortController().signal,
    };
    const response = await this.server.handle(request);
    const text = response.body as string;
    const isJson = response.headers["content-type"]?.includes("json") === true;
    return { status: response.status, headers: response.headers, text, json: isJson ? JSON.parse(text) : undefined };
  }

  async call(action: string, input: object, headers: Record<string, string> = {}): Promise<Answered> {
    const json = { "content-type": "application/x-amz-json-1.0", "x-amz-target": `AmazonSQS.${action}`, ...headers };
    return this.ask("/", { method: "POST", headers: json, body: JSON.stringify(input) });
  }

  async send(body: string, more: object = {}): Promise<void> {
    assert.equal((await this.call("SendMessage", { QueueUrl: "orders", MessageBody: body, ...more })).status, 200);
  }

  /** Bodies and states. */
  async shown(query = ""): Promise<string[]> {
    const { status, json, text } = await this.ask(`${QUEUE}/messages${query}`);
    assert.equal(status, 200, text);
    return (json.messages as { body: string; state: string }[]).map(({ body, state }) => `${body} ${state}`);
  }
}

const scene =
  (body: (s: Scene) => Promise<void>, config: Partial<ServerConfig> = {}) =>
  async () => {
    const clock = manualClock();
    const server = await startServer(configWith({ port: 0, memory: true, ...config }), { clock, logger: silentLogger });
    try {
      const s = new Scene(server, clock);
      if (config.credentials === undefined) await s.call("CreateQueue", { QueueName: "orders" });
      await body(s);
    } finally {
      await server.stop();
    }
  };

describe("the messages of a queue as a page", () => {
  test(
    "are shown with all that is known of them",
    scene(async (s) => {
      await s.send('{"n": 1}', { MessageAttributes: { kind: { DataType: "String", StringValue: "photo" } }, MessageGroupId: "g" });
      const sentMs = s.clock.nowMs();
      const { json, headers } = await s.ask(`${QUEUE}/messages`);
      assert.deepEqual(json.queue, { account: "000000000000", region: "us-east-1", name: "orders" });
      const [{ messageId, ...message }] = json.messages;
      assert.match(messageId, /^[0-9a-f-]{36}$/);
      assert.deepEqual(message, {
        sequence: 1,
        state: "visible",
        visibleMs: null,
        sentMs,
        firstReceivedMs: null,
        receiveCount: 0,
        senderId: "000000000000",
        body: '{"n": 1}',
        bodyMd5: hash("md5", '{"n": 1}'),
        attributes: { kind: { dataType: "String", value: "photo" } },
        traceHeader: null,
        groupId: "g",
        deduplicationId: null,
        deadLetterSourceArn: null,
      });
      assert.deepEqual([json.scanned, json.scannedInAll, json.inQueue, json.cursor], [1, 1, 1, null]);
      assert.equal(headers["x-content-type-options"], "nosniff");
    }),
  );

  test(
    "are found by the query's parameters, and a page at a time by its cursor",
    scene(async (s) => {
      for (let n = 0; n < 5; n += 1) await s.send(`{"n": ${n}}`);
      await s.send('{"n": 5}', { DelaySeconds: 60 });
      assert.deepEqual(await s.shown("?json=n%3D3"), ['{"n": 3} visible']);
      assert.deepEqual(await s.shown("?state=delayed"), ['{"n": 5} delayed']);
      const first = await s.ask(`${QUEUE}/messages?limit=2&body=n`);
      assert.deepEqual([first.json.messages.length, first.json.scannedInAll, first.json.inQueue], [2, 2, 6]);
      const second = await s.ask(`${QUEUE}/messages?limit=2&scan=1000&cursor=${first.json.cursor}`);
      assert.deepEqual(
        [second.json.messages.map(({ body }: { body: string }) => body), second.json.scannedInAll],
        [['{"n": 2}', '{"n": 3}'], 4],
      );
    }),
  );

  test(
    "are received afterwards as if nobody had looked",
    scene(async (s) => {
      await s.send("m1");
      for (let times = 0; times < 3; times += 1) await s.shown();
      const { json } = await s.call("ReceiveMessage", { QueueUrl: "orders", MessageSystemAttributeNames: ["All"] });
      assert.equal(json.Messages[0].Attributes.ApproximateReceiveCount, "1");
      assert.deepEqual(await s.shown(), ["m1 in-flight"]);
    }),
  );

  test(
    "are not there for what is misspelt: parameter, queue, page or method",
    scene(async (s) => {
      const told = async (target: string, asked?: Asked) => {
        const { status, json } = await s.ask(target, asked);
        return [status, json?.["__type"].split("#")[1]];
      };
      assert.deepEqual(await told(`${QUEUE}/messages?stat=visible`), [400, "InvalidParameterValueException"]);
      assert.deepEqual(await told("/_millrace/queues/000000000000/other/messages"), [400, "QueueDoesNotExist"]);
      assert.deepEqual(await told(`${QUEUE}/messages?region=eu-west-1`), [400, "QueueDoesNotExist"]);
      assert.deepEqual(await told(`${QUEUE}/messages?body=%zz`), [400, "SerializationException"]);
      assert.deepEqual(await told(`${QUEUE}/messages`, { method: "POST" }), [400, "UnknownOperationException"]);
      assert.equal((await s.ask(`${QUEUE}/secrets`)).status, 404);
    }),
  );

  test(
    "are their owner's alone",
    scene(async (s) => {
      await s.send("m1");
      const stranger = await s.ask(`${QUEUE}/messages?AWSAccessKeyId=111122223333`);
      assert.deepEqual([stranger.status, stranger.json["__type"]], [403, "com.amazon.coral.service#AccessDeniedException"]);
      const url = encodeURIComponent("http://localhost:4566/000000000000/orders");
      assert.equal((await s.ask(`/_aws/sqs/messages?AWSAccessKeyId=111122223333&QueueUrl=${url}`)).status, 403);
    }),
  );

  test(
    "are shown to pages of our own and to no other, and under no other name",
    scene(async (s) => {
      await s.send("m1");
      for (const target of [`${QUEUE}/messages`, "/_aws/sqs/messages?QueueUrl=orders"]) {
        const asked = async (headers: Record<string, string>) => (await s.ask(target, { headers })).status;
        assert.equal(await asked({ origin: "http://localhost:4566" }), 200);
        assert.equal(await asked({ "sec-fetch-site": "same-origin" }), 200);
        assert.equal(await asked({ origin: "https://evil.example" }), 403);
        assert.equal(await asked({ "sec-fetch-site": "cross-site" }), 403);
        assert.equal(await asked({ host: "evil.example" }), 403);
      }
    }),
  );
});

describe("the figures and the tail of queues as pages", () => {
  test(
    "figures are shown of all active queues of the caller's account, or of one",
    scene(async (s) => {
      await s.send("m1");
      await s.call("CreateQueue", { QueueName: "idle" });
      const { json } = await s.ask("/_millrace/queues");
      assert.deepEqual([json.queues.length, json.queues[0].queue.name, json.queues[0].visible, json.more], [1, "orders", 1, false]);
      s.clock.advance(1000);
      const one = (await s.ask(QUEUE)).json;
      assert.deepEqual([one.visible, one.sent, one.oldestAgeMs], [1, 1, 1000]);
      assert.equal((await s.ask("/_millrace/queues?AWSAccessKeyId=111122223333")).json.queues.length, 0);
      assert.equal((await s.ask("/_millrace/queues/000000000000/other")).json["__type"], "com.amazonaws.sqs#QueueDoesNotExist");
    }),
  );

  test(
    "a tail shows what comes after it was begun, and waits for it",
    scene(async (s) => {
      await s.send("before");
      const { end } = (await s.ask(`${QUEUE}/tail`)).json;
      const waiting = s.ask(`${QUEUE}/tail?after=${end}&wait=20&body=m`);
      await s.send("m1", { MessageAttributes: { kind: { DataType: "String", StringValue: "photo" } } });
      const { json } = await waiting;
      assert.deepEqual(
        [json.messages.map(({ body }: { body: string }) => body), json.messages[0].attributes.kind.value, json.missed],
        [["m1"], "photo", false],
      );
      assert.equal((await s.ask(`${QUEUE}/tail?state=visible`)).status, 400);
    }),
  );

  test(
    "/metrics tells the figures of queues to a collector, in dev mode to any but a foreign page",
    scene(async (s) => {
      covers("sqs/9-active");
      await s.send("m1");
      await s.call("ReceiveMessage", { QueueUrl: "orders" });
      const { text } = await s.ask("/metrics");
      const labels = 'account="000000000000",region="us-east-1",queue="orders"';
      for (const line of [
        `millrace_queue_messages{${labels},state="visible"} 0`,
        `millrace_queue_messages{${labels},state="in_flight"} 1`,
        `millrace_queue_messages_sent_total{${labels}} 1`,
        `millrace_queue_messages_received_total{${labels}} 1`,
        `millrace_queue_message_size_bytes_bucket{${labels},le="256"} 1`,
        `millrace_queue_message_size_bytes_sum{${labels}} 2`,
        "millrace_queues_not_shown 0",
      ])
        assert.ok(text.includes(`\n${line}\n`), `${line} in\n${text}`);
      assert.match(text, /millrace_request_seconds_count\{service="queues",action="SendMessage",status="200"\} 1/);
      const nameless = await s.ask("/metrics?names=none");
      assert.match(nameless.text, /^millrace_requests_in_progress 1$/m);
      assert.doesNotMatch(nameless.text, /orders|millrace_queue_/);
      assert.equal((await s.ask("/metrics", { headers: { "sec-fetch-site": "cross-site" } })).status, 403);
    }),
  );
});

describe("the developer endpoint", () => {
  const ATTRIBUTES = ["SenderId", "SentTimestamp", "ApproximateReceiveCount", "ApproximateFirstReceiveTimestamp", "IsVisible", "IsDelayed"];
  const peeked = async (s: Scene, query: string) => {
    const { json, status, text } = await s.ask(`/_aws/sqs/messages${query}`, { headers: { accept: "application/json" } });
    assert.equal(status, 200, text);
    return json.ReceiveMessageResponse.ReceiveMessageResult.Message as { Body: string; Attribute: { Name: string; Value: string }[] }[];
  };

  test(
    "answers like ReceiveMessage, in XML or JSON, with all attributes",
    scene(async (s) => {
      await s.send("message-1");
      await s.send("<message-2>");
      const url = encodeURIComponent("http://localhost:4566/000000000000/orders");
      const xml = (await s.ask(`/_aws/sqs/messages?QueueUrl=${url}`)).text;
      assert.match(xml, /<ReceiveMessageResponse [^>]*><ReceiveMessageResult><Message>.*<Body>message-1<\/Body>.*&lt;message-2&gt;/);
      assert.match(xml, /<Attribute><Name>ApproximateReceiveCount<\/Name><Value>0<\/Value><\/Attribute>/);
      const messages = await peeked(s, `?QueueUrl=${url}`);
      assert.deepEqual(
        messages.map(({ Body }) => Body),
        ["message-1", "<message-2>"],
      );
      assert.deepEqual(messages[0]?.Attribute.map(({ Name }) => Name).toSorted(), ATTRIBUTES.toSorted());
    }),
  );

  test(
    "shows hidden messages where it is asked to",
    scene(async (s) => {
      for (const body of ["message-1", "message-2"]) await s.send(body);
      await s.send("message-3", { DelaySeconds: 10 });
      await s.call("ReceiveMessage", { QueueUrl: "orders" });
      const bodies = async (query: string) => (await peeked(s, `?QueueUrl=orders${query}`)).map(({ Body }) => Body);
      assert.deepEqual(await bodies(""), ["message-2"]);
      assert.deepEqual(await bodies("&ShowInvisible=True&ShowDelayed=false"), ["message-2", "message-1"]);
      assert.deepEqual(await bodies("&ShowInvisible=true&ShowDelayed=true"), ["message-2", "message-3", "message-1"]);
    }),
  );

  test(
    "takes region, account and name in its path",
    scene(async (s) => {
      await s.send("message-1");
      assert.equal((await peeked(s, "/us-east-1/000000000000/orders")).length, 1);
      const elsewhere = await s.ask("/_aws/sqs/messages/eu-west-1/000000000000/orders", { headers: { accept: "application/json" } });
      assert.deepEqual([elsewhere.status, elsewhere.json.Error.Code], [400, "AWS.SimpleQueueService.NonExistentQueue"]);
    }),
  );

  test(
    "serves a client that is pointed at it, takes nothing from the queue by it, and no other action",
    scene(async (s) => {
      await s.send("message-1");
      const client = new SQSClient({
        endpoint: `${s.server.endpoint}/_aws/sqs/messages`,
        region: "us-east-1",
        credentials: { accessKeyId: "test", secretAccessKey: "test" },
        useQueueUrlAsEndpoint: false,
      });
      const QueueUrl = `${s.server.endpoint}/000000000000/orders`;
      for (let times = 0; times < 2; times += 1) {
        const { Messages } = await client.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 1 }));
        assert.deepEqual(
          Messages?.map(({ Body, Attributes }) => [Body, Attributes?.ApproximateReceiveCount]),
          [["message-1", "0"]],
        );
      }
      await assert.rejects(
        client.send(new SendMessageCommand({ QueueUrl, MessageBody: "no" })),
        /SendMessage is not valid for this endpoint/,
      );
      client.destroy();
      assert.deepEqual(await s.shown(), ["message-1 visible"]);
    }),
  );

  test(
    "names what is wrong in the caller's form",
    scene(async (s) => {
      const without = await s.ask("/_aws/sqs/messages", { headers: { accept: "application/json" } });
      assert.deepEqual([without.status, without.json.Error.Code], [400, "AWS.SimpleQueueService.NonExistentQueue"]);
      assert.match((await s.ask("/_aws/sqs/messages?QueueUrl=other")).text, /<Code>AWS\.SimpleQueueService\.NonExistentQueue<\/Code>/);
    }),
  );
});

test("with credentials configured only a caller of the account, signed for SQS, sees the messages of its queues", async () => {
  const directory = mkdtempSync(join(tmpdir(), "millrace-keys-"));
  const credentials = join(directory, "keys.json");
  const metricsTokenFile = join(directory, "token");
  writeFileSync(metricsTokenFile, "0123456789abcdef-token\n");
  const owner = { accessKeyId: "AKOWNER", secretAccessKey: "0123456789abcdef" };
  const other = { accessKeyId: "AKOTHER", secretAccessKey: "fedcba9876543210" };
  writeFileSync(
    credentials,
    JSON.stringify([
      { ...owner, accountId: "000000000000" },
      { ...other, accountId: "111122223333" },
    ]),
  );
  const run = scene(
    async (s) => {
      const signed = async (key: typeof owner, asked: Asked & { path: string; query?: Record<string, string>; service?: string }) => {
        const { path, query = {}, service = "sqs", method = "GET", headers = {}, body = "" } = asked;
        const signer = new SignatureV4({ credentials: key, region: "us-east-1", service, sha256: Sha256 });
        const unsigned = new SignedRequest({
          method,
          path,
          query,
          body,
          hostname: "localhost",
          port: 4566,
          headers: { ...headers, host: "localhost:4566" },
        });
        const { headers: all } = await signer.sign(unsigned, { signingDate: new Date(s.clock.nowMs()) });
        const search = new URLSearchParams(query).toString();
        return s.ask(search === "" ? path : `${path}?${search}`, { method, headers: all, body });
      };
      const json = { "content-type": "application/x-amz-json-1.0", "x-amz-target": "AmazonSQS.CreateQueue" };
      const created = await signed(owner, { path: "/", method: "POST", headers: json, body: '{"QueueName":"orders"}' });
      assert.equal(created.status, 200, created.text);
      const send = { ...json, "x-amz-target": "AmazonSQS.SendMessage" };
      await signed(owner, { path: "/", method: "POST", headers: send, body: '{"QueueUrl":"orders","MessageBody":"m1"}' });
      for (const page of [{ path: `${QUEUE}/messages` }, { path: "/_aws/sqs/messages", query: { QueueUrl: "/000000000000/orders" } }]) {
        assert.equal((await signed(owner, page)).status, 200, page.path);
        assert.equal((await signed(other, page)).status, 403, page.path);
        assert.equal((await signed({ ...owner, secretAccessKey: "another secret 1" }, page)).status, 403, page.path);
        assert.equal((await signed(owner, { ...page, service: "s3" })).status, 400, page.path);
        assert.equal((await s.ask(`${page.path}?QueueUrl=orders`)).status, 403, page.path);
      }
      assert.equal((await s.ask("/_millrace/queues")).status, 403);
      const metrics = { path: "/metrics" };
      const told = [await s.ask("/metrics"), await signed(other, metrics), await signed(owner, metrics)];
      const bearer = (token: string) => s.ask("/metrics", { headers: { authorization: `Bearer ${token}` } });
      assert.deepEqual(
        [...told, await bearer("0123456789abcdef-token")].map(({ text, status }) => [status, text.includes("orders")]),
        [
          [200, false],
          [200, false],
          [200, true],
          [200, true],
        ],
      );
      assert.deepEqual([(await bearer("0123456789abcdef-tokem")).status, (await bearer("")).status], [400, 400]);
      // Figures are the account's, whatever a queue's policy denies; messages are not.
      const Policy = '{"Statement":{"Effect":"Deny","Principal":"*","Action":"sqs:*","Resource":"*"}}';
      const deny = { ...json, "x-amz-target": "AmazonSQS.SetQueueAttributes" };
      await signed(owner, {
        path: "/",
        method: "POST",
        headers: deny,
        body: JSON.stringify({ QueueUrl: "orders", Attributes: { Policy } }),
      });
      assert.equal((await signed(owner, { path: `${QUEUE}/messages` })).status, 403);
      assert.match((await signed(owner, { path: "/_millrace/queues" })).text, /"orders"/);
      assert.match((await signed(owner, metrics)).text, /queue="orders"/);
    },
    { credentials, metricsTokenFile },
  );
  await run();
  rmSync(directory, { recursive: true });
});
