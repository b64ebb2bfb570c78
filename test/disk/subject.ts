import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { HttpClient } from "../crash/http-client.ts";

const BIN = join(import.meta.dirname, "../../bin/millrace.js");
const QUEUE = "/000000000000/jobs";

export interface Received {
  readonly Body: string;
  readonly ReceiptHandle: string;
}

/** The real server in a process of its own, under a tool that stands between it and the disk if one is named. */
export class Subject {
  readonly #child: ChildProcess;
  readonly #exited: Promise<[code: number | null, signal: NodeJS.Signals | null]>;
  #port = 0;
  /** What it wrote to standard error. */
  errors = "";

  private constructor(data: string, { flags = [], under = [] }: { flags?: readonly string[]; under?: readonly string[] }) {
    const [command = process.execPath, ...args] = [
      ...under,
      process.execPath,
      BIN,
      "serve",
      "--port",
      "0",
      "--json",
      "--data",
      data,
      ...flags,
    ];
    this.#child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
    this.#exited = once(this.#child, "exit") as Promise<[number | null, NodeJS.Signals | null]>;
    const leaveNothingBehind = () => this.#child.kill("SIGKILL");
    process.once("exit", leaveNothingBehind);
    this.#child.once("exit", () => process.off("exit", leaveNothingBehind));
    this.#child.stderr?.on("data", (chunk: Buffer) => (this.errors += String(chunk)));
  }

  /** @returns a server that serves, or one that has ended by itself before. */
  static async start(data: string, options: { flags?: readonly string[]; under?: readonly string[] } = {}): Promise<Subject> {
    const subject = new Subject(data, options);
    const ready = new Promise<void>((resolve) => {
      if (subject.#child.stdout === null) return;
      createInterface(subject.#child.stdout).on("line", (line) => {
        if (line.startsWith("{")) subject.#port = Number(new URL((JSON.parse(line) as { endpoint: string }).endpoint).port);
        else if (line === "Ready.") resolve();
      });
    });
    await Promise.race([ready, subject.#exited]);
    return subject;
  }

  /** The exit code, as soon as it has ended; a signal is its name. */
  async ended(): Promise<number | string | null> {
    const [code, signal] = await this.#exited;
    return signal ?? code;
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  get port(): number {
    return this.#port;
  }

  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#exited;
  }

  /** A client of its own connection. */
  client(): Client {
    return new Client(this.#port);
  }
}

/** What a client was answered: the status, and the JSON or XML. */
export interface Answered {
  readonly status: number;
  readonly text: string;
}

export class Client {
  readonly #http: HttpClient;
  readonly #endpoint: string;

  constructor(port: number) {
    this.#http = new HttpClient(port);
    this.#endpoint = `http://127.0.0.1:${port}`;
  }

  async sqs(action: string, input: object): Promise<Answered> {
    const headers = { "content-type": "application/x-amz-json-1.0", "x-amz-target": `AmazonSQS.${action}` };
    const body = JSON.stringify({ QueueUrl: this.#endpoint + QUEUE, ...input });
    const answer = await this.#http.ask({ method: "POST", path: "/", headers, body });
    return { status: answer.status, text: String(answer.body) };
  }

  async createQueue(): Promise<void> {
    await this.sqs("CreateQueue", { QueueName: "jobs" });
  }

  /** @returns the status. */
  async send(body: string): Promise<number> {
    return (await this.sqs("SendMessage", { MessageBody: body })).status;
  }

  async receive(visibilityTimeout: number): Promise<readonly Received[]> {
    const { status, text } = await this.sqs("ReceiveMessage", { MaxNumberOfMessages: 10, VisibilityTimeout: visibilityTimeout });
    if (status !== 200) throw new Error(`a receive was answered ${status}: ${text}`);
    return (JSON.parse(text) as { Messages?: Received[] }).Messages ?? [];
  }

  async delete(messages: readonly Received[]): Promise<void> {
    const Entries = messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
    const { status, text } = await this.sqs("DeleteMessageBatch", { Entries });
    if (status !== 200 || text.includes('"Failed":[{')) throw new Error(`a delete was answered ${status}: ${text}`);
  }

  async put(key: string, bytes: Buffer): Promise<Answered> {
    const answer = await this.#http.ask({ method: "PUT", path: `/files${key}`, body: bytes });
    return { status: answer.status, text: String(answer.body) };
  }

  async page(path: string): Promise<string> {
    return String((await this.#http.ask({ method: "GET", path })).body);
  }

  async get(key: string): Promise<string> {
    return this.page(`/files${key}`);
  }
}

/** Prints what holds. */
export function holds(what: string): void {
  process.stdout.write(`ok  ${what}\n`);
}

/** Asks again and again, for so long at most, and tells how long it took. */
export async function within(ms: number, what: string, attempt: () => Promise<boolean>): Promise<number> {
  const begun = performance.now();
  while (!(await attempt())) {
    if (performance.now() - begun > ms) throw new Error(`not within ${ms} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return Math.round(performance.now() - begun);
}
