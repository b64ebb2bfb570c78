import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, test } from "node:test";
import { S3Client } from "@aws-sdk/client-s3";
import { SQSClient } from "@aws-sdk/client-sqs";
import { manualClock } from "../kernel/clock.ts";
import { seededRandom } from "../kernel/random.ts";
import { awsObjects } from "./aws-objects.ts";
import { awsSqs } from "./aws.ts";
import { PlainQueues } from "./plain-queues.ts";
import type { OutgoingMessage } from "./rules/outgoing.ts";

const LIMIT = { timeout: 60_000 };
const signal = new AbortController().signal;

interface Heard {
  readonly isPlain: boolean;
  readonly action: string;
  readonly body: string;
}

type Answer = (heard: Heard, response: ServerResponse) => void;

/** A server that says what it is told to, and the clients of a pipeline. */
class Scene implements AsyncDisposable {
  readonly clock = manualClock();
  readonly heard: Heard[] = [];
  answer: Answer = sentWhole;
  credentials: () => Promise<{ accessKeyId: string; secretAccessKey: string; expiration: Date }> = async () => KEYS;
  readonly #server = createServer((request, response) => void this.#serve(request, response));
  readonly #clients: { destroy(): void }[] = [];

  static async start(): Promise<Scene> {
    const scene = new Scene();
    await new Promise<void>((resolve) => scene.#server.listen(0, "127.0.0.1", resolve));
    return scene;
  }

  get sqs() {
    const client = new SQSClient(this.#config);
    this.#clients.push(client);
    return awsSqs(client, undefined, new PlainQueues(client, this.#parts));
  }

  get objects() {
    const client = new S3Client({ ...this.#config, forcePathStyle: true });
    this.#clients.push(client);
    return awsObjects(client, "claims", this.#parts);
  }

  get queueUrl(): string {
    return `${this.#endpoint}/000000000000/jobs`;
  }

  /** By which ways requests have come. */
  get ways(): ("plain" | "client")[] {
    return this.heard.map(({ isPlain }) => (isPlain ? "plain" : "client"));
  }

  /** Once so many requests have come. */
  async came(count: number): Promise<void> {
    while (this.heard.length < count) await new Promise(setImmediate);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) client.destroy();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  get #endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get #config() {
    return { endpoint: this.#endpoint, region: "us-east-1", credentials: async () => await this.credentials(), maxAttempts: 1 };
  }

  get #parts() {
    return { clock: this.clock, random: seededRandom(1) };
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const action = String(request.headers["x-amz-target"] ?? request.method).replace(/^.*\./, "");
    const heard = { isPlain: request.headers["user-agent"] === undefined, action, body: Buffer.concat(chunks).toString() };
    this.heard.push(heard);
    this.answer(heard, response);
  }
}

const KEYS = { accessKeyId: "test", secretAccessKey: "test", expiration: new Date(0) };
const HELLO = "5d41402abc4b2a76b9719d911017c592";

const sentWhole: Answer = ({ action }, response) => {
  if (action === "PUT") return void response.setHeader("etag", '"1"').end();
  response.setHeader("content-type", "application/x-amz-json-1.0");
  response.end(JSON.stringify({ Successful: [{ Id: "0", MessageId: "m", MD5OfMessageBody: HELLO }], Failed: [] }));
};

const hello: OutgoingMessage = {
  body: "hello",
  attributes: {},
  delaySeconds: undefined,
  groupId: undefined,
  deduplicationId: undefined,
  traceHeader: undefined,
};

describe("requests that go past the SDK's middleware", LIMIT, () => {
  test("the first of its kind goes by the client, the next ones are plain", async () => {
    await using scene = await Scene.start();
    const { sqs, queueUrl } = scene;
    for (let sent = 0; sent < 3; sent += 1) assert.deepEqual(await sqs.sendBatch(queueUrl, [hello], signal), [{ ok: true }]);
    assert.deepEqual(scene.ways, ["client", "plain", "plain"]);
  });

  for (const status of [429, 500, 503, 0])
    test(`${status === 0 ? "a connection that is closed" : `an answer with ${status}`} is followed by a pause, and then by the client's request`, async () => {
      await using scene = await Scene.start();
      const { objects, clock } = scene;
      const write = async () => await objects.write("millrace/claims/a.json", "{}", { condition: { ifNone: true } });
      await write();
      scene.answer = (heard, response) => {
        if (!heard.isPlain) return sentWhole(heard, response);
        if (status === 0) response.destroy();
        else response.writeHead(status).end();
      };
      const writing = write();
      await scene.came(2);
      // A request at once would have come by then: this one has to come and go first.
      await roundTrip(scene);
      assert.deepEqual(scene.ways, ["client", "plain"]);
      while (scene.heard.length === 2) {
        clock.advance(100);
        await new Promise(setImmediate);
      }
      assert.equal(await writing, '"1"');
      assert.equal(scene.heard[2]?.isPlain, false);
    });

  test("an answer that says what is wrong with the request is the client's to understand, at once", async () => {
    await using scene = await Scene.start();
    const { objects } = scene;
    const write = async () => await objects.write("millrace/claims/a.json", "{}", { condition: { ifMatch: '"0"' } });
    await write();
    scene.answer = (_, response) => void response.writeHead(403).end("<Error><Code>AccessDenied</Code><Message>no</Message></Error>");
    await assert.rejects(write(), { name: "AccessDenied" });
    scene.answer = (_, response) => void response.writeHead(412).end();
    assert.equal(await write(), undefined, "the condition does not hold");
    assert.deepEqual(scene.ways, ["client", "plain", "client", "plain"]);
  });

  test("credentials that cannot be had once are asked for again", async () => {
    await using scene = await Scene.start();
    const { sqs, queueUrl } = scene;
    const send = async () => assert.deepEqual(await sqs.sendBatch(queueUrl, [hello], signal), [{ ok: true }]);
    await send();
    await send();
    // Those that are there are over at once, and so asked for at each request.
    scene.credentials = async () => {
      scene.credentials = async () => KEYS;
      throw new Error("the host that has them is away");
    };
    await send();
    await send();
    assert.deepEqual(scene.ways, ["client", "plain", "client", "plain"]);
  });

  test("a body that has arrived otherwise than it was sent has failed, and its neighbours have not", async () => {
    await using scene = await Scene.start();
    const { sqs, queueUrl } = scene;
    await sqs.sendBatch(queueUrl, [hello], signal);
    scene.answer = (_, response) => {
      const sent = [hello, hello].map((__, index) => ({ Id: String(index), MD5OfMessageBody: index === 0 ? HELLO : "0".repeat(32) }));
      response.end(JSON.stringify({ Successful: sent, Failed: [] }));
    };
    assert.deepEqual(await sqs.sendBatch(queueUrl, [hello, hello], signal), [
      { ok: true },
      { ok: false, failure: { kind: "server", code: "DamagedBody", message: "the body was damaged on its way to the queue" } },
    ]);
    assert.equal(scene.heard[1]?.isPlain, true);
  });

  test("a call that is given up ends at once, with the reason", async () => {
    await using scene = await Scene.start();
    const { sqs, queueUrl } = scene;
    await sqs.sendBatch(queueUrl, [hello], signal);
    scene.answer = () => {};
    const controller = new AbortController();
    const sending = sqs.sendBatch(queueUrl, [hello], controller.signal);
    await scene.came(2);
    controller.abort(new Error("enough"));
    await assert.rejects(sending, /enough/);
  });
});

/** A request that comes and goes, unheard. */
async function roundTrip(scene: Scene): Promise<void> {
  const { pathname, origin } = new URL(scene.queueUrl);
  const heard = scene.heard.length;
  const response = await fetch(`${origin}${pathname}`, { method: "HEAD", headers: { "user-agent": "test" } }).catch(() => undefined);
  await response?.bytes();
  scene.heard.splice(heard, 1);
}
