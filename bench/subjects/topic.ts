import { Connection, type Response } from "../connection.ts";
import type { Delivered } from "../job.ts";
import { connectionsTo } from "./connections.ts";
import { POOL_SIZE } from "./requests.ts";
import { signedRequest, signerFor } from "./signed-request.ts";
import { BODY, type Session, type Subject } from "./subject.ts";

/** Of one topic: a publish puts as many messages into queues as a full SendMessageBatch. */
const QUEUES = 10;
const TOPIC = "arn:aws:sns:us-east-1:000000000000:bench";

/** A topic with ten queues on a server that speaks the SNS protocol. */
export async function topicSubject({ port, pid, delivered }: { port: number; pid: number; delivered: Delivered }): Promise<Subject> {
  const signer = signerFor("sns");
  const request = (action: string, parameters: Readonly<Record<string, string>>): Promise<Buffer> => {
    const given = Object.entries({ Action: action, Version: "2010-03-31", ...parameters });
    const body = given.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join("&");
    return signedRequest(signer, port, { path: "/", headers: { "content-type": "application/x-www-form-urlencoded" }, body });
  };
  const publish = () => request("Publish", { TopicArn: TOPIC, Message: BODY });

  const first = await Connection.open(port);
  ok(await first.send(await request("CreateTopic", { Name: "bench" })));
  for (let queue = 0; queue < QUEUES; queue += 1) {
    await sqs(port, "CreateQueue", { QueueName: `bench-${queue}` });
    const subscription = { TopicArn: TOPIC, Protocol: "sqs", Endpoint: `arn:aws:sqs:us-east-1:000000000000:bench-${queue}` };
    const raw = { "Attributes.entry.1.key": "RawMessageDelivery", "Attributes.entry.1.value": String(delivered === "raw") };
    ok(await first.send(await request("Subscribe", { ...subscription, ...raw })));
  }
  ok(await first.send(await publish()));
  first.close();
  for (let queue = 0; queue < QUEUES; queue += 1) await checkDelivered(port, `bench-${queue}`, delivered);

  const pool: Buffer[] = [];
  while (pool.length < POOL_SIZE) pool.push(await publish());
  let next = 0;
  const session = (connection: Connection): Session => ({
    async send(messages) {
      const picked = messages === QUEUES ? pool[(next += 1) % POOL_SIZE] : undefined;
      if (picked === undefined) throw new Error(`a publish makes ${QUEUES} messages, not ${messages}`);
      ok(await connection.send(picked));
    },
    receive: notOffered,
    delete: notOffered,
  });
  return {
    pid,
    replyBytes: {},
    ...connectionsTo(port, session),
  };
}

/** A fast answer to a publish that has not gone to all queues, or not signed, would be worth nothing. */
async function checkDelivered(port: number, queue: string, delivered: Delivered): Promise<void> {
  const { Messages = [] } = (await sqs(port, "ReceiveMessage", { QueueUrl: queue })) as { Messages?: { Body: string }[] };
  const Body = Messages[0]?.Body ?? "";
  const text = delivered === "raw" ? Body : signedText(Body);
  if (text !== BODY) throw new Error(`${queue} got ${Body === "" ? "nothing" : Body.slice(0, 500)}`);
}

function signedText(envelope: string): string | undefined {
  if (envelope === "") return undefined;
  const { Message, Signature } = JSON.parse(envelope) as { Message?: string; Signature?: string };
  return Signature === undefined ? undefined : Message;
}

async function sqs(port: number, action: string, input: object): Promise<unknown> {
  const headers = { "content-type": "application/x-amz-json-1.0", "x-amz-target": `AmazonSQS.${action}` };
  const response = await fetch(`http://127.0.0.1:${port}`, { method: "POST", headers, body: JSON.stringify(input) });
  if (!response.ok) throw new Error(`the server answered ${response.status}: ${await response.text()}`);
  return await response.json();
}

function ok({ status, body }: Response): void {
  if (status !== 200) throw new Error(`the server answered ${status}: ${body.toString().slice(0, 500)}`);
}

function notOffered(): never {
  throw new Error("a topic is published to; its queues are not read here");
}
