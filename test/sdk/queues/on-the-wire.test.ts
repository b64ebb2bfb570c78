import assert from "node:assert/strict";
import { covers } from "../../contract/covers.ts";
import { onTheWire, typeOf, withoutId, type Answer } from "./wire-harness.ts";

onTheWire("a JSON error names its shape, and in a header the code of the Query protocol", async ({ json }) => {
  covers("sqs/1.1-error-form", "sqs/1.1-error-header", "sqs/1.1-query-error-always", "sqs/1.1-namespace-modelled");
  const { status, headers, text } = await json("SendMessage", { QueueUrl: "nowhere", MessageBody: "b" });
  assert.equal(status, 400);
  assert.equal(headers.get("content-type"), "application/x-amz-json-1.0");
  assert.equal(headers.get("x-amzn-query-error"), "AWS.SimpleQueueService.NonExistentQueue;Sender");
  assert.match(headers.get("x-amzn-requestid") ?? "", /^[0-9a-f-]{36}$/);
  assert.deepEqual(JSON.parse(text), { __type: "com.amazonaws.sqs#QueueDoesNotExist", message: "The specified queue does not exist." });
});

onTheWire("a JSON error that the model does not have carries the namespace of its own", async ({ json, queue }) => {
  covers("sqs/1.1-namespace-common");
  const { headers, text } = await json("SendMessage", { QueueUrl: await queue(), MessageBody: "b", DelaySeconds: 901 });
  assert.equal(headers.get("x-amzn-query-error"), "InvalidParameterValue;Sender");
  assert.equal(typeOf(text), "com.amazon.coral.service#InvalidParameterValueException");
});

onTheWire("a JSON body that cannot be read, and an unknown action, are refused", async ({ json }) => {
  covers("sqs/2-serialization", "sqs/1-json-unknown-operation");
  const type = async (answer: Promise<Answer>) => [(await answer).status, typeOf((await answer).text)];
  assert.deepEqual(await type(json("SendMessage", "{")), [400, "com.amazon.coral.service#SerializationException"]);
  assert.deepEqual(await type(json("SendMessage", "[]")), [400, "com.amazon.coral.service#SerializationException"]);
  assert.deepEqual(await type(json("SendMessage", { QueueUrl: "q", MessageBody: 1 })), [
    400,
    "com.amazon.coral.service#SerializationException",
  ]);
  assert.deepEqual(await type(json("Fly", {})), [400, "com.amazon.coral.service#UnknownOperationException"]);
});

onTheWire("the Query protocol answers in the XML of AWS", async ({ query, queue }) => {
  covers(
    "sqs/1.2-answer-form",
    "sqs/1.2-without-output",
    "sqs/1.2-empty-receive",
    "sqs/1.2-error-form",
    "sqs/1.2-same-texts",
    "sqs/1-query-form",
  );
  const path = await queue();
  const sent = await query(
    "SendMessage",
    {
      MessageBody: "message",
      "MessageAttribute.1.Name": "k",
      "MessageAttribute.1.Value.DataType": "String",
      "MessageAttribute.1.Value.StringValue": "x",
    },
    { path },
  );
  assert.equal(sent.headers.get("content-type")?.split(";")[0], "text/xml");
  assert.match(
    sent.text,
    /^<\?xml version="1\.0"\?>\s*<SendMessageResponse xmlns="http:\/\/queue\.amazonaws\.com\/doc\/2012-11-05\/"><SendMessageResult>/,
  );
  assert.match(sent.text, /<MD5OfMessageBody>78e731027d8fd50ed642340b7c9a63b3<\/MD5OfMessageBody>/);
  assert.match(sent.text, /<MD5OfMessageAttributes>a45daa70926828a2f0a1db3418e6feb4<\/MD5OfMessageAttributes>/);
  const head = '<?xml version="1.0"?>';
  const strip = (answer: Answer) => withoutId(answer.text).replace(/>\s+</g, "><");
  assert.equal(
    strip(await query("TagQueue", { "Tag.1.Key": "a", "Tag.1.Value": "b" }, { path })),
    `${head}<TagQueueResponse xmlns="http://queue.amazonaws.com/doc/2012-11-05/"><ResponseMetadata><RequestId/></ResponseMetadata></TagQueueResponse>`,
  );
  await query("ReceiveMessage", {}, { path });
  assert.equal(
    strip(await query("ReceiveMessage", {}, { path })),
    `${head}<ReceiveMessageResponse xmlns="http://queue.amazonaws.com/doc/2012-11-05/"><ReceiveMessageResult/><ResponseMetadata><RequestId/></ResponseMetadata></ReceiveMessageResponse>`,
  );
  assert.equal(
    strip(await query("PurgeQueue", { QueueUrl: "nowhere" })),
    `${head}<ErrorResponse xmlns="http://queue.amazonaws.com/doc/2012-11-05/"><Error><Type>Sender</Type><Code>AWS.SimpleQueueService.NonExistentQueue</Code><Message>The specified queue does not exist for this wsdl version.</Message><Detail/></Error><RequestId/></ErrorResponse>`,
  );
});

