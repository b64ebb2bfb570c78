import assert from "node:assert/strict";
import * as sdk from "@aws-sdk/client-sqs";
import type { ManualClock } from "../../src/kernel/clock.ts";
import { startTestServer } from "../../src/testing/index.ts";
import { jsonProtocol, queryProtocol, type Actions, type Protocol } from "../sdk/queues/protocols.ts";
import { formOf } from "../sdk/queues/query-protocol.ts";
import { ANY, FIRST_HANDLE, HANDLE, type Asked, type RecordedCase, type Refusal } from "./case.ts";

/** One way to put a case to the server, and to read all that its refusal says. */
export interface Way {
  readonly name: string;
  connect(endpoint: string): Protocol;
  /** Checks the whole refusal: status, headers and body. */
  refused(endpoint: string, asked: Asked, expected: Refusal): Promise<void>;
}

/** Bytes as the JSON protocol puts them on the wire. */
const jsonBytes: Way = {
  name: "JSON",
  connect: jsonProtocol,
  async refused(endpoint, [action, input], { type, code, status, message }) {
    const headers = { "content-type": "application/x-amz-json-1.0", "x-amz-target": `AmazonSQS.${action}` };
    const response = await fetch(endpoint, { method: "POST", headers, body: JSON.stringify(input) });
    assert.deepEqual(await response.json(), { __type: type, message });
    assert.equal(response.status, status);
    assert.equal(response.headers.get("x-amzn-query-error"), `${code};Sender`);
    assert.equal(response.headers.get("content-type"), "application/x-amz-json-1.0");
    assert.match(response.headers.get("x-amzn-requestid") ?? "", /^[0-9a-f-]{36}$/);
  },
};

const queryBytes: Way = {
  name: "Query",
  connect: queryProtocol,
  async refused(endpoint, [action, input], { code, status, message, queryMessage = message }) {
    const response = await fetch(endpoint, { method: "POST", body: formOf(action, input) });
    const xml = (await response.text()).replace(/<RequestId>[0-9a-f-]{36}<\/RequestId>/, "<RequestId/>");
    assert.equal(
      xml,
      '<?xml version="1.0"?><ErrorResponse xmlns="http://queue.amazonaws.com/doc/2012-11-05/"><Error>' +
        `<Type>Sender</Type><Code>${code}</Code><Message>${escaped(queryMessage)}</Message><Detail/></Error><RequestId/></ErrorResponse>`,
    );
    assert.equal(response.status, status);
    assert.equal(response.headers.get("content-type"), "text/xml");
  },
};

/** What a program catches: an exception of the shape's class, with the code of the Query protocol in it. */
const throughSdk: Way = {
  name: "SDK",
  connect: jsonProtocol,
  async refused(endpoint, [action, input], { type, code, status, message }) {
    const client = new sdk.SQSClient({ endpoint, region: "us-east-1", credentials: { accessKeyId: "t", secretAccessKey: "t" }, maxAttempts: 1 });
    // A table of constructors with inputs of their own; `Asked` says which belongs to which.
    const Command = (sdk as unknown as Record<string, new (input: unknown) => sdk.ListQueuesCommand>)[`${action}Command`];
    assert.ok(Command !== undefined);
    try {
      const failure: unknown = await client.send(new Command(input)).catch((reason: unknown) => reason);
      assert.ok(failure instanceof sdk.SQSServiceException, String(failure));
      const shape = type.slice(type.indexOf("#") + 1);
      const Class = (sdk as unknown as Record<string, typeof sdk.SQSServiceException | undefined>)[shape];
      if (Class !== undefined) assert.ok(failure instanceof Class, `${failure.name} is no ${shape}`);
      assert.equal((failure as unknown as { Code: string }).Code, code);
      assert.equal(failure.message, message);
      assert.equal(failure.$metadata.httpStatusCode, status);
    } finally {
      client.destroy();
    }
  },
};

export const WAYS: readonly Way[] = [jsonBytes, queryBytes, throughSdk];

/** Puts a case to a server of its own. */
export async function hold(given: RecordedCase, way: Way): Promise<void> {
  await using server = await startTestServer({ coolDown: true });
  const protocol = way.connect(server.endpoint);
  try {
    const { asked, refused } = await prepared(given, { protocol, clock: server.clock });
    if (refused !== undefined) await way.refused(server.endpoint, asked, refused);
    else assert.deepEqual(comparable(await protocol.call(...(asked as never as Parameters<Protocol["call"]>)), given.answer), given.answer);
  } finally {
    protocol.close();
  }
}

/** Does what came before, and fills in what the request cannot know. */
async function prepared(
  given: RecordedCase,
  { protocol, clock }: { protocol: Protocol; clock: ManualClock },
): Promise<{ asked: Asked; refused: Refusal | undefined }> {
  const { QueueUrl } = given.queue === undefined ? {} : await protocol.call("CreateQueue", { QueueName: nameOf(given), Attributes: given.queue });
  const handles: string[] = [];
  const words = () => ({ [HANDLE]: handles.at(-1), [FIRST_HANDLE]: handles[0] });
  const complete = ([action, input]: Asked): Asked => {
    const withQueue = QueueUrl === undefined || WITHOUT_QUEUE.has(action) || "QueueUrl" in input ? input : { QueueUrl, ...input };
    return [action, filledIn(withQueue, words()) as Asked[1]];
  };
  for (const step of given.given ?? []) {
    if (typeof step === "number") clock.advance(step);
    else {
      const answer = (await protocol.call(...(complete(step) as never as Parameters<Protocol["call"]>))) as {
        Messages?: { ReceiptHandle: string }[];
      };
      handles.push(...(answer.Messages ?? []).map(({ ReceiptHandle }) => ReceiptHandle));
    }
  }
  return { asked: complete(given.ask), refused: filledIn(given.refused, words()) as Refusal | undefined };
}

function nameOf({ queue }: RecordedCase): string {
  return queue?.["FifoQueue"] === undefined ? "orders" : "orders.fifo";
}

const WITHOUT_QUEUE: ReadonlySet<keyof Actions> = new Set([
  "CreateQueue",
  "ListQueues",
  "GetQueueUrl",
  "StartMessageMoveTask",
  "CancelMessageMoveTask",
  "ListMessageMoveTasks",
]);

/** A value with words in it in the place of their names. */
export function filledIn(value: unknown, words: Readonly<Record<string, string | undefined>>): unknown {
  if (typeof value === "string") return Object.entries(words).reduce((text, [word, handle]) => text.replaceAll(word, handle ?? word), value);
  if (Array.isArray(value)) return value.map((item) => filledIn(item, words));
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, filledIn(item, words)]));
}

/** The answer with `ANY` wherever the expected one has it, and as what it says where a text of JSON is expected so. */
export function comparable(answer: unknown, expected: unknown): unknown {
  if (expected === ANY) return answer === undefined ? undefined : ANY;
  if (typeof answer === "string" && typeof expected === "object") return comparable(JSON.parse(answer), expected);
  if (Array.isArray(answer)) return answer.map((item, index) => comparable(item, (expected as unknown[] | undefined)?.[index]));
  if (typeof answer !== "object" || answer === null || answer instanceof Uint8Array) return answer;
  return Object.fromEntries(
    Object.entries(answer).map(([name, item]) => [name, comparable(item, (expected as Record<string, unknown> | undefined)?.[name])]),
  );
}

export function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
