import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { CreateQueueCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { startServer } from "../../index.ts";
import { manualClock, systemClock } from "../../kernel/clock.ts";
import { silentLogger } from "../../kernel/logger.ts";
import { consume } from "../consume.ts";
import { notedContext } from "../noted-context.fixture.ts";
import { LeaseLost, Reject, RetryLater } from "../verdicts.ts";
import { computesUntilThere, fails, leaves, tells, waits } from "./handlers.fixture.ts";
import { IsolatedHandler, type IsolatedOptions } from "./isolated-handler.ts";

const module = new URL("./handlers.fixture.ts", import.meta.url);

for (const isolation of ["thread", "process"] as const) {
  const handler = (name: string, options: Partial<IsolatedOptions> = {}) => {
    const isolated = new IsolatedHandler({ module, handler: name, isolation, ...options });
    after(() => isolated.close());
    return isolated;
  };

  describe(`a handler with isolation "${isolation}"`, { timeout: 60_000 }, () => {
    test("knows its message, and is heard", async () => {
      const logged: unknown[] = [];
      const noted = notedContext({
        attributes: { kind: { type: "String", value: "jpeg" } },
        log: { ...silentLogger, info: (event, fields) => logged.push([event, fields]) },
      });
      const isolated = handler(tells.name);
      await isolated.run({ text: "a" }, noted.ctx);
      await isolated.run({ text: "b" }, noted.ctx);
      assert.deepEqual(noted.emitted, [
        ["done", { text: "a", id: "m1", kind: "jpeg" }],
        ["done", { text: "b", id: "m1", kind: "jpeg" }],
      ]);
      assert.deepEqual(noted.progress[0], [0.5, "half"]);
      assert.deepEqual(logged[0], ["working", { messageId: "m1", text: "a" }]);
    });

    test("throws verdicts and errors as it would here", async () => {
      const { run } = handler(fails.name);
      const thrown = async (how: string) =>
        await run(how, notedContext().ctx).then(
          () => assert.fail("it was to throw"),
          (error: unknown) => error as Error,
        );
      const reject = await thrown("reject");
      assert.ok(reject instanceof Reject);
      assert.deepEqual([reject.message, reject.issues], ["never", [{ message: "wrong", path: "a.b" }]]);
      const later = await thrown("later");
      assert.ok(later instanceof RetryLater);
      assert.deepEqual([later.message, later.delayMs], ["not yet", 600_000]);
      const plain = await thrown("out of range");
      assert.deepEqual([plain.name, plain.message], ["RangeError", "out of range"]);
      assert.match(plain.stack ?? "", /handlers\.fixture/);
    });

    test(`that ends its ${isolation} fails its attempt, and the next one goes on`, async () => {
      const { run } = handler(fails.name);
      await assert.rejects(run("exit", notedContext().ctx), /ended with exit code 7/);
      await assert.rejects(run("again", notedContext().ctx), /again/);
    });

    test("fails its attempt where it emits what cannot be sent, or is not there", async () => {
      const refuses = () => {
        throw new Error("there is no such output");
      };
      await assert.rejects(handler(tells.name).run({ text: "a" }, notedContext({ emit: refuses }).ctx), /no such output/);
      await assert.rejects(handler("gone").run("x", notedContext().ctx), /no function that is exported as gone/);
    });

    test("whose leftovers go on after its end hands nothing of them to the next message", async () => {
      const { run } = handler(leaves.name);
      const logged: unknown[] = [];
      const log = { ...silentLogger, info: (...line: unknown[]) => logged.push(line), warn: (...line: unknown[]) => logged.push(line) };
      const checkpoints: unknown[] = [];
      const stored: unknown[] = [];
      const ofStage = (id: string) => {
        const noted = notedContext({ id, log });
        const put = async (key: string) => void stored.push(key);
        const objects = { bucket: "b", get: async () => undefined, put };
        const checkpoint = (cursor: unknown) => checkpoints.push(cursor);
        return { ...noted, ctx: { ...noted.ctx, objects, checkpoint } };
      };
      const [first, second] = [ofStage("m1"), ofStage("m2")];
      await run("first", first.ctx);
      await run("second", second.ctx);
      assert.deepEqual([first.emitted, second.emitted], [[["done", "first"]], [["done", "second"]]]);
      assert.deepEqual([first.progress, second.progress, checkpoints, stored], [[], [], [], []]);
      // What the first message has left is told under its id. The last line may come after the second message's end.
      while (logged.length < 3) await new Promise(setImmediate);
      const late = "handler had ended: await what it does";
      assert.deepEqual(logged, [
        [late, { messageId: "m1", late: "emit" }],
        [late, { messageId: "m1", late: "checkpoint" }],
        ["AssertionFailed: objects.put after the handler had ended: await what it does", { messageId: "m1" }],
      ]);
    });

    test("is told by its signal, and ended if it does not listen", async () => {
      const clock = manualClock();
      for (const how of ["obeys", "blocks"]) {
        const begun = Promise.withResolvers<void>();
        const noted = notedContext({ progress: () => begun.resolve() });
        const running = handler(waits.name, { clock }).run(how, noted.ctx);
        await begun.promise;
        noted.abort(new LeaseLost("gone"));
        const ended = assert.rejects(running, new LeaseLost("gone"));
        if (how === "blocks") clock.advance(2500);
        await ended;
      }
    });
  });
}

describe("a busy event loop, against a real server with a short lease", { timeout: 60_000 }, () => {
  /** A queue with one message, and a client that counts heartbeats. */
  async function prepared(body: object) {
    const server = await startServer({ port: 0, memory: true });
    const client = new SQSClient(server.clientConfig());
    after(async () => {
      client.destroy();
      await server.stop();
    });
    for (const QueueName of ["jobs", "done"]) await client.send(new CreateQueueCommand({ QueueName }));
    await client.send(new SendMessageCommand({ QueueUrl: "jobs", MessageBody: JSON.stringify(body) }));
    let heartbeats = 0;
    const beaten = Promise.withResolvers<void>();
    client.middlewareStack.add(
      (next, { commandName }) =>
        async (args) => {
          const answer = await next(args);
          if (commandName === "ChangeMessageVisibilityBatchCommand" && (heartbeats += 1) === 4) beaten.resolve();
          return answer;
        },
      { step: "initialize" },
    );
    return { client, beaten: beaten.promise };
  }

  test('loses no lease with isolation: "thread"', async () => {
    const directory = mkdtempSync(join(tmpdir(), "millrace-isolation-"));
    after(() => rmSync(directory, { recursive: true }));
    const path = join(directory, "enough");
    const { client, beaten } = await prepared({ path });
    const worker = consume("jobs", {
      client,
      lease: "2s",
      outputs: { done: "done" },
      run: new URL(`#${computesUntilThere.name}`, module),
      isolation: "thread",
      logger: silentLogger,
      signals: false,
    });
    const succeeded = new Promise<void>((resolve) => worker.on("succeeded", () => resolve()));
    // Four heartbeats are four thirds of the lease.
    await beaten;
    writeFileSync(path, "");
    await succeeded;
    const { counts } = worker.stats();
    assert.deepEqual([counts.received, counts.succeeded, counts["lease-lost"]], [1, 1, 0]);
    await worker.stop();
    const { Messages = [] } = await client.send(new ReceiveMessageCommand({ QueueUrl: "done" }));
    assert.deepEqual(
      Messages.map(({ Body }) => Body),
      ['"computed"'],
    );
  });

  test("loses it without: that is what isolation is for", async () => {
    const { client } = await prepared({});
    const clock = systemClock();
    const worker = consume("jobs", {
      client,
      lease: "1s",
      run: () => {
        const untilMs = clock.monotonicMs() + 1200;
        while (clock.monotonicMs() < untilMs);
      },
      logger: silentLogger,
      signals: false,
    });
    await new Promise<void>((resolve) => worker.on("lease-lost", () => resolve()));
    await worker.stop({ grace: 0 });
  });
});

test("isolation without a module, or a module without isolation, is refused or understood", () => {
  assert.throws(
    () => consume("jobs", { run: () => {}, isolation: "thread", signals: false }),
    /isolation needs run to be the URL of a module/,
  );
});
