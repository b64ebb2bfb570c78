import assert from "node:assert/strict";
import { once } from "node:events";
import { Agent, createServer, request, type IncomingMessage } from "node:http";
import { test } from "node:test";
import { manualClock } from "../../kernel/clock.ts";
import { Growth } from "./growth.ts";
import { listen } from "./listening.ts";
import { shed } from "./shedding.ts";

/** Grows by what each second is said to have been like; tells how many threads were added by then. */
function grown(max: number) {
  const clock = manualClock();
  let busy = 0;
  let added = 0;
  let started = Promise.withResolvers<void>();
  const growth = new Growth({
    clock,
    max,
    utilization: () => busy,
    add() {
      added += 1;
      return started.promise;
    },
  });
  return {
    growth,
    seconds: async (...utilizations: number[]): Promise<number> => {
      for (busy of utilizations) {
        clock.advance(1000);
        await new Promise((resolve) => setImmediate(resolve));
      }
      return added;
    },
    isStarted: (): void => {
      started.resolve();
      started = Promise.withResolvers();
    },
  };
}

test("a thread is added when the first was busy for three seconds on end", async () => {
  const { seconds } = grown(2);
  assert.equal(await seconds(1, 1, 0.5, 1, 1, 0.7), 0);
  assert.equal(await seconds(0.8, 0.9), 0);
  assert.equal(await seconds(0.75), 1);
});

test("the next one is thought of when that one serves, and there are no more than there may be", async () => {
  const { seconds, isStarted } = grown(2);
  assert.equal(await seconds(1, 1, 1, 1, 1, 1, 1), 1);
  isStarted();
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(await seconds(1, 1), 1);
  assert.equal(await seconds(1), 2);
  isStarted();
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(await seconds(1, 1, 1, 1, 1, 1), 2);
});

test("none is added to a server that is about to stop", async () => {
  const { growth, seconds } = grown(2);
  await seconds(1, 1);
  growth.stop();
  assert.equal(await seconds(1, 1, 1), 0);
});

test("connections that are there when a thread is added come again, those that come later stay", async () => {
  const clock = manualClock();
  const server = createServer((_request, response) => response.end());
  const { port } = await listen(server, { host: "127.0.0.1", port: 0 }, false);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const connectionOf = async () => {
    const sent = request({ port, host: "127.0.0.1", agent });
    sent.end();
    const [answer] = (await once(sent, "response")) as [IncomingMessage];
    answer.resume();
    const used = answer.socket.localPort;
    await once(answer, "end");
    await new Promise((resolve) => setImmediate(resolve));
    return { used, header: answer.headers.connection };
  };
  const first = await connectionOf();
  assert.equal((await connectionOf()).used, first.used);
  shed(server, clock);
  assert.deepEqual(await connectionOf(), { used: first.used, header: "close" });
  const second = await connectionOf();
  assert.notEqual(second.used, first.used);
  assert.deepEqual(await connectionOf(), { used: second.used, header: "keep-alive" });
  clock.advance(30_000);
  assert.equal(server.listenerCount("request"), 1);
  agent.destroy();
  server.close();
  server.closeAllConnections();
});
