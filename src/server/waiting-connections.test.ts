import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type AddressInfo, type Socket } from "node:net";
import { test } from "node:test";
import { manualClock, type ManualClock } from "../kernel/clock.ts";
import { silentLogger } from "../kernel/logger.ts";
import { KIB, MIB } from "../kernel/units.ts";
import type { HttpRequest, HttpResponse } from "../wire/http.ts";
import { createHttpServer, HTTP_LIMITS, type HttpLimits, type HttpServer } from "./http.ts";

/** A request that waits, until the test answers it. */
interface Waiting {
  readonly request: HttpRequest;
  readonly answer: (body: string, headers?: Record<string, string>) => void;
}

interface Scene {
  readonly server: HttpServer;
  readonly clock: ManualClock;
  /** Connects and asks; the target `/wait` waits. */
  ask(text: string): Promise<Client>;
  /** The next request that waits. */
  waiting(): Promise<Waiting>;
}

/** Lets time pass until whoever waits now is let go. As with a real timer, no input is being read at that moment. */
async function letGo({ clock }: Scene): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  clock.advance(1000);
}

class Client {
  readonly socket: Socket;
  #come: string[] = [];
  #tail = "";
  #wanted: { text: string; resolve: () => void } | undefined;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on("error", () => {}); // A reset is one way of closing.
    socket.on("data", (chunk: Buffer) => {
      this.#come.push(chunk.toString("latin1"));
      this.#tail = this.#tail.slice(-100) + this.#come.at(-1);
      if (this.#wanted !== undefined && this.#tail.includes(this.#wanted.text)) this.#wanted.resolve();
    });
  }

