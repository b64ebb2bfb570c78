import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";
import { manualClock } from "../../../kernel/clock.ts";
import { httpSender, type Lookup } from "./http-sender.ts";
import { Reachable } from "./reachable.ts";

const NEAR = new Reachable(["127.0.0.1"]);

interface Server {
  readonly port: number;
  readonly requests: () => number;
}

async function serverOf(t: TestContext, answer: RequestListener): Promise<Server> {
  let requests = 0;
  const server = createServer((request, response) => {
    requests += 1;
    answer(request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return { port: (server.address() as AddressInfo).port, requests: () => requests };
}

/** Every name means these addresses, in turn. */
function names(...answers: string[][]): Lookup {
  let asked = 0;
  return (_name, _options, done) => {
    const addresses = answers[Math.min(asked, answers.length - 1)] ?? [];
    asked += 1;
    done(
      null,
      addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
    );
  };
}

function senderOf(t: TestContext, options: { reachable?: Reachable; resolve?: Lookup } = {}) {
  const clock = manualClock();
  const sender = httpSender({ reachable: NEAR, clock, ...options });
  t.after(() => sender.close());
  return { clock, send: (url: string, body = "body") => sender.send({ url, headers: { "x-name": "value" }, body }) };
}

test("a message is posted with its headers, and the status told", async (t) => {
  let seen = "";
  const { port } = await serverOf(t, (request, response) => {
    request.setEncoding("utf8").on("data", (chunk: string) => (seen += chunk));
    request.on("end", () => {
      seen = `${request.method} ${request.url} ${String(request.headers["x-name"])} ${request.headers["content-length"]} ${seen}`;
      response.writeHead(204).end();
    });
  });
  const { send } = senderOf(t);
  assert.deepEqual(await send(`http://127.0.0.1:${port}/path?query`, "h\u00e9"), { status: 204 });
  assert.equal(seen, "POST /path?query value 3 h\u00e9");
});

test("an address that may not be reached is not connected to, however it is written", async (t) => {
  const { port, requests } = await serverOf(t, (_request, response) => response.end());
  const { send } = senderOf(t, { reachable: new Reachable([]) });
  const hosts = [
    "127.0.0.1",
    "0177.0.0.1",
    "0x7f.1",
    "2130706433",
    "127.1",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "0",
    "user@127.0.0.1",
  ];
  for (const host of [...hosts, "169.254.169.254", "10.0.0.1", "[fd00:ec2::254]", "\uff11\uff12\uff17.0.0.1"]) {
    const answer = await send(`http://${host}:${port}/`);
    assert.equal("failure" in answer && answer.failure, "forbidden", host);
  }
  assert.equal(requests(), 0);
});

test("a name that means an address that may not be reached is not connected to", async (t) => {
  const { port, requests } = await serverOf(t, (_request, response) => response.end());
  const { send } = senderOf(t, { reachable: new Reachable([]), resolve: names(["127.0.0.1"], ["10.0.0.1", "::1"]) });
  for (let time = 0; time < 2; time += 1) {
    const answer = await send(`http://subscriber.example:${port}/`);
    assert.deepEqual("failure" in answer && [answer.failure, answer.reason], [
      "forbidden",
      "subscriber.example means no address that may be reached",
    ]);
  }
  assert.equal(requests(), 0);
});

test("it is connected to the address that was judged, whatever the name means a moment later", async (t) => {
  const { port, requests } = await serverOf(t, (_request, response) => response.end());
  // Asked once more it would mean an address that may not be reached; of several addresses only the good ones are tried.
  const { send } = senderOf(t, { resolve: names(["10.0.0.1", "127.0.0.1"], ["10.0.0.1"]) });
  assert.deepEqual(await send(`http://subscriber.example:${port}/`), { status: 200 });
  assert.equal(requests(), 1);
});

test("a redirect is an answer and is not followed", async (t) => {
  const other = await serverOf(t, (_request, response) => response.end());
  const { port } = await serverOf(t, (_request, response) =>
    response.writeHead(307, { location: `http://127.0.0.1:${other.port}/` }).end(),
  );
  assert.deepEqual(await senderOf(t).send(`http://127.0.0.1:${port}/`), { status: 307 });
  assert.equal(other.requests(), 0);
});

test("an endpoint that does not answer in fifteen seconds has failed", async (t) => {
  const reached = Promise.withResolvers<void>();
  const { port } = await serverOf(t, () => reached.resolve());
  const { clock, send } = senderOf(t);
  const answer = send(`http://127.0.0.1:${port}/`);
  await reached.promise;
  clock.advance(14_999);
  clock.advance(1);
  assert.deepEqual(await answer, { failure: "timeout", reason: "no answer in time" });
});

test("of an answer no more than 64 KiB is read", async (t) => {
  const cut = Promise.withResolvers<void>();
  const { port } = await serverOf(t, (_request, response) => {
    response.on("close", () => cut.resolve());
    const pour = (): void => {
      while (response.write("x".repeat(10_000)));
      response.once("drain", pour);
    };
    pour();
  });
  assert.deepEqual(await senderOf(t).send(`http://127.0.0.1:${port}/`), { status: 200 });
  await cut.promise;
});

test("a connection that is refused has failed", async (t) => {
  const { port } = await serverOf(t, (request) => request.socket.destroy());
  const answer = await senderOf(t).send(`http://127.0.0.1:${port}/`);
  assert.equal("failure" in answer && answer.failure, "connection");
});
