import assert from "node:assert/strict";
import { test } from "node:test";
import { ServiceError } from "../kernel/service-error.ts";
import type { Action, Api } from "./api.ts";
import { s3Error, unknownOperationPage } from "./envelopes.ts";
import type { HttpResponse } from "./http.ts";
import { compileApi, compileRestApi, identify } from "./protocols.ts";
import { parseQuery } from "./query-parameters.ts";
import { integer, nothing, type Operation, operation, optional, required, string, structure } from "./shapes.ts";
import { covers } from "../../test/contract/covers.ts";

function error(code: string, message: string, more: Partial<ServiceError["options"]> = {}): ServiceError {
  return new ServiceError({ code, message, httpStatus: 400, fault: "client", ...more });
}

const sendMessage = operation("SendMessage", {
  input: structure({ QueueUrl: required(string), MessageBody: required(string), DelaySeconds: integer }),
  output: structure({ MessageId: string, SequenceNumber: string }),
});
const createQueue = operation("CreateQueue", {
  input: structure({ QueueName: required(string) }),
  output: structure({ QueueUrl: string }),
});
const purgeQueue = operation("PurgeQueue", { input: structure({ QueueUrl: required(string) }), output: nothing });

function answering<T extends Operation>(operation: T): Action<T> {
  return { operation, handle: () => Promise.reject(new Error("no handler is called here")) };
}

const api: Api = {
  service: "queues",
  signingName: "sqs",
  jsonTarget: "AmazonSQS",
  errorNamespace: "com.amazonaws.sqs",
  query: { version: "2012-11-05", xmlNamespace: "http://queue.amazonaws.com/doc/2012-11-05/", errorDetail: true },
  actions: { SendMessage: answering(sendMessage), CreateQueue: answering(createQueue), PurgeQueue: answering(purgeQueue) },
  notOffered: ["AddPermission"],
  notOnResourcePath: ["CreateQueue"],
  errors: {
    missingParameter: (name) => error("Missing", name),
    malformedInput: (message) => error("Malformed", message),
    unknownAction: (name, onPath) => error("Unknown", `${name} ${onPath}`),
    notOffered: (name) => error("NotOffered", name),
  },
};
const compiled = compileApi(api);

function refuses(decode: () => unknown, code: string, message: RegExp): void {
  assert.throws(decode, (failure) => failure instanceof ServiceError && failure.code === code && message.test(failure.message));
}

function textOf({ body }: HttpResponse): string {
  assert.ok(typeof body === "string");
  return body;
}

const FORM = { "content-type": "application/x-www-form-urlencoded; charset=utf-8" };

test("a target or a JSON content type means AWS JSON", () => {
  covers("sqs/1-json-by-target", "sqs/1-json-by-content-type");
  const json = { "content-type": "application/x-amz-json-1.0" };
  const post = (headers: Record<string, string>) => identify({ method: "POST", target: "/000000000000/q", headers });
  assert.deepEqual(post({ ...json, "x-amz-target": "AmazonSQS.SendMessage" }), {
    protocol: "json",
    target: { service: "AmazonSQS", action: "SendMessage" },
  });
  assert.deepEqual(post({ "x-amz-target": "Some_2012.Version.Act" }), {
    protocol: "json",
    target: { service: "Some_2012.Version", action: "Act" },
  });
  assert.deepEqual(post(json), { protocol: "json" });
  assert.deepEqual(post({ ...json, "x-amz-target": "nothing" }), { protocol: "json" });
});

test("a form, or an action in the target, means Query", () => {
  covers("sqs/1-query-form", "sqs/1-query-get");
  assert.deepEqual(identify({ method: "POST", target: "/", headers: FORM }), { protocol: "query" });
  assert.deepEqual(identify({ method: "GET", target: "/000000000000/q?Version=1&Action=ReceiveMessage", headers: {} }), {
    protocol: "query",
  });
  assert.deepEqual(identify({ method: "POST", target: "/?Action=ListQueues", headers: {} }), { protocol: "query" });
});

test("a Query caller that prefers JSON gets the envelope as JSON", () => {
  covers("sqs/1.2-accept-json");
  const as = (accept: string) => identify({ method: "POST", target: "/", headers: { ...FORM, accept } }).protocol;
  assert.equal(as("application/json"), "query-json");
  assert.equal(as("application/json, text/xml"), "query-json");
  assert.equal(as("text/xml, application/json"), "query");
  assert.equal(as("*/*"), "query");
});

test("everything else is REST, and so is what is signed for S3, whatever its content type", () => {
  assert.deepEqual(identify({ method: "GET", target: "/000000000000/q", headers: { accept: "application/json" } }), {
    protocol: "rest-xml",
  });
  assert.deepEqual(identify({ method: "PUT", target: "/b/k", headers: {} }), { protocol: "rest-xml" });
  assert.deepEqual(identify({ method: "POST", target: "/b?delete", headers: { "content-type": "application/xml" } }), {
    protocol: "rest-xml",
  });
  const authorization = "AWS4-HMAC-SHA256 Credential=AK/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0";
  assert.deepEqual(identify({ method: "POST", target: "/b?delete", headers: { ...FORM, authorization } }), { protocol: "rest-xml" });
  const presigned = "/b/k?uploads&X-Amz-Credential=AK%2F20260101%2Fus-east-1%2Fs3%2Faws4_request";
  assert.deepEqual(identify({ method: "POST", target: presigned, headers: FORM }), { protocol: "rest-xml" });
  const sqs = authorization.replace("/s3/", "/sqs/");
  assert.deepEqual(identify({ method: "POST", target: "/", headers: { ...FORM, authorization: sqs } }), { protocol: "query" });
});