  /** What has come so far, once that is in it. */
  async until(text: string): Promise<string> {
    const { promise, resolve } = Promise.withResolvers<void>();
    if (this.#tail.includes(text)) resolve();
    else this.#wanted = { text, resolve };
    await promise;
    const come = this.#come.join("");
    this.#come = [];
    this.#tail = "";
    return come;
  }

  async closed(): Promise<string> {
    if (!this.socket.closed) await once(this.socket, "close");
    return this.#come.join("");
  }
}

async function scene(run: (scene: Scene) => Promise<void>, changes: Partial<HttpLimits> = {}): Promise<void> {
  const clock = manualClock();
  const come: Waiting[] = [];
  let onCome = (): void => {};
  const handle = async (request: HttpRequest): Promise<HttpResponse> => {
    const body = (await request.body.bytes(MIB)).toString();
    if (!request.target.startsWith("/wait")) return { status: 200, headers: {}, body: `${request.target} ${body}.` };
    const { promise, resolve } = Promise.withResolvers<HttpResponse>();
    const answer = (text: string, headers = {}) => resolve({ status: 200, headers, body: text });
    request.signal.addEventListener("abort", () => answer("nobody is there"));
    request.forget?.();
    come.push({ request, answer });
    onCome();
    return promise;
  };
  const limits = { ...HTTP_LIMITS, connectionsMax: 100, ...changes };
  const server = createHttpServer(handle, { limits, clock, logger: silentLogger });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const clients: Client[] = [];
  try {
    await run({
      server,
      clock,
      async ask(text) {
        const client = new Client(connect((server.address() as AddressInfo).port, "127.0.0.1"));
        clients.push(client);
        client.socket.write(text);
        return client;
      },
      async waiting() {
        while (come.length === 0) await new Promise<void>((resolve) => (onCome = resolve));
        return come.shift() as Waiting;
      },
    });
  } finally {
    for (const { socket } of clients) socket.destroy();
    server.closeAllConnections();
    server.close();
  }
}

function goneOf({ signal }: HttpRequest): Promise<void> {
  return new Promise((resolve) => signal.addEventListener("abort", resolve));
}

const WAIT = "POST /wait HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}";
const next = (target: string): string => `POST ${target} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\nbody`;

for (const held of [false, true]) {
  test(`who has gone is known to have gone before what came with it is worked on, ${held ? "without Node's parser" : "with it"}`, async () =>
    scene(async (scene) => {
      const waits = await scene.ask(WAIT);
      const { request } = await scene.waiting();
      if (held) await letGo(scene);
      const other = await scene.ask(next("/first"));
      await other.until("/first body.");
      // A storage engine commits what one turn of the event loop has brought when that has read all its sockets.
      const known = new Promise<boolean>((resolve) =>
        scene.server.once("request", () => setImmediate(() => resolve(request.signal.aborted))),
      );
      waits.socket.destroy();
      other.socket.write(next("/second"));
      assert.equal(await known, true);
    }));
}

test("a request that waits is answered without Node's parser, and its connection takes the next ones", async () =>
  scene(async (scene) => {
    const client = await scene.ask(WAIT);
    for (let time = 1; time <= 12; time += 1) {
      const { answer } = await scene.waiting();
      await letGo(scene);
      assert.equal(scene.server.waiting.size, 1);
      answer(`a message ${time}.`);
      const text = await client.until(".");
      assert.match(text, /^HTTP\/1\.1 200 OK\r\n/);
      assert.match(text, /\r\nkeep-alive: timeout=65\r\n/i);
      assert.match(text, /\r\nConnection: keep-alive\r\n/);
      assert.match(text, new RegExp(`\r\ncontent-length: ${time < 10 ? 12 : 13}\r\n(.*\r\n)*\r\na message ${time}\\.$`));
      client.socket.write(next("/at-once"));
      assert.match(await client.until("."), /\r\n\r\n\/at-once body\.$/);
      assert.equal(scene.server.waiting.size, 0);
      client.socket.write(WAIT);
    }
  }));

test("an answer without Node's parser is that with it to the byte, but for its time", async () =>
  scene(async (scene) => {
    const answers: [body: string, headers?: Record<string, string>][] = [
      ["plain."],
      ["ünicode 😀."],
      ["with headers.", { "content-type": "text/plain", "x-amzn-requestid": "1", "x-empty": "" }],
      ["whose header is not ASCII.", { "x-name": "é" }],
      [`${"long ".repeat(10_000)}.`],
      [`${"ü".repeat(16_000)}.`],
    ];
    const client = await scene.ask("");
    for (const answer of answers) {
      const come: string[] = [];
      for (const held of [false, true]) {
        client.socket.write(WAIT);
        const waiting = await scene.waiting();
        if (held) await letGo(scene);
        assert.equal(scene.server.waiting.size, held ? 1 : 0);
        waiting.answer(...answer);
        const text = await client.until(".");
        // Node says it as it was told where the response is its own, which is so for what is large.
        come.push(
          text
            .replace(/^date: .*\r\n/im, "")
            .replace(/^(keep-alive: timeout=65\r\n)([^]*?\r\n)(?=\r\n)/im, "$2$1")
            .toLowerCase(),
        );
      }
      assert.equal(come[1], come[0]);
    }
  }));

test("one that is answered at once is not let go", async () =>
  scene(async (scene) => {
    const client = await scene.ask(WAIT);
    const { answer } = await scene.waiting();
    answer("at once.");
    await client.until("at once.");
    await letGo(scene);
    assert.equal(scene.server.waiting.size, 0);
  }));

test("of a storm of requests that wait most are let go before any time has passed, and each is answered", async () =>
  scene(
    async (scene) => {
      const clients = await Promise.all(Array.from({ length: 1100 }, () => scene.ask(WAIT)));
      const come: Waiting[] = [];
      while (come.length < clients.length) come.push(await scene.waiting());
      assert.ok(scene.server.waiting.size >= 500, `${scene.server.waiting.size} were let go`);
      for (const { answer } of come) answer("a message.");
      for (const client of clients) assert.match(await client.until("a message."), /^HTTP\/1\.1 200 OK\r\n/);
    },
    { connectionsMax: 2000 },
  ));

test("a client that goes away while it waits is noticed, by its end and by its reset", async () =>
  scene(async (scene) => {
    for (const leave of ["end", "resetAndDestroy"] as const) {
      const client = await scene.ask(WAIT);
      const { request } = await scene.waiting();
      await letGo(scene);
      const gone = goneOf(request);
      client.socket[leave]();
      await gone;
      await client.closed();
      // Its socket closes a moment after it was said to be lost.
      while (scene.server.waiting.size > 0) await new Promise((resolve) => setImmediate(resolve));
    }
  }));

test("requests that come behind one that waits are answered after it, in their order", async () =>
  scene(async (scene) => {
    const together = await scene.ask(WAIT + next("/second"));
    const first = await scene.waiting();
    await letGo(scene);
    assert.equal(scene.server.waiting.size, 0);
    first.answer("first.");
    assert.match(await together.until("/second body."), /first\.HTTP/);

    const half = await scene.ask(WAIT + next("/second").slice(0, -2));
    const before = await scene.waiting();
    await letGo(scene);
    half.socket.write("dy");
    before.answer("first.");
    assert.match(await half.until("/second body."), /first\.HTTP/);

    const later = await scene.ask(WAIT);
    const again = await scene.waiting();
    await letGo(scene);
    later.socket.write(next("/second"));
    later.socket.write(next("/third"));
    assert.equal(scene.server.waiting.size, 1);
    again.answer("first.");
    assert.match(await later.until("/third body."), /first\.HTTP[^]*\/second body\.HTTP/);
  }));

test("a part of a head behind one that waits is refused with its connection, and nothing of the rest is read", async () =>
  scene(async (scene) => {
    for (const part of ["POST /sec", "POST / HTTP/1.1\r\nX: "]) {
      const client = await scene.ask(WAIT + part);
      const { request } = await scene.waiting();
      const gone = goneOf(request);
      await letGo(scene);
      await gone;
      client.socket.write(next("/smuggled"));
      assert.doesNotMatch(await client.closed(), /200|smuggled/);
    }
    assert.equal(scene.server.waiting.size, 0);
  }));

test("one whose connection ends with it keeps Node's parser", async () =>
  scene(async (scene) => {
    for (const text of [WAIT.replace("1.1", "1.0"), WAIT.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n")]) {
      const client = await scene.ask(text);
      const { answer } = await scene.waiting();
      await letGo(scene);
      assert.equal(scene.server.waiting.size, 0);
      answer("the last.");
      assert.match(await client.closed(), /the last\.$/);
    }
  }));

test("an answer that ends its connection does so", async () =>
  scene(async (scene) => {
    const client = await scene.ask(WAIT);
    const { answer } = await scene.waiting();
    await letGo(scene);
    answer("the last.", { connection: "close" });
    assert.match(await client.closed(), /\r\nconnection: close\r\n[^]*the last\.$/i);
  }));

test("a client that reads slowly gets a large answer whole", async () =>
  scene(async (scene) => {
    const client = await scene.ask(WAIT);
    const { answer } = await scene.waiting();
    await letGo(scene);
    client.socket.pause();
    answer(`${"x".repeat(9 * MIB)}.`);
    client.socket.resume();
    assert.equal((await client.until("x.")).split("\r\n\r\n")[1]?.length, 9 * MIB + 1);
    client.socket.write(next("/after"));
    await client.until("/after body.");
  }));

test("one that takes its answer too slowly is given up", async () =>
  scene(async (scene) => {
    const client = await scene.ask(WAIT);
    const { answer } = await scene.waiting();
    await letGo(scene);
    client.socket.pause();
    answer("x".repeat(16 * MIB));
    while (scene.server.waiting.size > 0) {
      scene.clock.advance(HTTP_LIMITS.patience.ms);
      await new Promise((resolve) => setImmediate(resolve));
    }
    client.socket.resume();
    assert.ok((await client.closed()).length < 16 * MIB);
  }));

test("a connection that says nothing more after its answer is closed", async () =>
  scene(
    async (scene) => {
      const client = await scene.ask(WAIT);
      const { answer } = await scene.waiting();
      await letGo(scene);
      answer("and then nothing.");
      assert.match(await client.closed(), /and then nothing\.$/);
    },
    { idleMs: 1 },
  ));

test("a head that does not come to its end is cut off on such a connection, too", async () =>
  scene(
    async (scene) => {
      const client = await scene.ask(WAIT);
      const { answer } = await scene.waiting();
      await letGo(scene);
      answer("first.");
      await client.until("first.");
      client.socket.write("POST / HTTP/1.1\r\nX-Slow: ");
      assert.match(await client.closed(), /^HTTP\/1\.1 408 /);
    },
    { headersMs: 1 },
  ));

test("a server that closes answers those who wait, and ends those who have nothing to say", async () =>
  scene(async (scene) => {
    const { server } = scene;
    const idle = await scene.ask(WAIT);
    const answered = await scene.waiting();
    const late = await scene.ask(WAIT);
    const { answer } = await scene.waiting();
    await letGo(scene);
    answered.answer("answered.");
    await idle.until("answered.");
    const closed = once(server, "close");
    server.close();
    assert.equal(await idle.closed(), "");
    answer(`${"x".repeat(100 * KIB)} the last.`);
    assert.match(await late.closed(), /the last\.$/);
    await closed;
  }));
