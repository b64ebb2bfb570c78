import { setTimeout as pause } from "node:timers/promises";
import { CreateBucketCommand, PutBucketNotificationConfigurationCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { CreateQueueCommand, DeleteMessageCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";

/** When something happened, by a count of all events of this process: what was before what. */
interface Times {
  invoked: number;
  acknowledged: number;
}

interface Message {
  readonly sent: Times;
  deleted: Times | undefined;
}

/** What a restored server holds. */
export interface Found {
  /** Bodies of the queue `jobs`, whatever state they are in. */
  readonly messages: readonly string[];
  /** Keys that the events in the queue `notices` tell of. */
  readonly notices: readonly string[];
  readonly objects: Readonly<Record<string, string>>;
}

const NEVER = Infinity;
/** Between two requests of a client: what is backed up meanwhile should get most of the processor. */
const PAUSE_MS = 5;

/** Clients that send, receive and delete messages and put objects, and know what they were told. */
export class Load {
  readonly #sqs: SQSClient;
  readonly #s3: S3Client;
  readonly #messages = new Map<string, Message>();
  readonly #objects = new Map<string, Times>();
  readonly #clients: Promise<void>[] = [];
  #events = 0;
  #made = 0;
  #running = true;

  constructor(endpoint: string) {
    const config = { endpoint, region: "us-east-1", credentials: { accessKeyId: "test", secretAccessKey: "test" }, maxAttempts: 1 };
    this.#sqs = new SQSClient(config);
    this.#s3 = new S3Client({ ...config, forcePathStyle: true });
  }

  /** Makes queues and bucket, and begins. */
  async begin({ writers, readers }: { writers: number; readers: number }): Promise<void> {
    for (const QueueName of ["jobs", "notices"]) await this.#sqs.send(new CreateQueueCommand({ QueueName }));
    await this.#s3.send(new CreateBucketCommand({ Bucket: "photos" }));
    const QueueConfigurations = [{ QueueArn: "arn:aws:sqs:us-east-1:000000000000:notices", Events: ["s3:ObjectCreated:*" as const] }];
    await this.#s3.send(
      new PutBucketNotificationConfigurationCommand({ Bucket: "photos", NotificationConfiguration: { QueueConfigurations } }),
    );
    for (let n = 0; n < writers; n += 1) this.#clients.push(this.#write());
    for (let n = 0; n < readers; n += 1) this.#clients.push(this.#read());
  }

  /** This moment, to compare what happened with. */
  now(): number {
    this.#events += 1;
    return this.#events;
  }

  get sent(): number {
    return this.#messages.size;
  }

  async end(): Promise<void> {
    this.#running = false;
    await Promise.all(this.#clients);
    this.#sqs.destroy();
    this.#s3.destroy();
  }

  /** What is wrong with a state that is said to be of one moment between two. */
  check(found: Found, { from, to }: { from: number; to: number }): string[] {
    const wrong: string[] = [];
    const there = new Set(found.messages);
    if (there.size !== found.messages.length) wrong.push(`${found.messages.length - there.size} messages are there twice`);
    for (const body of there) if ((this.#messages.get(body)?.sent.invoked ?? NEVER) > to) wrong.push(`${body} was sent later, or never`);
    for (const [body, { sent, deleted }] of this.#messages) {
      if (sent.acknowledged < from && (deleted?.invoked ?? NEVER) > to && !there.has(body)) wrong.push(`${body} is lost`);
      if ((deleted?.acknowledged ?? NEVER) < from && there.has(body)) wrong.push(`${body} was deleted before`);
    }
    const noticed = new Set(found.notices);
    for (const [key, { invoked, acknowledged }] of this.#objects) {
      const object = found.objects[key];
      if (acknowledged < from && object === undefined) wrong.push(`object ${key} is lost`);
      if (invoked > to && object !== undefined) wrong.push(`object ${key} was put later`);
      if (object !== undefined && object !== contentOf(key)) wrong.push(`object ${key} has other bytes`);
      if ((object !== undefined) !== noticed.has(key))
        wrong.push(`object ${key} is ${object === undefined ? "not " : ""}there, its event is${noticed.has(key) ? "" : " not"}`);
    }
    return wrong;
  }

  async #write(): Promise<void> {
    while (this.#running) {
      this.#made += 1;
      const name = `made-${this.#made}`;
      const times = { invoked: this.now(), acknowledged: NEVER };
      if (this.#made % 4 === 0) {
        this.#objects.set(name, times);
        await this.#s3.send(new PutObjectCommand({ Bucket: "photos", Key: name, Body: contentOf(name) }));
      } else {
        this.#messages.set(name, { sent: times, deleted: undefined });
        await this.#sqs.send(new SendMessageCommand({ QueueUrl: "jobs", MessageBody: name }));
      }
      times.acknowledged = this.now();
      await pause(PAUSE_MS);
    }
  }

  async #read(): Promise<void> {
    while (this.#running) {
      const { Messages = [] } = await this.#sqs.send(new ReceiveMessageCommand({ QueueUrl: "jobs", MaxNumberOfMessages: 2 }));
      for (const { Body = "", ReceiptHandle } of Messages) {
        const message = this.#messages.get(Body);
        if (message === undefined) throw new Error(`${Body} was never sent`);
        message.deleted = { invoked: this.now(), acknowledged: NEVER };
        await this.#sqs.send(new DeleteMessageCommand({ QueueUrl: "jobs", ReceiptHandle }));
        message.deleted.acknowledged = this.now();
      }
      await pause(PAUSE_MS);
    }
  }
}

function contentOf(key: string): string {
  return `${key} `.repeat(500);
}
