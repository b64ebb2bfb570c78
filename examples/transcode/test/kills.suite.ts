import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { GetObjectCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { CreateTopicCommand, SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import { CreateQueueCommand, GetQueueAttributesCommand, GetQueueUrlCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { ServerProcess } from "../../../test/crash/server-process.ts";
import { probe, type Found } from "../src/ffmpeg.ts";
import { FORMAT_NAMES, FORMATS } from "../src/formats.ts";
import type { Version } from "../src/messages.ts";
import { transcode } from "../src/pipeline.ts";
import { throttled, type Throttled } from "./throttled.fixture.ts";

const EXAMPLE = join(import.meta.dirname, "..");
const MEDIA = join(EXAMPLE, "media");
const CREDENTIALS = { accessKeyId: "test", secretAccessKey: "test" };
/** Both workers have one of each format in hand, and none has ended. */
const AT_WORK = 2 * FORMAT_NAMES.length;

/** A real server, workers in processes of their own, and what is seen of them from outside. */
class Scene implements AsyncDisposable {
  readonly folder: string;
  readonly server: ServerProcess;
  readonly ffmpeg: Throttled;
  readonly s3: S3Client;
  readonly sqs: SQSClient;
  readonly sns: SNSClient;
  readonly pipeline: typeof transcode;
  readonly #env: NodeJS.ProcessEnv;
  readonly #log: number;
  readonly #running: ChildProcess[] = [];

  private constructor(port: number, given: { folder: string; server: ServerProcess }) {
    this.folder = given.folder;
    this.server = given.server;
    const endpoint = `http://127.0.0.1:${port}`;
    const aws = { endpoint, region: "us-east-1", credentials: CREDENTIALS, maxAttempts: 10, forcePathStyle: true };
    [this.s3, this.sqs, this.sns] = [new S3Client(aws), new SQSClient(aws), new SNSClient(aws)];
    this.pipeline = transcode.with({ aws });
    mkdirSync(join(this.folder, "bin"));
    mkdirSync(join(this.folder, "tmp"));
    this.ffmpeg = throttled(join(this.folder, "bin"));
    this.#env = {
      ...process.env,
      ...this.ffmpeg.env,
      TMPDIR: join(this.folder, "tmp"),
      // Time enough for a busy machine, and short enough to be waited for.
      TRANSCODE_LEASE: "6s",
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
    };
    this.#log = openSync(join(this.folder, "log"), "a");
  }

  static async start(): Promise<Scene> {
    const folder = mkdtempSync(join(tmpdir(), "transcode-test-"));
    const server = new ServerProcess(join(folder, "data"));
    server.start();
    await server.up;
    return new Scene(server.port, { folder, server });
  }

  /** Starts a program of the example. */
  start(name: string): ChildProcess {
    const child = spawn(process.execPath, ["--conditions=millrace-source", join(EXAMPLE, "src", name)], {
      env: this.#env,
      stdio: ["ignore", "pipe", this.#log],
    });
    this.#running.push(child);
    return child;
  }

  /** Runs a program to its end. @returns what it printed. */
  async run(name: string): Promise<string> {
    const child = this.start(name);
    const [printed, [code]] = await Promise.all([text(child.stdout ?? assert.fail()), once(child, "exit")]);
    assert.equal(code, 0, `${name}: ${readFileSync(join(this.folder, "log"), "utf8").slice(-4000)}`);
    return printed;
  }

  async keys(Prefix: string): Promise<string[]> {
    const { Contents = [] } = await this.s3.send(new ListObjectsV2Command({ Bucket: transcode.graph().bucket, Prefix }));
    return Contents.map(({ Key = "" }) => Key);
  }

  async bytes(Key: string): Promise<Uint8Array> {
    const { Body } = await this.s3.send(new GetObjectCommand({ Bucket: transcode.graph().bucket, Key }));
    return await (Body ?? assert.fail(`there is no ${Key}`)).transformToByteArray();
  }

  /** Messages in a queue, in whatever state. */
  async held(QueueName: string): Promise<number> {
    const { QueueUrl } = await this.sqs.send(new GetQueueUrlCommand({ QueueName }));
    const { Attributes = {} } = await this.sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }));
    const { ApproximateNumberOfMessages: visible, ApproximateNumberOfMessagesNotVisible: inFlight } = Attributes;
    return Number(visible) + Number(inFlight) + Number(Attributes.ApproximateNumberOfMessagesDelayed);
  }

  /** A queue that hears of every upload that is ready. @returns its URL. */
  async listener(): Promise<string> {
    const { QueueUrl = "" } = await this.sqs.send(new CreateQueueCommand({ QueueName: "listener" }));
    const { TopicArn } = await this.sns.send(new CreateTopicCommand({ Name: "transcode-ready" }));
    const { Attributes } = await this.sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["QueueArn"] }));
    const Endpoint = Attributes?.["QueueArn"];
    await this.sns.send(new SubscribeCommand({ TopicArn, Protocol: "sqs", Endpoint, Attributes: { RawMessageDelivery: "true" } }));
    return QueueUrl;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#running) child.kill("SIGKILL");
    await this.server.kill();
    await this.pipeline[Symbol.asyncDispose]();
    for (const client of [this.s3, this.sqs, this.sns]) client.destroy();
    // Commands of killed workers are being ended, and have files here.
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });
  }
}

/** What was seen of each version's progress: fractions that grow, in the order in which they were seen. */
class Watch {
  readonly seen = new Map<string, number[]>();

