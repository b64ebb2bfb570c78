import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { GetQueueUrlCommand, SQSClient } from "@aws-sdk/client-sqs";
import { manualClock } from "../../../src/kernel/clock.ts";
import { silentLogger } from "../../../src/kernel/logger.ts";
import { seededRandom } from "../../../src/kernel/random.ts";
import { ServiceError } from "../../../src/kernel/service-error.ts";
import { configWith } from "../../../src/server/config.ts";
import { startServer } from "../../../src/server/server.ts";
import { queuesApi } from "../../../src/services/queues/api.ts";
import { queueDoesNotExist } from "../../../src/services/queues/rules/errors.ts";
import { jsonError } from "../../../src/wire/envelopes.ts";
import { bodyOf, type HttpRequest, type HttpResponse } from "../../../src/wire/http.ts";
import { covers } from "../../contract/covers.ts";

const JSON_HEADERS = { "content-type": "application/x-amz-json-1.0", "x-amz-target": "AmazonSQS.SendMessage" };
const FORM_HEADERS = { "content-type": "application/x-www-form-urlencoded" };

function post(headers: Record<string, string>, body: string): HttpRequest {
  const all = { host: "localhost", ...headers };
  const signal = new AbortController().signal;
  return {
    method: "POST",
    target: "/",
    rawHeaders: Object.entries(all).flat(),
    headers: all,
    body: bodyOf(body),
    remoteAddress: "::1",
    signal,
  };
}

function textOf({ body }: HttpResponse): string {
  assert.ok(typeof body === "string");
  return body;
}

const inJson = () => post(JSON_HEADERS, '{"QueueUrl":"orders","MessageBody":"b"}');
const inQuery = () => post(FORM_HEADERS, "Action=SendMessage&QueueUrl=orders&MessageBody=b");

test("a fault of ours is an InternalFailure of the receiver, and tells nothing of the inside", async () => {
  covers("sqs/2-internal-failure", "sqs/1.1-error-header");
  let failing = false;
  let draws = 0;
  // The first draw of a request is its id, the second the message's.
  const broken = {
    ...seededRandom(1),
    uuid: () => {
      draws += 1;
      if (failing && draws % 2 === 0) throw new Error("a secret of the inside");
      return "00000000-0000-4000-8000-000000000000";
    },
  };
  const server = await startServer(configWith({ port: 0, memory: true }), { clock: manualClock(), random: broken, logger: silentLogger });
  try {
    await server.handle(post(FORM_HEADERS, "Action=CreateQueue&QueueName=orders"));
    [failing, draws] = [true, 0];
    const json = await server.handle(inJson());
    assert.deepEqual([json.status, json.headers["x-amzn-query-error"]], [500, "InternalFailure;Receiver"]);
    assert.match(textOf(json), /"__type":"com\.amazon\.coral\.service#InternalFailure"/);
    const query = await server.handle(inQuery());
    assert.equal(query.status, 500);
    assert.match(textOf(query), /<Type>Receiver<\/Type><Code>InternalFailure<\/Code>/);
    for (const answer of [json, query]) assert.doesNotMatch(textOf(answer), /secret/);
  } finally {
    await server.stop();
  }
});

test("a server that is stopping is a ServiceUnavailable of the receiver", async () => {
  covers("sqs/2-service-unavailable");
  const server = await startServer(configWith({ port: 0, memory: true }), { clock: manualClock(), logger: silentLogger });
  await server.stop();
  const json = await server.handle(inJson());
  assert.deepEqual([json.status, json.headers["x-amzn-query-error"]], [503, "ServiceUnavailable;Receiver"]);
  const query = await server.handle(inQuery());
  assert.deepEqual([query.status, /<Code>(\w+)</.exec(textOf(query))?.[1]], [503, "ServiceUnavailable"]);
});

/** Asks the SDK once while the server answers with the error first and well afterwards. */
async function requestsUntilAnswered(error: ServiceError): Promise<{ requests: number; failure: unknown }> {
  let requests = 0;
  const stub = createServer((request, response) => {
    request.resume();
    requests += 1;
    if (requests > 1) response.writeHead(200, { "content-type": "application/x-amz-json-1.0" }).end("{}");
    else {
      const { status, headers, body } = jsonError(error, queuesApi({} as never), "r");
      response.writeHead(status, headers).end(body);
    }
  }).listen(0, "127.0.0.1");
  await once(stub, "listening");
  const endpoint = `http://127.0.0.1:${(stub.address() as AddressInfo).port}`;
  const client = new SQSClient({ endpoint, region: "us-east-1", credentials: { accessKeyId: "t", secretAccessKey: "t" }, maxAttempts: 2 });
  try {
    await client.send(new GetQueueUrlCommand({ QueueName: "orders" }));
    return { requests, failure: undefined };
  } catch (failure) {
    return { requests, failure };
  } finally {
    client.destroy();
    stub.close();
  }
}

test("the SDK asks again after a fault of ours and after throttling, and after no other refusal", async () => {
  covers("sqs/2-sdk-retries", "sqs/2-throttling", "sqs/1.1-both-codes");
  const namespace = "com.amazon.coral.service";
  const fault = { fault: "server", namespace, message: "m" } as const;
  const again = [
    new ServiceError({ code: "InternalFailure", httpStatus: 500, ...fault }),
    new ServiceError({ code: "ServiceUnavailable", httpStatus: 503, ...fault }),
    new ServiceError({ code: "ThrottlingException", queryCode: "Throttling", httpStatus: 400, fault: "client", namespace, message: "m" }),
  ];
  for (const error of again) assert.deepEqual(await requestsUntilAnswered(error), { requests: 2, failure: undefined }, error.code);
  const { requests, failure } = await requestsUntilAnswered(queueDoesNotExist());
  assert.equal(requests, 1);
  const { name, Code } = failure as { name: string; Code: string };
  assert.deepEqual([name, Code], ["QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue"]);
});
