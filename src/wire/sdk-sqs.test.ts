import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import * as SQS from "@aws-sdk/client-sqs";
import { ServiceError } from "../kernel/service-error.ts";
import type { Action, Api } from "./api.ts";
import { compileApi, identify, type RpcProtocol } from "./protocols.ts";
import { parseQuery } from "./query-parameters.ts";
import { ACCOUNT, plain, Wire } from "./sdk.fixture.ts";
import { blob, boolean, integer, list, map, nothing, type Operation, operation, optional, required, string, structure } from "./shapes.ts";

const asAttribute = { flattened: true, keyName: "Name", valueName: "Value" };
const attribute = structure({
  DataType: required(string),
  StringValue: string,
  BinaryValue: blob,
  StringListValues: optional(list(string, { flattened: true }), { wireName: "StringListValue" }),
});
const attributes = optional(map(attribute, asAttribute), { wireName: "MessageAttribute" });
const entry = structure({ Id: required(string), MessageBody: required(string), DelaySeconds: integer, MessageAttributes: attributes });
const batch = operation("SendMessageBatch", {
  input: structure({
    QueueUrl: required(string),
    Entries: required(list(entry, { flattened: true }), { wireName: "SendMessageBatchRequestEntry" }),
  }),
  output: structure({
    Successful: required(
      list(structure({ Id: required(string), MessageId: required(string), MD5OfMessageBody: required(string) }), { flattened: true }),
      {
        wireName: "SendMessageBatchResultEntry",
      },
    ),
    Failed: required(
      list(structure({ Id: required(string), SenderFault: required(boolean), Code: required(string) }), { flattened: true }),
      {
        wireName: "BatchResultErrorEntry",
      },
    ),
  }),
});
const message = structure({
  MessageId: string,
  Body: string,
  Attributes: optional(map(string, asAttribute), { wireName: "Attribute" }),
  MessageAttributes: attributes,
});
const receive = operation("ReceiveMessage", {
  input: structure({
    QueueUrl: required(string),
    AttributeNames: optional(list(string, { flattened: true }), { wireName: "AttributeName" }),
    MessageAttributeNames: optional(list(string, { flattened: true }), { wireName: "MessageAttributeName" }),
    MaxNumberOfMessages: integer,
  }),
  output: structure({ Messages: optional(list(message, { flattened: true }), { wireName: "Message" }) }),
});
const create = operation("CreateQueue", {
  input: structure({
    QueueName: required(string),
    Attributes: optional(map(string, asAttribute), { wireName: "Attribute" }),
    tags: optional(map(string, { flattened: true, keyName: "Key", valueName: "Value" }), { wireName: "Tag" }),
  }),
  output: structure({ QueueUrl: string }),
});
const purge = operation("PurgeQueue", { input: structure({ QueueUrl: required(string) }), output: nothing });

function answering<T extends Operation>(operation: T): Action<T> {
  return { operation, handle: () => Promise.reject(new Error("no handler is called here")) };
}

function bug(): never {
  throw new Error("this request fits its shape");
}

const api: Api = {
  service: "queues",
  signingName: "sqs",
  jsonTarget: "AmazonSQS",
  errorNamespace: "com.amazonaws.sqs",
  query: { version: "2012-11-05", xmlNamespace: "http://queue.amazonaws.com/doc/2012-11-05/" },
  actions: {
    SendMessageBatch: answering(batch),
    ReceiveMessage: answering(receive),
    CreateQueue: answering(create),
    PurgeQueue: answering(purge),
  },
  notOffered: [],
  errors: { missingParameter: bug, malformedInput: bug, unknownAction: bug, notOffered: bug },
};
const queues = compileApi(api);

/** The Query protocol as the SDK speaks it to services that have nothing newer. */
const { AwsQueryProtocol } = createRequire(createRequire(import.meta.url).resolve("@aws-sdk/client-sqs"))("@aws-sdk/core/protocols");