test("an action is decoded from either protocol into the same input", () => {
  const expected = { QueueUrl: "http://h/1/q", MessageBody: "a b", DelaySeconds: 5 };
  const json = Buffer.from(JSON.stringify(expected));
  const form = Buffer.from("Action=SendMessage&Version=2012-11-05&QueueUrl=http%3A%2F%2Fh%2F1%2Fq&MessageBody=a+b&DelaySeconds=5");
  assert.deepEqual(compiled.decode("SendMessage", "json", { body: json }), expected);
  assert.deepEqual(compiled.decode("SendMessage", "query", { body: form }), expected);
  assert.deepEqual(compiled.decode("SendMessage", "query-json", { body: parseQuery(form) }), expected);
});

test("the path's queue URL stands in where the request names none, and only there", () => {
  const pathQueueUrl = "http://h/1/path";
  const queueUrl = (protocol: "json" | "query", body: string) =>
    (compiled.decode("PurgeQueue", protocol, { body: Buffer.from(body), pathQueueUrl }) as { QueueUrl: string }).QueueUrl;
  assert.equal(queueUrl("query", "Action=PurgeQueue"), pathQueueUrl);
  assert.equal(queueUrl("query", "Action=PurgeQueue&QueueUrl=own"), "own");
  assert.equal(queueUrl("query", "Action=PurgeQueue&QueueUrl="), "");
  assert.equal(queueUrl("json", "{}"), pathQueueUrl);
  assert.equal(queueUrl("json", '{"QueueUrl":"own"}'), "own");
  assert.deepEqual(compiled.decode("CreateQueue", "json", { body: Buffer.from('{"QueueName":"n"}'), pathQueueUrl }), { QueueName: "n" });
});

test("what does not fit is refused in the service's own words", () => {
  const decode = (name: string, protocol: "json" | "query", body: string) => () =>
    compiled.decode(name, protocol, { body: Buffer.from(body) });
  refuses(decode("SendMessage", "json", '{"QueueUrl":"u"}'), "Missing", /^MessageBody$/);
  refuses(decode("SendMessage", "query", "QueueUrl=u"), "Missing", /^MessageBody$/);
  refuses(decode("SendMessage", "json", "{"), "Malformed", /not JSON/);
  refuses(decode("SendMessage", "json", "[]"), "Malformed", /expected a structure/);
  refuses(decode("SendMessage", "json", '{"QueueUrl":1}'), "Malformed", /^QueueUrl: expected a string/);
  refuses(decode("SendMessage", "query", "QueueUrl=%ff"), "Malformed", /percent/);
});

test("an action is refused when it is unknown, not offered, or not for a resource's path", () => {
  refuses(() => compiled.find("Sing", "json", false), "Unknown", /^Sing false$/);
  refuses(() => compiled.find("Sing", "query", true), "Unknown", /^Sing true$/);
  refuses(() => compiled.find("constructor", "query", false), "Unknown", /^constructor false$/);
  refuses(() => compiled.find("__proto__", "json", false), "Unknown", /__proto__/);
  refuses(() => compiled.find("AddPermission", "query", false), "NotOffered", /^AddPermission$/);
  refuses(() => compiled.find("CreateQueue", "query", true), "Unknown", /^CreateQueue true$/);
  refuses(() => compiled.decode("CreateQueue", "query", { body: Buffer.from(""), pathQueueUrl: "u" }), "Unknown", /^CreateQueue true$/);
  assert.equal(compiled.find("CreateQueue", "json", true).operation, createQueue);
});

test("an answer is encoded for its protocol", () => {
  const answer = { output: { MessageId: "m" }, requestId: "r" };
  assert.deepEqual(compiled.encode("SendMessage", "json", answer), {
    status: 200,
    headers: { "content-type": "application/x-amz-json-1.0", "x-amzn-requestid": "r" },
    body: '{"MessageId":"m"}',
  });
  const xml = compiled.encode("SendMessage", "query", answer);
  assert.equal(xml.headers["content-type"], "text/xml");
  assert.match(textOf(xml), /<SendMessageResult><MessageId>m<\/MessageId><\/SendMessageResult>/);
  const json = compiled.encode("SendMessage", "query-json", answer);
  assert.equal(json.headers["content-type"], "application/json");
  assert.deepEqual(JSON.parse(textOf(json)), {
    SendMessageResponse: { SendMessageResult: { MessageId: "m", SequenceNumber: null }, ResponseMetadata: { RequestId: "r" } },
  });
  assert.equal(compiled.encode("PurgeQueue", "json", { output: {}, requestId: "r" }).body, "{}");
});

