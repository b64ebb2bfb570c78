/**
 * The bare node:http server that answers late: a receive is held until something is sent to its queue, and nothing is kept.
 * What Node's HTTP and the clients of a bench take to wake so many, whatever is done for the messages.
 */
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { endWithParent } from "./parent.ts";

const HELD_BY_QUEUE = new Map<string, ServerResponse[]>();
/** As long as what Millrace answers beside the body. */
const BESIDE_BODY =
  '"MessageId":"00000000-0000-4000-8000-000000000000","ReceiptHandle":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","MD5OfBody":"00000000000000000000000000000000"';

function answer(response: ServerResponse, body: string): void {
  response.writeHead(200, {
    "content-type": "application/x-amz-json-1.0",
    "x-amzn-requestid": "00000000-0000-4000-8000-000000000000",
    "content-length": String(body.length),
  });
  response.end(body);
}

function take(target: string | undefined, asked: string, response: ServerResponse): void {
  const queue = /"QueueUrl":"([^"]*)"/.exec(asked)?.[1];
  if (queue === undefined) return void response.end(`millrace_requests_in_progress ${held() + 1}\n`);
  const waiting = HELD_BY_QUEUE.get(queue) ?? [];
  HELD_BY_QUEUE.set(queue, waiting);
  if (target === "AmazonSQS.ReceiveMessage") return void waiting.push(response);
  for (const [, body] of asked.matchAll(/"MessageBody":"([^"]*)"/g)) {
    const first = waiting.shift();
    if (first !== undefined) answer(first, `{"Messages":[{${BESIDE_BODY},"Body":"${body}"}]}`);
  }
  answer(response, '{"Successful":[]}');
}

function held(): number {
  let count = 0;
  for (const waiting of HELD_BY_QUEUE.values()) count += waiting.length;
  return count;
}

endWithParent();
const server = createServer({ keepAliveTimeout: 65_000 }, (request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => take(request.headers["x-amz-target"]?.toString(), Buffer.concat(chunks).toString("latin1"), response));
});
server.listen({ port: 0, host: "127.0.0.1", backlog: 4096 }, () =>
  console.log(JSON.stringify({ port: (server.address() as AddressInfo).port })),
);