/** @param reply what the service answers; an error is thrown. */
function sqsClient(protocol: RpcProtocol, reply: () => unknown) {
  const received: { action?: string; input?: unknown } = {};
  const wire = new Wire((sent) => {
    const identified = identify({ method: sent.method, target: sent.path, headers: sent.headers });
    assert.equal(identified.protocol, protocol);
    const body = Buffer.from(sent.body);
    const action = identified.protocol === "json" ? identified.target?.action : parseQuery(body).get("Action");
    assert.ok(action);
    received.action = action;
    received.input = queues.decode(action, protocol, { body });
    try {
      return queues.encode(action, protocol, { output: reply(), requestId: "the-request" });
    } catch (failure) {
      if (!(failure instanceof ServiceError)) throw failure;
      return queues.error(failure, protocol, "the-request");
    }
  });
  const query = {
    protocol: AwsQueryProtocol,
    protocolSettings: { defaultNamespace: "com.amazonaws.sqs", version: "2012-11-05", xmlNamespace: api.query?.xmlNamespace },
  };
  const client = new SQS.SQSClient({ ...ACCOUNT, requestHandler: wire, md5: false, ...(protocol === "query" ? query : {}) });
  return { client, received };
}

const QueueUrl = "http://127.0.0.1:1/000000000000/q";
const TEXT = `<a href="x">é & 😀</a>\r\n%+=\t'`;

for (const protocol of ["json", "query"] as const) {
  test(`${protocol}: nested structures, maps and bytes of the AWS SDK arrive as they were given`, async () => {
    const reply = {
      Successful: [{ Id: "a", MessageId: "m", MD5OfMessageBody: "0" }],
      Failed: [{ Id: "b", SenderFault: true, Code: "InvalidParameterValue" }],
    };
    const { client, received } = sqsClient(protocol, () => reply);
    const input = {
      QueueUrl,
      Entries: [
        {
          Id: "a",
          MessageBody: TEXT,
          DelaySeconds: 0,
          MessageAttributes: { [TEXT]: { DataType: "Binary", BinaryValue: Buffer.from([0, 255]) } },
        },
        {
          Id: "b",
          MessageBody: "{}",
          MessageAttributes: { one: { DataType: "String", StringValue: "" }, two: { DataType: "Number", StringValue: "-1" } },
        },
      ],
    };
    const { Successful, Failed, $metadata } = await client.send(new SQS.SendMessageBatchCommand(input));
    assert.equal(received.action, "SendMessageBatch");
    assert.deepEqual(plain(received.input), plain(input));
    assert.deepEqual({ Successful, Failed }, reply);
    assert.equal($metadata.requestId, "the-request");
  });

  test(`${protocol}: messages reach the AWS SDK as they were given`, async () => {
    const reply = {
      Messages: [
        {
          MessageId: "m",
          Body: TEXT,
          Attributes: { SenderId: "1" },
          MessageAttributes: { k: { DataType: "Binary", BinaryValue: Buffer.from([1, 2]) } },
        },
      ],
    };
    const { client, received } = sqsClient(protocol, () => reply);
    const input = { QueueUrl, AttributeNames: ["All" as const], MessageAttributeNames: [".*", "b"], MaxNumberOfMessages: 10 };
    const { Messages } = await client.send(new SQS.ReceiveMessageCommand(input));
    assert.deepEqual(received.input, input);
    assert.deepEqual(plain(Messages), plain(reply.Messages));
  });

  test(`${protocol}: attributes and tags arrive, and empty answers are understood`, async () => {
    const { client, received } = sqsClient(protocol, () => ({}));
    const input = { QueueName: "q", Attributes: { DelaySeconds: "5", Policy: "{}" }, tags: { "a b": "c" } };
    assert.equal((await client.send(new SQS.CreateQueueCommand(input))).QueueUrl, undefined);
    assert.deepEqual(plain(received.input), plain(input));
    assert.equal((await client.send(new SQS.PurgeQueueCommand({ QueueUrl }))).$metadata.httpStatusCode, 200);
    assert.equal((await client.send(new SQS.ReceiveMessageCommand({ QueueUrl }))).Messages, undefined);
  });
}

test("json: the AWS SDK makes its exception of an error, with the code of the Query protocol beside", async () => {
  const { client } = sqsClient("json", () => {
    throw new ServiceError({
      code: "QueueDoesNotExist",
      queryCode: "AWS.SimpleQueueService.NonExistentQueue",
      message: "The specified queue does not exist.",
      httpStatus: 400,
      fault: "client",
    });
  });
  await assert.rejects(client.send(new SQS.PurgeQueueCommand({ QueueUrl })), (failure) => {
    assert.ok(failure instanceof SQS.QueueDoesNotExist);
    assert.equal(failure.message, "The specified queue does not exist.");
    assert.equal((failure as unknown as Record<string, unknown>)["Code"], "AWS.SimpleQueueService.NonExistentQueue");
    assert.equal(failure.$metadata.requestId, "the-request");
    return true;
  });
});
