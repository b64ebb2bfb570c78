/** The real server among connections behind which nobody is any more, who never said so. Usage: node half-open.ts */
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { holds, Subject } from "../disk/subject.ts";

const EACH = 50;
const MESSAGES = 200;
const VISIBILITY_SECONDS = 1;
const DRAIN_MS_MAX = 10_000;
/** What `millrace serve` gives requests to end. */
const STOP_MS_MAX = 11_000;

const data = mkdtempSync(join(tmpdir(), "millrace-misfortune-"));
const server = await Subject.start(data);
const client = server.client();
await client.createQueue();

/** Connections whose other end does nothing but what is written here. */
async function silent(count: number, text: string): Promise<Socket[]> {
  const sockets = Array.from({ length: count }, () => connect(server.port, "127.0.0.1"));
  for (const socket of sockets) {
    socket.on("error", () => {}); // The server may let go of it.
    socket.pause();
    await once(socket, "connect");
    socket.write(text);
  }
  return sockets;
}

const wait = JSON.stringify({
  QueueUrl: `http://127.0.0.1:${server.port}/000000000000/jobs`,
  WaitTimeSeconds: 20,
  VisibilityTimeout: VISIBILITY_SECONDS,
});
const head = `POST / HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nContent-Type: application/x-amz-json-1.0\r\nX-Amz-Target: AmazonSQS.ReceiveMessage\r\n`;
const whole = `${head}Content-Length: ${wait.length}\r\n\r\n${wait}`;
const [waits, left, ...others] = await Promise.all([
  silent(EACH, whole),
  silent(EACH, whole),
  silent(EACH, ""),
  silent(EACH, "POST / HTTP/1.1\r\nHost: 127"),
  silent(EACH, `${head}Content-Length: ${wait.length}\r\n\r\n${wait.slice(0, 20)}`),
]);
await pause(200);
// Of these the network says that nobody is there.
for (const socket of left) socket.resetAndDestroy();

const sent = Array.from({ length: MESSAGES }, (_, number) => `message ${number}`);
for (const body of sent) assert.equal(await client.send(body), 200);
const received = new Map<string, number>();
const begun = performance.now();
while (received.size < MESSAGES) {
  assert.ok(performance.now() - begun < DRAIN_MS_MAX, `${received.size} of ${MESSAGES} messages came`);
  const messages = await client.receive(30);
  for (const { Body } of messages) received.set(Body, (received.get(Body) ?? 0) + 1);
  if (messages.length > 0) await client.delete(messages);
}
assert.deepEqual([...received.keys()].sort(), sent.sort());
assert.ok([...received.values()].every((times) => times === 1));
holds(
  `${MESSAGES} messages were sent and received once each beside ${5 * EACH} dead connections; what was handed to one came back after its visibility timeout`,
);

const stopping = performance.now();
server.signal("SIGTERM");
assert.equal(await server.ended(), 0, server.errors);
const tookMs = performance.now() - stopping;
assert.ok(tookMs < STOP_MS_MAX, `${tookMs} ms`);
holds(`asked to stop it ended ${Math.round(tookMs)} ms later, with ${waits.length} of them still waiting`);
for (const socket of [...waits, ...others.flat()]) socket.destroy();
rmSync(data, { recursive: true });
