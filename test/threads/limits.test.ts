import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { connect, createServer as createSocketServer, type Socket } from "node:net";
import { describe, test } from "node:test";
import { manualClock } from "../../src/kernel/clock.ts";
import { silentLogger } from "../../src/kernel/logger.ts";
import { configWith } from "../../src/server/config.ts";
import { startServer } from "../../src/server/server.ts";
import { listen } from "../../src/server/threads/listening.ts";
import { connectionCells, limitTogether } from "../../src/server/threads/shared-connections.ts";
import { asked, together } from "./scene.ts";

async function opened(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  await once(socket, "connect");
  return socket;
}

/** Whether the server keeps the connection: what it does not want it closes at once. */
async function isKept(socket: Socket): Promise<boolean> {
  socket.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  return new Promise((resolve) => {
    socket.once("data", () => resolve(true));
    socket.once("close", () => resolve(false));
  });
}

describe("connections of several servers on one port", { timeout: 60_000 }, () => {
  test("are limited together, however they are spread, and one that closes makes room", async () => {
    const clock = manualClock();
    const said: unknown[] = [];
    const logger = { ...silentLogger, warn: (_event: string, fields: unknown) => void said.push(fields) };
    const cells = connectionCells(10);
    const servers: Server[] = [];
    let port = 0;
    for (let thread = 0; thread < 2; thread += 1) {
      const server = createServer((_request, response) => response.end("here"));
      limitTogether(server, cells, { logger, clock });
      ({ port } = await listen(server, { host: "127.0.0.1", port }, true));
      servers.push(server);
    }
    const sockets: Socket[] = [];
    for (let count = 0; count < 10; count += 1) {
      const socket = await opened(port);
      assert.ok(await isKept(socket));
      sockets.push(socket);
    }
    for (let more = 0; more < 6; more += 1) assert.equal(await isKept(await opened(port)), false);
    assert.deepEqual(
      said,
      [{ refused: 1, open: 10, reason: (said[0] as { reason: string }).reason }],
      "once in ten seconds, by all together",
    );
    clock.advance(10_000);
    assert.equal(await isKept(await opened(port)), false);
    assert.equal((said[1] as { refused: number }).refused, 6);
    sockets.pop()?.destroy();
    let room = false;
    while (!room) room = await isKept(await opened(port));
    for (const server of servers) {
      server.close();
      server.closeAllConnections();
    }
  });
});

describe("the port of several threads", { timeout: 60_000 }, () => {
  const config = (port: number, data: string) => configWith({ port, data, httpThreads: 2 });

  test(
    "is nobody else's: a second server of the same user is refused",
    together(2, async ({ server, directory }) => {
      const port = Number(new URL(server.endpoint).port);
      const second = startServer(config(port, `${directory}/second`), { clock: manualClock(), logger: silentLogger });
      await assert.rejects(second, { code: "EADDRINUSE" });
      assert.equal((await asked(server.endpoint, { method: "GET", path: "/_millrace/health" })).status, 200);
    }),
  );

  test("of two servers that start at the same time one is refused", async (t) => {
    const { mkdtempSync, rmSync } = await import("node:fs");
    const directory = mkdtempSync("/tmp/millrace-port-");
    t.after(() => rmSync(directory, { recursive: true }));
    const probe = createSocketServer();
    const { port } = await listen(probe, { host: "127.0.0.1", port: 0 }, false);
    await new Promise((resolve) => probe.close(resolve));
    const starts = ["a", "b"].map((name) =>
      startServer(config(port, `${directory}/${name}`), { clock: manualClock(), logger: silentLogger }),
    );
    const outcomes = await Promise.allSettled(starts);
    for (const outcome of outcomes) if (outcome.status === "fulfilled") await outcome.value.stop();
    assert.deepEqual(outcomes.map(({ status }) => status).toSorted(), ["fulfilled", "rejected"]);
    assert.equal((outcomes.find(({ status }) => status === "rejected") as { reason: { code: string } }).reason.code, "EADDRINUSE");
  });
});