const noQueue = error("QueueDoesNotExist", "The specified queue does not exist.", {
  queryCode: "AWS.SimpleQueueService.NonExistentQueue",
  queryMessage: "The specified queue does not exist for this wsdl version.",
});

test("an error in JSON carries both its codes", () => {
  assert.deepEqual(compiled.error(noQueue, "json", "r"), {
    status: 400,
    headers: {
      "content-type": "application/x-amz-json-1.0",
      "x-amzn-requestid": "r",
      "x-amzn-query-error": "AWS.SimpleQueueService.NonExistentQueue;Sender",
    },
    body: '{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"The specified queue does not exist."}',
  });
  const ours = error("InternalFailure", "", {
    fault: "server",
    httpStatus: 500,
    namespace: "com.amazon.coral.service",
    headers: { "retry-after": "1" },
  });
  const { status, headers, body } = compiled.error(ours, "json", "r");
  assert.deepEqual([status, headers["x-amzn-query-error"], headers["retry-after"]], [500, "InternalFailure;Receiver", "1"]);
  assert.equal(body, '{"__type":"com.amazon.coral.service#InternalFailure","message":""}');
});

test("an error in Query has its own code and text, as XML or as JSON", () => {
  assert.deepEqual(compiled.error(noQueue, "query", "r"), {
    status: 400,
    headers: { "content-type": "text/xml", "x-amzn-requestid": "r" },
    body:
      '<?xml version="1.0"?><ErrorResponse xmlns="http://queue.amazonaws.com/doc/2012-11-05/"><Error><Type>Sender</Type>' +
      "<Code>AWS.SimpleQueueService.NonExistentQueue</Code><Message>The specified queue does not exist for this wsdl version.</Message>" +
      "<Detail/></Error><RequestId>r</RequestId></ErrorResponse>",
  });
  assert.deepEqual(JSON.parse(textOf(compiled.error(noQueue, "query-json", "r"))), {
    Error: {
      Code: "AWS.SimpleQueueService.NonExistentQueue",
      Message: "The specified queue does not exist for this wsdl version.",
      Type: "Sender",
    },
    RequestId: "r",
  });
});

test("text of a caller inside an error is escaped", () => {
  const hostile = error("Invalid", 'Value <b>&"\r');
  assert.match(textOf(compiled.error(hostile, "query", "r")), /<Message>Value &lt;b&gt;&amp;&quot;&#xD;<\/Message>/);
  assert.match(textOf(s3Error(hostile, { requestId: "r", hostId: "h" })), /<Message>Value &lt;b&gt;&amp;&quot;&#13;<\/Message>/);
});

test("an error of S3 tells its details between message and ids, and nothing to a HEAD", () => {
  const noKey = error("NoSuchKey", "The specified key does not exist.", { httpStatus: 404, details: { Key: "a&b" } });
  const ids = { "x-amz-request-id": "r", "x-amz-id-2": "h" };
  assert.deepEqual(s3Error(noKey, { requestId: "r", hostId: "h" }), {
    status: 404,
    headers: { "content-type": "application/xml", ...ids },
    body:
      '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message>' +
      "<Key>a&amp;b</Key><RequestId>r</RequestId><HostId>h</HostId></Error>",
  });
  assert.deepEqual(s3Error(noKey, { requestId: "r", hostId: "h", head: true }), { status: 404, headers: ids, body: undefined });
  const notModified = error("NotModified", "", { httpStatus: 304, headers: { etag: '"e"' } });
  assert.deepEqual(s3Error(notModified, { requestId: "r", hostId: "h" }), {
    status: 304,
    headers: { ...ids, etag: '"e"' },
    body: undefined,
  });
});

test("a queue's URL without an action answers one page only", () => {
  assert.deepEqual(unknownOperationPage("r"), {
    status: 404,
    headers: { "content-type": "text/xml", "x-amzn-requestid": "r" },
    body: "<UnknownOperationException/>",
  });
});

test("the actions of REST-XML refuse in the service's own words, a wrong argument by its name where it has such", () => {
  const head = operation("ListParts", {
    input: structure({ MaxParts: optional(integer, { parameter: "max-parts" }), Id: required(string, { parameter: "uploadId" }) }),
    output: nothing,
  });
  const rest = { ...api, actions: { ListParts: answering(head) } };
  const request = (query: string) => ({ labels: {}, headers: {}, parameters: parseQuery(query), body: undefined });
  const plain = compileRestApi(rest);
  refuses(() => plain.codec("ListParts").decode(request("")), "Missing", /^uploadId$/);
  refuses(() => plain.codec("ListParts").decode(request("uploadId=1&max-parts=x")), "Malformed", /^max-parts: expected an integer/);
  refuses(() => plain.codec("Sing"), "Unknown", /^Sing false$/);
  refuses(() => plain.codec("AddPermission"), "NotOffered", /./);
  const worded = compileRestApi({
    ...rest,
    errors: { ...api.errors, invalidArgument: (name, value) => error("Argument", `${name}=${value}`) },
  });
  refuses(() => worded.codec("ListParts").decode(request("uploadId=1&max-parts=x")), "Argument", /^max-parts=x$/);
});
