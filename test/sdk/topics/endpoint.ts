import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";

/** What an endpoint was sent. */
export interface Posted {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A subscriber that keeps what it is sent. */
export interface Endpoint {
  readonly url: string;
  /** The next request that has not been looked at; waits for it. */
  readonly next: () => Promise<Posted>;
  /** The same as JSON. */
  readonly nextMessage: () => Promise<Readonly<Record<string, string>>>;
  /** How many requests nobody has looked at. */
  readonly waiting: () => number;
  /** What it answers from now on. */
  readonly answer: (how: (response: ServerResponse) => void) => void;
}

/** Starts a subscriber on this machine, which ends with the test. */
export async function endpoint(t: TestContext): Promise<Endpoint> {
  const posted: Posted[] = [];
  const asked: ((one: Posted) => void)[] = [];
  let how = (response: ServerResponse): void => void response.end();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const one = { headers: request.headers, body: Buffer.concat(chunks).toString() };
      const waiting = asked.shift();
      if (waiting === undefined) posted.push(one);
      else waiting(one);
      how(response);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const next = () => {
    const one = posted.shift();
    return one === undefined ? new Promise<Posted>((resolve) => asked.push(resolve)) : Promise.resolve(one);
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/notify`,
    next,
    async nextMessage() {
      const message: unknown = JSON.parse((await next()).body);
      assert.ok(typeof message === "object" && message !== null);
      return message as Readonly<Record<string, string>>;
    },
    waiting: () => posted.length,
    answer: (other) => (how = other),
  };
}
