import assert from "node:assert/strict";
import { covers } from "../../contract/covers.ts";
import { onTheWire, typeOf, withoutId, type Answer } from "./wire-harness.ts";

const FORM = { "content-type": "application/x-www-form-urlencoded" };
const JSON_TYPE = "application/x-amz-json-1.0";
const REQUEST_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const refusal = ({ status, headers, text }: Answer) => [status, typeOf(text), headers.get("x-amzn-query-error")];
const codeOf = (text: string) => /<Code>([^<]*)<\/Code>/.exec(text)?.[1];

onTheWire("one port speaks both protocols, request by request", async ({ json, query, get, queue }) => {
  covers("sqs/1-one-port");
  const path = await queue();
  await json("SendMessage", { QueueUrl: path, MessageBody: "1" });
  await query("SendMessage", { MessageBody: "2" }, { path });
  await get(`${path}?Action=SendMessage&MessageBody=3`);
  const { text } = await json("ReceiveMessage", { QueueUrl: path, MaxNumberOfMessages: 10 });
  assert.deepEqual(
    (JSON.parse(text) as { Messages: { Body: string }[] }).Messages.map(({ Body }) => Body),
    ["1", "2", "3"],
  );
});

onTheWire("an answer in JSON has its content type and the request's id", async ({ json, queue }) => {
  covers("sqs/1.1-success-form", "sqs/1.1-without-output");
  const QueueUrl = await queue();
  const { status, headers, text } = await json("PurgeQueue", { QueueUrl });
  assert.deepEqual([status, headers.get("content-type"), text], [200, JSON_TYPE, "{}"]);
  assert.match(headers.get("x-amzn-requestid") ?? "", REQUEST_ID);
});

onTheWire("JSON is told by its target or by its content type, whatever the other is", async ({ post }) => {
  covers("sqs/1-json-by-target", "sqs/1-json-by-content-type");
  for (const type of [
    "application/x-amz-json-1.0; charset=utf-8",
    "application/x-amz-json-1.1",
    "application/json",
    "text/plain",
    FORM["content-type"],
  ]) {
    const { status, text } = await post("/", { "content-type": type, "x-amz-target": "AmazonSQS.ListQueues" }, "{}");
    assert.deepEqual([status, text], [200, "{}"], type);
  }
  assert.deepEqual(refusal(await post("/", { "content-type": JSON_TYPE.toUpperCase() }, "{}")), [
    400,
    "com.amazon.coral.service#UnknownOperationException",
    "InvalidAction;Sender",
  ]);
});

onTheWire("a target that is missing or names no operation is an unknown one, and is not guessed", async ({ post }) => {
  covers("sqs/1-json-unknown-operation", "sqs/2-unknown-operation");
  for (const target of [
    undefined,
    "",
    "ListQueues",
    "AmazonSQS.",
    "AmazonSQS.Fly",
    "AmazonSQS.listqueues",
    "AmazonSNS.ListQueues",
    "AmazonSQS.__proto__",
  ]) {
    const headers = { "content-type": JSON_TYPE, ...(target === undefined ? {} : { "x-amz-target": target }) };
    assert.deepEqual(
      refusal(await post("/", headers, "{}")),
      [400, "com.amazon.coral.service#UnknownOperationException", "InvalidAction;Sender"],
      target ?? "no target",
    );
  }
});

onTheWire("a JSON body that does not fit is malformed, and says where", async ({ json, post, queue }) => {
  covers("sqs/2-serialization", "sqs/1.1-integers");
  const QueueUrl = await queue();
  const malformed = [400, "com.amazon.coral.service#SerializationException", "MalformedInput;Sender"];
  const bodies = ["{", "[]", "1", '"x"', "null", '{"QueueUrl":1}', '{"QueueUrl":{}}', "\ufeff{}"];
  for (const body of bodies) assert.deepEqual(refusal(await json("SendMessage", body)), malformed, body);
  const wrong = { DelaySeconds: "5", MessageAttributes: [], MessageBody: 7 };
  for (const [name, value] of Object.entries(wrong)) {
    const answer = await json("SendMessage", { QueueUrl, MessageBody: "b", [name]: value });
    assert.deepEqual(refusal(answer), malformed, name);
    assert.match((JSON.parse(answer.text) as { message: string }).message, new RegExp(`^${name}: expected`));
  }
  assert.deepEqual(refusal(await json("SetQueueAttributes", { QueueUrl, Attributes: { DelaySeconds: 5 } })), malformed);
  const headers = { "content-type": JSON_TYPE, "x-amz-target": "AmazonSQS.SendMessage" };
  assert.deepEqual(refusal(await post("/", headers, Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]))), malformed, "bytes that are no UTF-8");
});