onTheWire("quotes and carriage returns survive XML", async ({ query, queue, get }) => {
  covers("sqs/1.2-escapes");
  const path = await queue();
  await query("SendMessage", { MessageBody: 'a"b\rc' }, { path });
  const { text } = await get(`${path}?Action=ReceiveMessage&Version=2012-11-05`);
  assert.match(text, /<Body>a&quot;b&#xD;c<\/Body>/i);
});

onTheWire("a Query request may be a GET, on the root or on the queue's own URL", async ({ get, queue }) => {
  covers("sqs/1.2-post-or-get", "sqs/1-query-get");
  const path = await queue();
  assert.equal((await get(`${path}?Action=SendMessage&MessageBody=a+b%21`)).status, 200);
  const { text } = await get(`/?Action=ReceiveMessage&QueueUrl=${encodeURIComponent(path)}`);
  assert.match(text, /<Body>a b!<\/Body>/);
});

onTheWire("the parameter QueueUrl beats the path", async ({ query, queue }) => {
  covers("sqs/1.2-parameter-beats-path");
  const path = await queue();
  await queue("other");
  await query("SendMessage", { MessageBody: "b", QueueUrl: "http://localhost/000000000000/other" }, { path });
  assert.doesNotMatch((await query("ReceiveMessage", {}, { path })).text, /<Message>/);
  assert.match((await query("ReceiveMessage", {}, { path: "/000000000000/other" })).text, /<Body>b<\/Body>/);
});

onTheWire("a JSON request may be posted to a queue's own URL", async ({ json, queue }) => {
  covers("sqs/1.1-on-queue-path");
  const path = await queue();
  assert.equal((await json("SendMessage", { QueueUrl: path, MessageBody: "b" }, { path })).status, 200);
  assert.equal((await json("CreateQueue", { QueueName: "other" }, { path })).status, 200);
});

onTheWire("what is about no queue in particular cannot be asked on a queue's own URL in Query", async ({ query, queue }) => {
  covers("sqs/1.2-not-on-queue-path");
  const path = await queue();
  for (const action of ["CreateQueue", "ListQueues", "Fly"]) {
    const { status, text } = await query(action, { QueueName: "other" }, { path });
    assert.equal(status, 400);
    assert.match(text, /<Code>InvalidAction<\/Code>/);
    assert.match(text, new RegExp(`<Message>The action ${action} is not valid for this endpoint\\.</Message>`));
  }
  assert.match((await query("GetQueueUrl", { QueueName: "orders" }, { path })).text, /<QueueUrl>http.*\/000000000000\/orders<\/QueueUrl>/);
});

onTheWire("a GET of a queue's own URL without an action names no operation", async ({ get, queue }) => {
  covers("sqs/1-queue-url-without-action");
  const { status, text } = await get(await queue(), { accept: "application/json" });
  assert.equal(status, 404);
  assert.match(text, /<UnknownOperationException\s*\/>/);
});

onTheWire("a request without a QueueUrl is about a queue that does not exist", async ({ json, query }) => {
  assert.match((await json("SendMessage", { MessageBody: "b" })).text, /QueueDoesNotExist/);
  assert.match((await query("SendMessage", { MessageBody: "b" })).text, /NonExistentQueue/);
});

onTheWire("a Query request that accepts JSON gets its envelope as JSON, maps as lists", async ({ query, queue }) => {
  covers("sqs/1.2-accept-json");
  const path = await queue();
  const { text } = await query(
    "GetQueueAttributes",
    { "AttributeName.1": "DelaySeconds" },
    { path, headers: { accept: "application/json" } },
  );
  const answer = JSON.parse(text) as { GetQueueAttributesResponse: { GetQueueAttributesResult: object } };
  assert.deepEqual(answer.GetQueueAttributesResponse.GetQueueAttributesResult, { Attributes: [{ Name: "DelaySeconds", Value: "0" }] });
});

onTheWire("the header X-Amzn-Trace-Id is the trace header of messages that have none", async ({ json, queue }) => {
  covers("sqs/4.2-trace-header-from-http", "sqs/5.1-trace-header");
  const QueueUrl = await queue();
  const headers = { "x-amzn-trace-id": "Root=1-5759e988-bd862e3fe1be46a994272793" };
  const own = { AWSTraceHeader: { DataType: "String", StringValue: "Root=own" } };
  assert.doesNotMatch((await json("SendMessage", { QueueUrl, MessageBody: "1" }, { headers })).text, /MD5OfMessageSystemAttributes/);
  await json("SendMessage", { QueueUrl, MessageBody: "2", MessageSystemAttributes: own }, { headers });
  await json("SendMessageBatch", { QueueUrl, Entries: [{ Id: "3", MessageBody: "3" }] }, { headers });
  const { text } = await json("ReceiveMessage", { QueueUrl, MaxNumberOfMessages: 10, MessageSystemAttributeNames: ["AWSTraceHeader"] });
  const { Messages } = JSON.parse(text) as { Messages: { Attributes: Record<string, string> }[] };
  const trace = headers["x-amzn-trace-id"];
  assert.deepEqual(
    Messages.map(({ Attributes }) => Attributes["AWSTraceHeader"]),
    [trace, "Root=own", trace],
  );
});

onTheWire("parameters may bear the member's own name", async ({ query, queue }) => {
  covers("sqs/1.2-in-member-name");
  const path = await queue();
  const { text } = await query(
    "SendMessage",
    {
      MessageBody: "message",
      "MessageAttributes.1.Name": "k",
      "MessageAttributes.1.Value.DataType": "String",
      "MessageAttributes.1.Value.StringValue": "x",
    },
    { path },
  );
  assert.match(text, /<MD5OfMessageAttributes>a45daa70926828a2f0a1db3418e6feb4</);
});