  async look({ pipeline }: Scene, medias: readonly string[]): Promise<void> {
    for (const media of medias)
      for (const format of FORMAT_NAMES) {
        const { state, progress = 0 } = (await pipeline.status(format, media)) ?? {};
        const before = this.seen.get(`${media} ${format}`) ?? [];
        if (state === "running" && progress > (before.at(-1) ?? 0)) this.seen.set(`${media} ${format}`, [...before, progress]);
      }
  }

  get isSeen(): boolean {
    return this.seen.size > 0;
  }

  get hasRisen(): boolean {
    return [...this.seen.values()].some((fractions) => fractions.length > 1);
  }
}

test("three files come out in three formats each, although the server and a worker are killed while ffmpeg is at it", async (t) => {
  await using scene = await Scene.start();
  const { ffmpeg, server } = scene;
  const queueUrl = await scene.listener();
  await scene.run("send.ts");
  const medias = (await scene.keys("uploads/")).map((key) => key.replace(/^uploads\/(.*)\.\w+$/, "$1"));
  assert.equal(medias.length, 3);

  const worker = scene.start("worker.ts");
  scene.start("worker.ts");
  const watch = new Watch();
  while (ffmpeg.runs() < AT_WORK || !watch.isSeen) {
    await watch.look(scene, medias);
    await pause(100);
  }
  assert.match(await scene.run("status.ts"), /\b(?:phone|tablet|pc) [0-9]+ %/);
  worker.kill("SIGKILL");
  await server.kill();
  // What is ready now finds no server.
  ffmpeg.open();
  server.start();
  await server.up;
  scene.start("worker.ts");
  while ((await scene.keys("manifests/")).length < medias.length) {
    await watch.look(scene, medias);
    await pause(100);
  }

  assert.ok(watch.hasRisen, `progress was seen to rise: ${JSON.stringify([...watch.seen])}`);
  assert.ok(ffmpeg.runs() > medias.length * FORMAT_NAMES.length, "the killed worker's jobs were begun again");
  t.diagnostic(`ffmpeg was begun ${ffmpeg.runs()} times; progress seen: ${JSON.stringify(Object.fromEntries(watch.seen))}`);
  await nothingIsLeft(scene);
  await everythingIsThere(scene, medias);
  const ready = await received(scene, queueUrl);
  assert.deepEqual(ready.toSorted(), medias.toSorted());
  assert.deepEqual(
    (await scene.run("status.ts")).trimEnd().split("\n"),
    medias.map((media) => `${media.padEnd(32)} phone done     tablet done     pc done     ready`),
  );
});

/** Every message was dealt with, and none was given up. */
async function nothingIsLeft(scene: Scene): Promise<void> {
  const { stages } = transcode.graph();
  const held = async () => await Promise.all(stages.map(async ({ queue }) => await scene.held(queue)));
  while ((await held()).some((count) => count > 0)) await pause(100);
  for (const { deadLetterQueue } of stages) assert.equal(await scene.held(deadLetterQueue), 0, deadLetterQueue);
}

/** Each version once, as ffprobe sees it, and as its manifest says. */
async function everythingIsThere(scene: Scene, medias: readonly string[]): Promise<void> {
  const originals = readdirSync(MEDIA).filter((name) => !name.endsWith(".md"));
  const listed: string[] = [];
  for (const media of medias) {
    const original = originals.find((name) => media.startsWith(name.replace(/\.\w+$/, "-"))) ?? assert.fail(media);
    const source = (await probe(join(MEDIA, original))) ?? assert.fail(original);
    const manifest = JSON.parse(Buffer.from(await scene.bytes(`manifests/${media}.json`)).toString()) as { versions: Version[] };
    assert.deepEqual(
      manifest.versions.map(({ format }) => format),
      FORMAT_NAMES.toSorted(),
    );
    for (const version of manifest.versions) {
      listed.push(version.key);
      await isVersionOf(scene, source, version);
    }
  }
  assert.deepEqual(await scene.keys("versions/"), listed.toSorted());
}

async function isVersionOf(scene: Scene, source: Found, { key, format, bytes, ...said }: Version): Promise<void> {
  const content = await scene.bytes(key);
  const path = join(scene.folder, "version");
  writeFileSync(path, content);
  const found = (await probe(path)) ?? assert.fail(`${key} is no media file`);
  const codec = source.kind === "video" ? "h264" : "aac";
  const height = 2 * Math.trunc(Math.min(FORMATS[format].heightMax, source.height) / 2);
  assert.deepEqual([found.codec, found.height, content.length], [codec, height, bytes], key);
  assert.deepEqual([said.codec, said.height, said.seconds], [found.codec, found.height, found.seconds], key);
  assert.ok(Math.abs(found.seconds - source.seconds) <= source.seconds / 20, `${key}: ${found.seconds} s of ${source.seconds} s`);
}

/** Which uploads the listener has heard of; of one message sent twice, once. */
async function received(scene: Scene, QueueUrl: string): Promise<string[]> {
  const byId = new Map<string, string>();
  for (;;) {
    const { Messages = [] } = await scene.sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, MessageAttributeNames: ["All"] }),
    );
    if (Messages.length === 0) return [...byId.values()];
    for (const { Body = "", MessageAttributes } of Messages)
      byId.set(MessageAttributes?.["Millrace.Id"]?.StringValue ?? "", (JSON.parse(Body) as { media: string }).media);
  }
}
