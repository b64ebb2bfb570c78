import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { silentLogger } from "../kernel/logger.ts";
import { configWith } from "../server/config.ts";
import { startServer, type Server } from "../server/server.ts";
import { begin, millrace, type Ended } from "./command-line.fixture.ts";

describe("millrace exec, a process against a server", { timeout: 120_000 }, () => {
  let server: Server;
  before(async () => {
    server = await startServer(configWith({ port: 0, memory: true, coolDown: false }), { logger: silentLogger });
  });
  after(() => server.stop());

  const call = async (action: string, input: object): Promise<Record<string, unknown>> => {
    const headers = { "content-type": "application/x-amz-json-1.0", "x-amz-target": `AmazonSQS.${action}` };
    const response = await fetch(server.endpoint, { method: "POST", headers, body: JSON.stringify(input) });
    assert.equal(response.status, 200, `${action}: ${await response.clone().text()}`);
    return (await response.json()) as Record<string, unknown>;
  };
  const fill = async (QueueName: string, ...bodies: string[]) => {
    await call("CreateQueue", { QueueName });
    for (const MessageBody of bodies) await call("SendMessage", { QueueUrl: QueueName, MessageBody });
  };
  const inside = async (queue: string) => {
    const response = await fetch(`${server.endpoint}/_millrace/queues/000000000000/${queue}/messages?limit=1000`);
    return ((await response.json()) as { messages: { body: string; attributes: Record<string, { value: string }> }[] }).messages;
  };
  const exec = (queue: string, options: readonly string[], script: string): Promise<Ended> =>
    millrace(server.endpoint, ["exec", "--queue", queue, "--until-idle", ...options, "--", "sh", "-c", script]);

  test("each message goes through the command, outputs to their queues, and the command's lines to standard output", async () => {
    await fill("jobs", "one", "two");
    await fill("done");
    const script = 'read body; echo "working on $body"; echo "::emit done {\\"body\\": \\"$body\\"}"';
    const ended = await exec("jobs", ["--output", "done=done"], script);
    assert.equal(ended.code, 0, ended.err);
    assert.deepEqual(ended.out.trim().split("\n").toSorted(), ["working on one", "working on two"]);
    assert.deepEqual((await inside("done")).map(({ body }) => body).toSorted(), ['{"body":"one"}', '{"body":"two"}']);
    assert.deepEqual(await inside("jobs"), []);
    assert.match(ended.err, /2 done, 0 failed attempts, 0 dead/);
  });

  test("exit code 3 makes a dead letter; --json tells every event in a line", async () => {
    await fill("odd", "a");
    await fill("odd-dead");
    const ended = await exec("odd", ["--json", "--dead-letter-queue", "odd-dead"], "echo out; echo no good >&2; exit 3");
    assert.equal(ended.code, 0, ended.err);
    const events = ended.out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { event: string; text?: string; reason?: string });
    assert.deepEqual(
      events.map(({ event, text, reason }) => [event, text ?? reason]),
      [
        ["received", undefined],
        ["line", "out"],
        ["line", "no good"],
        ["dead", "no good"],
      ],
    );
    const [letter] = await inside("odd-dead");
    assert.match(letter?.attributes["Millrace.DeadLetter"]?.value ?? "", /"cause":"rejected","queue":"odd".*"reason":"no good"/);
  });

  test("the command finds the server by the AWS environment", async () => {
    await fill("env", "x");
    const ended = await exec("env", [], 'echo "$AWS_ENDPOINT_URL $AWS_REGION $AWS_ACCESS_KEY_ID"');
    assert.equal(ended.out, `${server.endpoint} us-east-1 test\n`);
  });

  test("Ctrl-C lets the running command finish, and says how to end sooner", async () => {
    await fill("slow", "x");
    const script = "echo begun; sleep 0.3; echo finished";
    const running = begin(server.endpoint, ["exec", "--queue", "slow", "--", "sh", "-c", script]);
    await running.says("begun");
    running.interrupt();
    const ended = await running.ended();
    assert.deepEqual([ended.code, ended.out], [0, "begun\nfinished\n"]);
    assert.match(ended.err, /SIGINT received: no new messages; waiting for running handlers; again moves on to the next stage/);
    assert.deepEqual(await inside("slow"), []);
  });

  test("further Ctrl-Cs end the command, give its message back and leave with 3", async () => {
    await fill("stubborn", "x");
    const running = begin(server.endpoint, ["exec", "--queue", "stubborn", "--", "sh", "-c", "echo begun; sleep 1000"]);
    await running.says("begun");
    running.interrupt();
    await running.says("SIGINT received");
    running.interrupt();
    const ended = await running.ended();
    assert.deepEqual([ended.code, ended.out], [3, "begun\n"]);
    assert.match(ended.err, /returned {2}[0-9a-f-]{36}/);
    assert.equal((await inside("stubborn")).length, 1);
  });

  test("a queue or a program that is not there is told at once", async () => {
    await fill("there");
    const noQueue = await exec("nowhere", [], "true");
    assert.deepEqual([noQueue.code, noQueue.out], [1, ""]);
    assert.match(noQueue.err, /There is no queue "nowhere"/);
    const noProgram = await millrace(server.endpoint, ["exec", "--queue", "there", "--", "no-such-program"]);
    assert.deepEqual([noProgram.code, noProgram.out], [2, ""]);
    assert.match(noProgram.err, /There is no program "no-such-program" that could be run in PATH/);
    const noCommand = await millrace(server.endpoint, ["exec", "--queue", "there"]);
    assert.equal(noCommand.code, 2);
  });
});
