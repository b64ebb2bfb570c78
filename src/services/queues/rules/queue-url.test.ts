import assert from "node:assert/strict";
import { test } from "node:test";
import { parseQueueArn, parseQueueUrl, queueArn, queueUrl } from "./queue-url.ts";
import { covers } from "../../../../test/contract/covers.ts";

const orders = { account: "111111111111", region: "eu-west-1", name: "orders" };

test("the last two segments of a URL name the queue, whatever stands before them", () => {
  covers("sqs/1.1-queue-url-decides", "sqs/1.3-legacy-hosts");
  const urls = [
    "https://sqs.eu-west-1.amazonaws.com/111111111111/orders",
    "https://eu-west-1.queue.amazonaws.com/111111111111/orders",
    "https://queue.amazonaws.com/111111111111/orders",
    "http://localhost:4566/111111111111/orders",
    "http://127.0.0.1:4566/queue/eu-west-1/111111111111/orders",
    "/111111111111/orders",
    "111111111111/orders",
  ];
  for (const url of urls) assert.deepEqual(parseQueueUrl(url), { account: "111111111111", name: "orders" }, url);
});

test("a bare name is a queue of the caller", () => {
  assert.deepEqual(parseQueueUrl("orders"), { account: undefined, name: "orders" });
});

test("what can be no queue's URL names nothing", () => {
  const urls = [
    "",
    "/",
    "http://localhost:4566/",
    "http://whatever.example/orders",
    "http://localhost/11111111111/orders",
    "http://localhost/111111111111/",
    "http://localhost/111111111111/orders?x=1",
    "http://localhost/111111111111/a.b",
    "a b",
  ];
  for (const url of urls) assert.equal(parseQueueUrl(url), undefined, url);
});

test("a URL that was made is understood", () => {
  const url = queueUrl("http://localhost:4566", orders);
  assert.equal(url, "http://localhost:4566/111111111111/orders");
  assert.deepEqual(parseQueueUrl(url), { account: orders.account, name: orders.name });
});

test("an ARN names its partition after the region", () => {
  covers("sqs/1.3-partition", "sqs/1.3-arn");
  const table: [region: string, arn: string][] = [
    ["eu-west-1", "arn:aws:sqs:eu-west-1:111111111111:orders"],
    ["cn-north-1", "arn:aws-cn:sqs:cn-north-1:111111111111:orders"],
    ["us-gov-west-1", "arn:aws-us-gov:sqs:us-gov-west-1:111111111111:orders"],
    ["us-iso-east-1", "arn:aws-iso:sqs:us-iso-east-1:111111111111:orders"],
    ["us-isob-east-1", "arn:aws-iso-b:sqs:us-isob-east-1:111111111111:orders"],
    ["eusc-de-east-1", "arn:aws-eusc:sqs:eusc-de-east-1:111111111111:orders"],
  ];
  for (const [region, arn] of table) {
    assert.equal(queueArn({ ...orders, region }), arn);
    assert.deepEqual(parseQueueArn(arn), { ...orders, region });
  }
});

test("an ARN of anything else names no queue", () => {
  const arns = [
    "",
    "orders",
    "arn:aws:sns:eu-west-1:111111111111:orders",
    "arn:aws:sqs:eu-west-1:111111111111:",
    "arn:aws:sqs::111111111111:orders",
    "arn:aws:sqs:eu-west-1:1:orders",
    "arn:aws-cn:sqs:eu-west-1:111111111111:orders",
    "arn:aws:sqs:eu-west-1:111111111111:orders:x",
  ];
  for (const arn of arns) assert.equal(parseQueueArn(arn), undefined, arn);
});