onTheWire("what a request has too much is ignored, and null counts as absent", async ({ json, query, queue }) => {
  const QueueUrl = await queue();
  assert.equal((await json("SendMessage", { QueueUrl, MessageBody: "b", Colour: "red", DelaySeconds: null })).status, 200);
  assert.equal((await query("SendMessage", { QueueUrl, MessageBody: "b", Colour: "red" })).status, 200);
});

onTheWire("a request without QueueUrl, or with an empty one, is about a queue that does not exist", async ({ json, query }) => {
  covers("sqs/1.3-missing-url");
  for (const input of [{}, { QueueUrl: "" }]) {
    assert.equal(typeOf((await json("PurgeQueue", input)).text), "com.amazonaws.sqs#QueueDoesNotExist");
    assert.equal(codeOf((await query("PurgeQueue", input)).text), "AWS.SimpleQueueService.NonExistentQueue");
  }
});

onTheWire("a JSON request on a queue's own URL is about that queue where it names none", async ({ json, queue }) => {
  covers("sqs/1.1-on-queue-path");
  const path = await queue();
  assert.equal((await json("SendMessage", { MessageBody: "b" }, { path })).status, 200);
  await queue("other");
  assert.match((await json("ReceiveMessage", { QueueUrl: "other" }, { path })).text, /^\{\}$/);
  assert.match((await json("ReceiveMessage", {}, { path })).text, /"Body":"b"/);
});

onTheWire("the old hosts of queues, and any other, name the same queue in a QueueUrl", async ({ json, query, queue }) => {
  covers("sqs/1.3-legacy-hosts", "sqs/1.1-queue-url-decides");
  await queue();
  const hosts = [
    "https://sqs.us-east-1.amazonaws.com",
    "https://us-east-1.queue.amazonaws.com",
    "https://queue.amazonaws.com",
    "https://cn-north-1.queue.amazonaws.com.cn",
    "http://sqs.us-east-1.localhost.localstack.cloud:4566",
    "http://127.0.0.1:4566/queue/us-east-1",
  ];
  for (const host of hosts) {
    const QueueUrl = `${host}/000000000000/orders`;
    assert.equal((await json("SendMessage", { QueueUrl, MessageBody: "b" })).status, 200, host);
    assert.equal((await query("SendMessage", { QueueUrl, MessageBody: "b" })).status, 200, host);
  }
});

onTheWire("a Query request of no version, or of another, is one of 2012-11-05", async ({ get, post }) => {
  covers("sqs/1.2-version");
  for (const version of ["", "&Version=", "&Version=2011-10-01", "&Version=2012-11-05"]) {
    assert.match((await get(`/?Action=ListQueues${version}`)).text, /xmlns="http:\/\/queue\.amazonaws\.com\/doc\/2012-11-05\/"/);
    assert.equal((await post("/", FORM, `Action=ListQueues${version}`)).status, 200);
  }
});

onTheWire("a Query request without an action, or with one that there is not, is refused in XML", async ({ post, get }) => {
  covers("sqs/2-unknown-operation");
  for (const answer of [
    await post("/", FORM, ""),
    await post("/", FORM, "Action=&Version=2012-11-05"),
    await post("/", FORM, "Action=Fly"),
    await post("/", { "content-type": "APPLICATION/X-WWW-FORM-URLENCODED; charset=UTF-8" }, "Action=toString"),
    await get("/?Action=Fly"),
  ]) {
    assert.equal(answer.status, 400);
    assert.equal(codeOf(answer.text), "InvalidAction");
    assert.equal(answer.headers.get("content-type"), "text/xml");
    assert.match(answer.headers.get("x-amzn-requestid") ?? "", REQUEST_ID);
  }
});

