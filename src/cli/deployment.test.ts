import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { after, afterEach, before, describe, test } from "node:test";
import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  ListQueuesCommand,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  HeadBucketCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { DeleteTopicCommand, GetTopicAttributesCommand, ListTopicsCommand, SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import { startTestServer, type TestServer } from "../testing/index.ts";
import type { PlanStep, RemovalStep } from "../worker/index.ts";
import { begin, millrace } from "./command-line.fixture.ts";
import { printing } from "./deployed.fixture.ts";

const FIXTURE = join(import.meta.dirname, "deployed.fixture.ts");
const NOWHERE = "http://127.0.0.1:1";
const TOPIC = "arn:aws:sns:us-east-1:000000000000:prints-resize-done.fifo";

describe("plan, up and down of a pipeline's resources", { timeout: 120_000 }, () => {
  let server: TestServer;
  let sqs: SQSClient;
  let sns: SNSClient;
  let s3: S3Client;
  let directory = "";

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), "millrace-deployment-"));
    server = await startTestServer();
    const config = server.clientConfig();
    [sqs, sns, s3] = [new SQSClient(config), new SNSClient(config), new S3Client(config)];
  });
  // One server for all: with each a process that runs the commands would begin.
  afterEach(async () => {
    const { QueueUrls = [] } = await sqs.send(new ListQueuesCommand({}));
    for (const QueueUrl of QueueUrls) await sqs.send(new DeleteQueueCommand({ QueueUrl }));
    await sns.send(new DeleteTopicCommand({ TopicArn: TOPIC }));
    if (!(await hasBucket())) return;
    await s3.send(new DeleteObjectCommand({ Bucket: "prints-objects", Key: "cards/a.png" }));
    await s3.send(new DeleteBucketCommand({ Bucket: "prints-objects" }));
  });
  after(async () => {
    for (const client of [sqs, sns, s3]) client.destroy();
    await server.stop();
    rmSync(directory, { recursive: true });
  });

  /** The fixture with other sizes that are printed. */
  const otherwise = () => {
    const file = join(directory, "otherwise.ts");
    writeFileSync(
      file,
      `import { ${printing.name} } from ${JSON.stringify(FIXTURE)};\nexport default ${printing.name}(["thumb", "full"]);\n`,
    );
    return file;
  };
  const run = async (...args: readonly string[]) => await millrace(server.endpoint, args);
  const down = async (...flags: readonly string[]) => await run("down", FIXTURE, "--yes", ...flags);
  const stepsOf = async (file = FIXTURE) => {
    const { code, out, err } = await run("plan", file, "--json");
    assert.equal(code, 0, err);
    return (JSON.parse(out) as { steps: PlanStep[] }).steps;
  };
  const linesOf = <T>(out: string) =>
    out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as T);
  const queues = async () => ((await sqs.send(new ListQueuesCommand({}))).QueueUrls ?? []).map((url) => url.split("/").at(-1));
  const hasBucket = async () =>
    await s3.send(new HeadBucketCommand({ Bucket: "prints-objects" })).then(
      () => true,
      () => false,
    );
  const put = async () => await s3.send(new PutObjectCommand({ Bucket: "prints-objects", Key: "cards/a.png", Body: "a" }));

  test("plan shows what there is to create, changes nothing, and says so by its exit code where that is asked", async () => {
    const { code, out, err } = await run("plan", FIXTURE);
    assert.equal(code, 0, err);
    assert.match(
      out,
      /^\+ bucket prints-objects\n\+ queue prints-resize-dlq\n {4}MessageRetentionPeriod: 1209600\n\+ queue prints-resize\n/,
    );
    assert.match(out, /\n {4}RedrivePolicy: to prints-resize-dlq after 10 receives\n/);
    assert.match(out, /\n\+ topic prints-resize-done\.fifo\n {4}FifoTopic: true\n/);
    assert.match(out, /\n\+ queue policy prints-print\n {4}Policy: lets prints-resize-done\.fifo send\n/);
    assert.match(out, /\n\+ subscription prints-resize-done\.fifo → prints-print\n.*\n {4}FilterPolicy: \{"size":\["full"\]\}\n/);
    assert.match(err, /^12 to create, 0 to change, 0 there already: prints at http/);
    assert.deepEqual([await queues(), await hasBucket()], [[], false]);
    assert.equal((await run("plan", FIXTURE, "--detailed-exit-code")).code, 4);
  });

  test("up makes what plan has shown and says each step; after it plan has nothing to do, and up does nothing", async () => {
    const planned = await stepsOf();
    const first = await run("up", FIXTURE, "--json");
    assert.equal(first.code, 0, first.err);
    const key = ({ kind, name, action }: PlanStep) => `${action} ${kind} ${name}`;
    assert.deepEqual(linesOf<PlanStep>(first.out).map(key).toSorted(), planned.map(key).toSorted());
    assert.match(first.err, /^12 things created, 0 changed, 0 there already: prints at http/);
    const after = await run("plan", FIXTURE, "--detailed-exit-code");
    assert.equal(after.code, 0, after.out);
    assert.doesNotMatch(after.out, /^[+~]/m);
    assert.match(after.err, /^All is there: prints at http/);
    const again = await run("up", FIXTURE);
    assert.deepEqual([again.code, again.out], [0, ""]);
    assert.match(again.err, /^0 things created, 0 changed, 12 there already/);
  });

  test("a filter that has changed is changed; what somebody has tuned stays, and plan says how it differs", async () => {
    await sqs.send(new CreateQueueCommand({ QueueName: "prints-resize-dlq", Attributes: { MessageRetentionPeriod: "60" } }));
    await run("up", FIXTURE);
    const steps = (await stepsOf(otherwise())).filter(({ action, keeps }) => action !== "keep" || keeps.length > 0);
    assert.deepEqual(steps, [
      {
        action: "keep",
        kind: "queue",
        name: "prints-resize-dlq",
        sets: [],
        keeps: [{ attribute: "MessageRetentionPeriod", is: "60", wouldBe: "1209600" }],
      },
      {
        action: "change",
        kind: "subscription",
        name: "prints-resize-done.fifo → prints-print",
        sets: [{ attribute: "FilterPolicy", from: `{"size":["full"]}`, to: `{"size":["thumb","full"]}` }],
        keeps: [],
      },
    ]);
    const { out } = await run("up", otherwise());
    assert.match(out, /^~ subscription .*\n {4}FilterPolicy: \{"size":\["full"\]\} → \{"size":\["thumb","full"\]\}\n$/);
    assert.deepEqual(
      (await stepsOf(otherwise())).filter(({ action }) => action !== "keep"),
      [],
    );
  });

  test("down removes all that up has made, and asks nobody with --yes; a second one finds nothing", async () => {
    await run("up", FIXTURE);
    const { code, out, err } = await down();
    assert.equal(code, 0, err);
    assert.match(out, /^- topic prints-resize-done\.fifo\n/);
    assert.match(err, /^8 things removed, 0 left: prints at http/);
    assert.deepEqual([await queues(), (await sns.send(new ListTopicsCommand({}))).Topics ?? [], await hasBucket()], [[], [], false]);
    const again = await down();
    assert.deepEqual([again.code, again.out], [0, ""]);
    assert.match(again.err, /^There is nothing of prints at http/);
  });

  test("down without --yes and without somebody to ask removes nothing", async () => {
    await run("up", FIXTURE);
    const { code, err } = await run("down", FIXTURE);
    assert.equal(code, 2);
    assert.match(err, /Nobody can be asked here whether all of prints is to be removed; say --yes/);
    assert.equal((await queues()).length, 6);
  });

  test("down removes nothing where messages wait, unless --force says that they may be lost", async () => {
    await run("up", FIXTURE);
    for (const QueueUrl of ["prints-resize", "prints-print-dlq"]) await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "{}" }));
    const refused = await down();
    assert.deepEqual([refused.code, refused.out], [1, ""]);
    assert.match(refused.err, /Messages wait: 1 message in prints-print-dlq, 1 message in prints-resize\. .* --force to lose them/);
    assert.equal((await queues()).length, 6);
    const forced = await down("--force");
    assert.equal(forced.code, 0, forced.err);
    assert.match(forced.out, /^- queue prints-resize \(1 message\)$/m);
    assert.deepEqual(await queues(), []);
  });

  test("down leaves objects unless --objects says otherwise, and says what it leaves", async () => {
    await run("up", FIXTURE);
    await put();
    const kept = await down();
    assert.equal(kept.code, 0, kept.err);
    assert.match(kept.out, /^= bucket prints-objects stays: it holds 1 object; --objects removes them, too$/m);
    assert.deepEqual([await queues(), await hasBucket()], [[], true]);
    const all = await down("--objects");
    assert.equal(all.code, 0, all.err);
    assert.match(all.out, /^- bucket prints-objects \(1 object\)$/m);
    assert.equal(await hasBucket(), false);
  });

  test("down leaves what was there before up, without what up has added to it, and what others have subscribed to", async () => {
    await s3.send(new CreateBucketCommand({ Bucket: "prints-objects" }));
    await sqs.send(new CreateQueueCommand({ QueueName: "prints-notify.fifo", Attributes: { FifoQueue: "true" } }));
    await sqs.send(new CreateQueueCommand({ QueueName: "others.fifo", Attributes: { FifoQueue: "true" } }));
    await run("up", FIXTURE);
    const Endpoint = "arn:aws:sqs:us-east-1:000000000000:others.fifo";
    await sns.send(new SubscribeCommand({ TopicArn: TOPIC, Protocol: "sqs", Endpoint }));
    const { code, out, err } = await down("--json");
    assert.equal(code, 0, err);
    const left = linesOf<RemovalStep>(out).filter(({ action }) => action === "leave");
    assert.deepEqual(
      left.map(({ kind, name, because }) => [kind, name, because]),
      [
        ["topic", "prints-resize-done.fifo", "1 subscription is not the pipeline's"],
        ["queue", "prints-notify.fifo", "the pipeline has not made it"],
        ["bucket", "prints-objects", "the pipeline has not made it"],
      ],
    );
    assert.deepEqual(new Set(await queues()), new Set(["others.fifo", "prints-notify.fifo"]));
    const { Attributes = {} } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl: "prints-notify.fifo", AttributeNames: ["All"] }));
    assert.equal(Attributes["Policy"], undefined, "what let the topic send to it is gone");
    const topic = await sns.send(new GetTopicAttributesCommand({ TopicArn: TOPIC }));
    assert.equal(topic.Attributes?.["SubscriptionsConfirmed"], "1");
  });

  test("an interrupted up goes on where it ended, and so does an interrupted down", async () => {
    await run("up", FIXTURE);
    // As if it had been killed half-way.
    await sqs.send(new DeleteQueueCommand({ QueueUrl: "prints-print" }));
    const up = await run("up", FIXTURE);
    assert.equal(up.code, 0, up.err);
    assert.match(up.out, /^\+ queue prints-print\n/);
    await sqs.send(new DeleteQueueCommand({ QueueUrl: "prints-print" }));
    const again = await down();
    assert.equal(again.code, 0, again.err);
    assert.deepEqual(await queues(), []);
  });

  test("export prints what up would make for other tools, and asks nobody", async () => {
    const template = await run("export", FIXTURE, "--to", "cloudformation");
    assert.equal(template.code, 0, template.err);
    const { Resources } = JSON.parse(template.out) as { Resources: Record<string, { Type: string }> };
    assert.equal(Resources["PrintsResizeQueue"]?.Type, "AWS::SQS::Queue");
    const terraform = await run("export", FIXTURE, "--to", "terraform");
    const { resource } = JSON.parse(terraform.out) as { resource: Record<string, object> };
    assert.equal(Object.keys(resource["aws_sqs_queue"] ?? {}).length, 6);
    assert.equal((await run("export", FIXTURE, "--to", "cdk")).code, 2);
    assert.deepEqual(await queues(), []);
  });

  test("nobody at the endpoint, no pipeline in the file, and no file are said in one sentence", async () => {
    for (const command of ["plan", "up", "down"]) {
      const unreachable = await millrace(NOWHERE, [command, FIXTURE]);
      assert.deepEqual([unreachable.code, unreachable.out], [1, ""]);
      assert.match(unreachable.err, /^millrace: Nothing answers at http:\/\/127\.0\.0\.1:1 .*millrace serve/);
      assert.equal((await run(command, join(directory, "gone.ts"))).code, 2);
    }
    assert.match((await run("plan", join(import.meta.dirname, "failure.ts"))).err, /exports no pipeline/);
  });

  test("Ctrl-C ends up after what is under way, and says that it can be repeated", async () => {
    await using between = await heldAt(server.endpoint, "Action=CreateTopic");
    const slow = begin(between.endpoint, ["up", FIXTURE, "--json"]);
    await between.reached;
    slow.interrupt();
    await slow.says("Ending after what is under way");
    between.release();
    const { code, out, err } = await slow.ended();
    assert.equal(code, 130, err);
    assert.match(err, /Not all is done; `millrace up` goes on from here\. 8 things created, 0 changed/);
    assert.equal(linesOf<PlanStep>(out).at(-1)?.kind, "topic");
    const again = await run("up", FIXTURE);
    assert.match(again.err, /^4 things created, 0 changed, 8 there already/);
  });
});

/** A proxy before a server that holds the first request with this in its body until it is released. */
async function heldAt(target: string, words: string) {
  const [reached, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const proxy = createServer((request, response) => {
    void (async () => {
      const body = await text(request);
      if (body.includes(words)) {
        reached.resolve();
        await released.promise;
      }
      const { host: _host, connection: _connection, "content-length": _length, ...headers } = request.headers;
      const { method = "GET", url = "/" } = request;
      const sent = body === "" ? {} : { body };
      const answer = await fetch(new URL(url, target), { method, headers: headers as Record<string, string>, ...sent });
      response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "text/plain" });
      response.end(await answer.text());
    })();
  });
  await once(proxy.listen(0, "127.0.0.1"), "listening");
  return {
    endpoint: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    reached: reached.promise,
    release: () => released.resolve(),
    [Symbol.asyncDispose]: async () => {
      released.resolve();
      proxy.closeAllConnections();
      await new Promise((resolve) => proxy.close(resolve));
    },
  };
}
