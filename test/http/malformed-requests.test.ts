import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { describe, test } from "node:test";
import { startTestServer } from "../../src/testing/index.ts";
import { MALFORMED_REQUESTS } from "./malformed-requests.ts";

/** All that is answered until the server closes the connection. */
async function exchange(endpoint: string, bytes: string): Promise<string> {
  const socket = connect(Number(new URL(endpoint).port), "127.0.0.1");
  let answer = "";
  socket.on("data", (chunk: Buffer) => (answer += chunk.toString("latin1")));
  // What follows a refused head finds the connection closed.
  socket.on("error", () => {});
  socket.write(Buffer.from(bytes, "latin1"));
  await once(socket, "close");
  return answer;
}

async function queues(endpoint: string): Promise<unknown> {
  const headers = { "content-type": "application/x-amz-json-1.0", "x-amz-target": "AmazonSQS.ListQueues" };
  return (await fetch(endpoint, { method: "POST", headers, body: "{}" })).json();
}

describe("a malformed request is refused, its connection closed, and nothing is read out of it", () => {
  for (const { what, bytes, status } of MALFORMED_REQUESTS)
    test(what, { timeout: 20_000 }, async () => {
      await using server = await startTestServer();
      const answer = await exchange(server.endpoint, bytes);
      const statuses = [...answer.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, code]) => Number(code));
      assert.deepEqual(statuses, status === undefined ? [] : [status]);
      assert.deepEqual(await queues(server.endpoint), {});
    });
});