onTheWire("a Query request that cannot be read is malformed", async ({ post, query, queue }) => {
  covers("sqs/2-serialization");
  const path = await queue();
  for (const body of ["Action=SendMessage&MessageBody=%", "Action=SendMessage&MessageBody=%FF", "Action=SendMessage&MessageBody=%E2%82"]) {
    const { status, text } = await post(path, FORM, body);
    assert.deepEqual([status, codeOf(text)], [400, "MalformedInput"], body);
  }
  const { status, text } = await query("SendMessage", { MessageBody: "b", DelaySeconds: "soon" }, { path });
  assert.deepEqual([status, codeOf(text)], [400, "MalformedInput"]);
});

onTheWire("GetQueueUrl is answered on a queue's own URL, for another queue too", async ({ query, queue }) => {
  covers("sqs/1.2-get-queue-url-on-path");
  const path = await queue();
  await queue("other");
  for (const QueueName of ["orders", "other"])
    assert.match(
      (await query("GetQueueUrl", { QueueName }, { path })).text,
      new RegExp(`<QueueUrl>http[^<]*/000000000000/${QueueName}</QueueUrl>`),
    );
});

onTheWire("lists and maps of an answer are flattened elements", async ({ query, queue }) => {
  covers(
    "sqs/1.2-out-members",
    "sqs/1.2-in-message-attributes",
    "sqs/1.2-in-receive",
    "sqs/1.2-in-receipt-batches",
    "sqs/1.2-in-send-batch",
  );
  const path = await queue();
  await queue("other");
  const result = async (action: string, parameters: Record<string, string> = {}, at = path) =>
    /<\w+Result>(.*)<\/\w+Result>/s.exec(withoutId((await query(action, parameters, { path: at })).text))?.[1];
  assert.match((await result("ListQueues", {}, "/")) ?? "", /^<QueueUrl>[^<]*orders<\/QueueUrl><QueueUrl>[^<]*other<\/QueueUrl>$/);
  await query("TagQueue", { "Tag.1.Key": "a", "Tag.1.Value": "1", "Tag.2.Key": "b", "Tag.2.Value": "2" }, { path });
  assert.equal(await result("ListQueueTags"), "<Tag><Key>a</Key><Value>1</Value></Tag><Tag><Key>b</Key><Value>2</Value></Tag>");
  assert.equal(
    await result("GetQueueAttributes", { "AttributeName.1": "DelaySeconds" }),
    "<Attribute><Name>DelaySeconds</Name><Value>0</Value></Attribute>",
  );
  const entry = "SendMessageBatchRequestEntry";
  const attribute = `${entry}.1.MessageAttribute.1`;
  const sent = await result("SendMessageBatch", {
    [`${entry}.1.Id`]: "good",
    [`${entry}.1.MessageBody`]: "b",
    [`${attribute}.Name`]: "k",
    [`${attribute}.Value.DataType`]: "Binary",
    [`${attribute}.Value.BinaryValue`]: "AQI=",
    [`${entry}.2.Id`]: "bad",
    [`${entry}.2.MessageBody`]: "",
  });
  assert.match(sent ?? "", /^<SendMessageBatchResultEntry><Id>good<\/Id><MessageId>[^<]+<\/MessageId><MD5OfMessageBody>/);
  assert.match(
    sent ?? "",
    /<BatchResultErrorEntry><Id>bad<\/Id><SenderFault>true<\/SenderFault><Code>MissingParameter<\/Code><Message>[^<]+<\/Message><\/BatchResultErrorEntry>$/,
  );
  const received = await result("ReceiveMessage", { "AttributeName.1": "ApproximateReceiveCount", "MessageAttributeName.1": "All" });
  assert.match(
    received ?? "",
    /^<Message><MessageId>[^<]+<\/MessageId><ReceiptHandle>[^<]+<\/ReceiptHandle><MD5OfBody>[0-9a-f]{32}<\/MD5OfBody><Body>b<\/Body><Attribute><Name>ApproximateReceiveCount<\/Name><Value>1<\/Value><\/Attribute><MD5OfMessageAttributes>[0-9a-f]{32}<\/MD5OfMessageAttributes><MessageAttribute><Name>k<\/Name><Value><BinaryValue>AQI=<\/BinaryValue><DataType>Binary<\/DataType><\/Value><\/MessageAttribute><\/Message>$/,
  );
  const handle = /<ReceiptHandle>([^<]+)</.exec(received ?? "")?.[1] ?? "";
  const change = "ChangeMessageVisibilityBatchRequestEntry.1";
  assert.equal(
    await result("ChangeMessageVisibilityBatch", {
      [`${change}.Id`]: "c",
      [`${change}.ReceiptHandle`]: handle,
      [`${change}.VisibilityTimeout`]: "9",
    }),
    "<ChangeMessageVisibilityBatchResultEntry><Id>c</Id></ChangeMessageVisibilityBatchResultEntry>",
  );
  const remove = "DeleteMessageBatchRequestEntry.1";
  assert.equal(
    await result("DeleteMessageBatch", { [`${remove}.Id`]: "d", [`${remove}.ReceiptHandle`]: handle }),
    "<DeleteMessageBatchResultEntry><Id>d</Id></DeleteMessageBatchResultEntry>",
  );
});

