import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { describe, test } from "node:test";
import { manualClock } from "../kernel/clock.ts";
import { PlainConnections } from "./plain-connections.ts";

const OK = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
const LIMIT = { timeout: 60_000 };

/** A server that answers each request as it is told to, and the connections to it. */
class Scene implements AsyncDisposable {
  readonly clock = manualClock();
  readonly sockets: Socket[] = [];
  readonly requests: string[] = [];
  answer: (socket: Socket, request: string) => void = (socket) => void socket.write(OK);
  readonly #server: Server = createServer((socket) => {
    this.sockets.push(socket);
    socket.on("error", () => {});
    socket.on("data", (bytes: Buffer) => {
      this.requests.push(bytes.toString());
      this.answer(socket, bytes.toString());
    });
  });

  static async start(): Promise<Scene> {
    const scene = new Scene();
    scene.#server.listen(0, "127.0.0.1");
    await once(scene.#server, "listening");
    return scene;
  }

  connections(connectionsMax = 10): PlainConnections {
    const peer = { isTls: false, hostname: "127.0.0.1", port: (this.#server.address() as AddressInfo).port };
    return new PlainConnections(peer, { clock: this.clock, connectionsMax });
  }

  /** Once so many requests have come. */
  async came(count: number): Promise<void> {
    while (this.requests.length < count) await new Promise(setImmediate);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

const ask = async (connections: PlainConnections, text = "a", signal?: AbortSignal) =>
  (await connections.exchange(`GET /${text} HTTP/1.1\r\nhost: b\r\n\r\n`, signal)).text;

describe("connections for plain requests", LIMIT, () => {
  test("one that was answered is used again, and beside one that was not there is another", async () => {
    await using scene = await Scene.start();
    const connections = scene.connections();
    for (let times = 0; times < 3; times += 1) assert.equal(await ask(connections), "ok");
    assert.equal(scene.sockets.length, 1);
    await Promise.all([ask(connections), ask(connections)]);
    assert.equal(scene.sockets.length, 2);
    connections.destroy();
  });

  test("there are no more than allowed, and requests wait for them in their order", async () => {
    await using scene = await Scene.start();
    const connections = scene.connections(2);
    const done: string[] = [];
    scene.answer = () => {};
    const asked = ["a", "b", "c", "d"].map(async (name) => done.push(`${name} ${await ask(connections, name)}`));
    await scene.came(2);
    scene.answer = (socket) => void socket.write(OK);
    for (const socket of scene.sockets) socket.write(OK);
    await Promise.all(asked);
    assert.deepEqual(done.toSorted(), ["a ok", "b ok", "c ok", "d ok"]);
    assert.deepEqual(
      scene.requests.slice(2).map((request) => request.slice(5, 6)),
      ["c", "d"],
    );
    assert.equal(scene.sockets.length, 2);
    connections.destroy();
  });

  test("one that the server closes is not used again, nor one that it is about to close", async () => {
    await using scene = await Scene.start();
    const connections = scene.connections();
    await ask(connections);
    // It is closed here when the other end has seen that it was ended, and has ended it as well.
    scene.sockets[0]?.end();
    await once(scene.sockets[0] as Socket, "close");
    assert.equal(await ask(connections), "ok");
    assert.equal(scene.sockets.length, 2);
    scene.answer = (socket) => void socket.write("HTTP/1.1 200 OK\r\nkeep-alive: timeout=5\r\ncontent-length: 2\r\n\r\nok");
    await ask(connections);
    scene.clock.advance(3999);
    await ask(connections);
    assert.equal(scene.sockets.length, 2);
    scene.clock.advance(4000);
    await ask(connections);
    assert.equal(scene.sockets.length, 3);
    connections.destroy();
  });

  test("a request whose connection ends before the answer has failed, and the next one has not", async () => {
    await using scene = await Scene.start();
    const connections = scene.connections(1);
    scene.answer = (socket) => void socket.end("HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nok");
    const asked = [ask(connections), ask(connections)];
    await Promise.all(asked.map(async (each) => await assert.rejects(each, /closed before the answer/)));
    scene.answer = (socket) => void socket.resetAndDestroy();
    await assert.rejects(ask(connections), { code: "ECONNRESET" });
    scene.answer = (socket) => void socket.end("HTTP/1.1 200 OK\r\n\r\nto the end");
    assert.equal(await ask(connections), "to the end");
    scene.answer = (socket) => void socket.write(OK);
    assert.equal(await ask(connections), "ok");
    connections.destroy();
  });

  test("an answer that goes on, or was not asked for, ends its connection: nobody takes it for the next one's", async () => {
    await using scene = await Scene.start();
    const connections = scene.connections(1);
    scene.answer = (socket) => void socket.write(`${OK}HTTP/1.1 403 No\r\ncontent-length: 0\r\n\r\n`);
    await assert.rejects(ask(connections), /goes on/);
    scene.answer = (socket) => void socket.write(OK);
    await ask(connections);
    scene.sockets.at(-1)?.write("HTTP/1.1 403 No\r\ncontent-length: 0\r\n\r\n");
    await once(scene.sockets.at(-1) as Socket, "close");
    assert.equal(await ask(connections), "ok");
    assert.equal(scene.sockets.length, 3);
    connections.destroy();
  });

  test("a request that is given up ends at once, with its connection, and one that waits ends without", async () => {
    await using scene = await Scene.start();
    const connections = scene.connections(1);
    scene.answer = () => {};
    const [first, second] = [new AbortController(), new AbortController()];
    const asked = [ask(connections, "a", first.signal), ask(connections, "b", second.signal), ask(connections, "c")];
    await scene.came(1);
    second.abort(new Error("enough of b"));
    await assert.rejects(asked[1] as Promise<string>, /enough of b/);
    scene.answer = (socket) => void socket.write(OK);
    first.abort(new Error("enough of a"));
    await assert.rejects(asked[0] as Promise<string>, /enough of a/);
    assert.equal(await asked[2], "ok");
    assert.deepEqual(
      scene.requests.map((request) => request.slice(5, 6)),
      ["a", "c"],
    );
    await assert.rejects(ask(connections, "d", first.signal), /enough of a/);
    connections.destroy();
  });

  test("when they are ended, so is what is under way and what waits", async () => {
    await using scene = await Scene.start();
    const connections = scene.connections(1);
    scene.answer = () => {};
    const asked = [ask(connections), ask(connections)];
    await scene.came(1);
    connections.destroy();
    await Promise.all(asked.map(async (each) => await assert.rejects(each, Error)));
    assert.equal(scene.requests.length, 1);
  });

  test("a server that is not there is an error, of each request", async () => {
    const peer = { isTls: false, hostname: "127.0.0.1", port: 1 };
    const connections = new PlainConnections(peer, { clock: manualClock(), connectionsMax: 1 });
    const asked = [ask(connections), ask(connections)];
    await Promise.all(asked.map(async (each) => await assert.rejects(each, { code: "ECONNREFUSED" })));
  });
});
