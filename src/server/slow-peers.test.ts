import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type AddressInfo, type Socket } from "node:net";
import { test } from "node:test";
import { manualClock, type ManualClock } from "../kernel/clock.ts";
import { silentLogger, type LogFields } from "../kernel/logger.ts";
import { BodyTooSlow } from "../wire/http.ts";
import { createHttpServer, HTTP_LIMITS, type Handler, type HttpLimits } from "./http.ts";

const PATIENCE_MS = HTTP_LIMITS.patience.ms;

interface Scene {
  readonly clock: ManualClock;
  readonly said: LogFields[];
  readonly open: () => Promise<Socket>;
}

/** A server on a real socket, whose patience runs by the test's clock. */
async function scene(handle: Handler, run: (scene: Scene) => Promise<void>, changes: Partial<HttpLimits> = {}): Promise<void> {
  const clock = manualClock();
  const said: LogFields[] = [];
  const logger = { ...silentLogger, warn: (_event: string, fields: LogFields = {}) => void said.push(fields) };
  const server = createHttpServer(handle, { limits: { ...HTTP_LIMITS, connectionsMax: 100, ...changes }, clock, logger });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const sockets: Socket[] = [];
  const open = async (): Promise<Socket> => {
    const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
    socket.on("error", () => {}); // A reset is one way of closing.
    sockets.push(socket);
    await once(socket, "connect");
    return socket;
  };
  try {
    await run({ clock, said, open });
  } finally {
    for (const socket of sockets) socket.destroy();
    server.closeAllConnections();
    server.close();
  }
}

async function everything(socket: Socket): Promise<string> {
  let text = "";
  socket.on("data", (chunk: Buffer) => (text += chunk.toString("latin1")));
  socket.resume();
  await once(socket, "close");
  return text;
}

const ok = (body: string | Uint8Array) => ({ status: 200, headers: {}, body });

test("a body that is wanted whole must have come half a minute after its headers", async () => {
  const asked = Promise.withResolvers<void>();
  const handle: Handler = async ({ body }) => {
    const read = body.bytes(100);
    asked.resolve();
    return read.then(
      (bytes) => ok(bytes),
      (error: unknown) => ({ status: error instanceof BodyTooSlow ? 400 : 500, headers: { connection: "close" }, body: "" }),
    );
  };
  await scene(handle, async ({ clock, open }) => {
    const socket = await open();
    socket.write("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n123");
    await asked.promise;
    clock.advance(PATIENCE_MS - 1000);
    socket.write("456");
    clock.advance(2000);
    assert.match((await everything(socket)).split("\r\n", 1)[0]!, /^HTTP\/1\.1 400 /);
  });
});

test("an upload may take as long as it likes while it moves, and is given up when it stands still", async () => {
  const came: string[] = [];
  const { promise: given, resolve: up } = Promise.withResolvers<unknown>();
  let arrived = Promise.withResolvers<void>();
  const handle: Handler = async ({ body }) => {
    try {
      for await (const chunk of body.stream()) {
        came.push(`${chunk.length}`);
        arrived.resolve();
      }
    } catch (error) {
      up(error);
    }
    return ok("");
  };
  await scene(handle, async ({ clock, open }) => {
    const socket = await open();
    socket.write("PUT /b/k HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n");
    for (let minute = 0; minute < 4; minute += 1) {
      arrived = Promise.withResolvers();
      socket.write(Buffer.alloc(2048));
      await arrived.promise;
      clock.advance(PATIENCE_MS - 5000);
    }
    assert.equal(came.length, 4);
    clock.advance(PATIENCE_MS + 1000);
    assert.ok((await given) instanceof BodyTooSlow);
    assert.equal(await everything(socket), "");
  });
});

test("an answer that its reader does not take is given up, and the connection with it", async () => {
  const answered = Promise.withResolvers<void>();
  const handle: Handler = async () => {
    setImmediate(() => answered.resolve());
    return ok(Buffer.alloc(64 * 1024 * 1024));
  };
  await scene(handle, async ({ clock, open }) => {
    const socket = await open();
    socket.pause();
    socket.write("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    await answered.promise;
    // What the system's buffers take counts as progress, once.
    clock.advance(2 * PATIENCE_MS + 2000);
    const received = await everything(socket);
    assert.ok(received.length < 32 * 1024 * 1024, `${received.length} bytes`);
  });
});

test("an answer that is taken arrives whole, however large", async () => {
  const body = Buffer.alloc(3_000_001, "x");
  await scene(
    async () => ok(body.toString()),
    async ({ clock, open }) => {
      const socket = await open();
      socket.write("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
      const received = await everything(socket);
      clock.advance(10 * PATIENCE_MS);
      assert.equal(received.length - received.indexOf("\r\n\r\n") - 4, body.length);
    },
  );
});

test("headers that do not end are given up", async () => {
  const handle: Handler = async () => ok("");
  await scene(
    handle,
    async ({ open }) => {
      const socket = await open();
      socket.write("GET / HTTP/1.1\r\nHost: h\r\nX-A: b\r\n");
      assert.match(await everything(socket), /^HTTP\/1\.1 408 /);
    },
    { headersMs: 100 },
  );
});

test("connections beyond the limit are closed at once, those that are open go on, and one line says so", async () => {
  const handle: Handler = async () => ok("served");
  await scene(
    handle,
    async ({ open, said }) => {
      const [first] = [await open(), await open()];
      await Promise.all([1, 2, 3].map(async () => everything(await open())));
      assert.deepEqual(
        said.map(({ open: max }) => max),
        [2],
      );
      first.write("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
      assert.match(await everything(first), /served$/);
    },
    { connectionsMax: 2 },
  );
});