onTheWire("a Query caller that accepts JSON gets messages under a small m, and errors as JSON", async ({ query, queue }) => {
  covers("sqs/1.2-accept-json-receive", "sqs/1.2-accept-json");
  const path = await queue();
  const accept = { path, headers: { accept: "application/json" } };
  await query("SendMessage", { MessageBody: 'a"b\r' }, accept);
  const received = await query("ReceiveMessage", { "AttributeName.1": "All" }, accept);
  assert.equal(received.headers.get("content-type"), "application/json");
  const { ReceiveMessageResponse: response } = JSON.parse(received.text) as {
    ReceiveMessageResponse: { ReceiveMessageResult: { messages: { Body: string; Attributes: { Name: string; Value: string }[] }[] } };
  };
  const [message] = response.ReceiveMessageResult.messages;
  assert.equal(message?.Body, 'a"b\r');
  assert.ok(message?.Attributes.some(({ Name, Value }) => Name === "ApproximateReceiveCount" && Value === "1"));
  const refused = await query("SendMessage", {}, accept);
  assert.equal(refused.status, 400);
  assert.equal((JSON.parse(refused.text) as { Error: { Code: string } }).Error.Code, "MissingParameter");
});

onTheWire("text of any script survives both protocols to the byte", async ({ json, query, queue }) => {
  covers("sqs/1.2-escapes");
  const path = await queue();
  const body = "<&>\"' \t\n\r]]> é ß € \u0085\u2028\ufffd 😀 \u{10ffff} &amp; %41+";
  await query("SendMessage", { MessageBody: body }, { path });
  const { text } = await json("ReceiveMessage", { QueueUrl: path, VisibilityTimeout: 0 });
  assert.equal((JSON.parse(text) as { Messages: { Body: string }[] }).Messages[0]?.Body, body);
  const xml = (await query("ReceiveMessage", {}, { path })).text;
  assert.ok(xml.includes("<Body>&lt;&amp;&gt;&quot;' \t\n&#xD;]]&gt; é ß € \u0085\u2028\ufffd 😀 \u{10ffff} &amp;amp; %41+</Body>"), xml);
});

onTheWire("a mebibyte is counted in bytes of UTF-8, however a client writes it", async ({ post, json, queue }) => {
  covers("sqs/4.1-size", "sqs/10-message-size");
  const QueueUrl = await queue();
  const headers = { "content-type": JSON_TYPE, "x-amz-target": "AmazonSQS.SendMessage" };
  const send = async (written: string) => (await post("/", headers, `{"QueueUrl":"orders","MessageBody":"${written}"}`)).status;
  // As clients write that escape all but letters and digits: six bytes for one.
  assert.equal(await send("\\u0022".repeat(1_048_576)), 200);
  assert.equal(await send(`${"\\u0022".repeat(1_048_576)}a`), 400);
  assert.equal(await send("\\u00e9".repeat(524_288)), 200);
  assert.equal(await send(`${"é".repeat(524_288)}a`), 400);
  const form = (written: string) => post("/", FORM, `Action=SendMessage&QueueUrl=orders&MessageBody=${written}`);
  assert.equal((await form("%C3%A9".repeat(524_288))).status, 200);
  assert.equal((await form(`${"%C3%A9".repeat(524_288)}a`)).status, 400);
  assert.equal((await form("%22".repeat(1_048_576))).status, 200);
  const { text } = await json("GetQueueAttributes", { QueueUrl, AttributeNames: ["ApproximateNumberOfMessages"] });
  assert.match(text, /"ApproximateNumberOfMessages":"4"/);
});
