/**
 * Loads what most processes of tests load, uses it once and ends. Only a process that ends by itself keeps what it has
 * compiled: those that are killed would each compile all of it again, and so would those that begin at the same time. To
 * start a server takes a third of the processor time then (Node 26, November 2026).
 */
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { CreateTopicCommand, SNSClient } from "@aws-sdk/client-sns";
import { CreateQueueCommand, DeleteMessageCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import "../../src/cli/serve.ts";
import { startServer } from "../../src/index.ts";
import "../../src/testing/index.ts";
import "../../src/worker/index.ts";

const data = mkdtempSync(join(tmpdir(), "millrace-warm-"));
const server = await startServer({ port: 0, data });
const config = server.clientConfig();
const [sqs, s3, sns] = [new SQSClient(config), new S3Client(config), new SNSClient(config)];

await sns.send(new CreateTopicCommand({ Name: "warm" }));
const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: "warm" }));
await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "warm" }));
const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
for (const { ReceiptHandle } of Messages) await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
await s3.send(new CreateBucketCommand({ Bucket: "warm" }));
await s3.send(new PutObjectCommand({ Bucket: "warm", Key: "warm", Body: "warm" }));
await (await s3.send(new GetObjectCommand({ Bucket: "warm", Key: "warm" }))).Body?.transformToString();

for (const client of [sqs, s3, sns]) client.destroy();
await server.stop();
rmSync(data, { recursive: true });
