/**
 * Works on pipelines of the matrix once a line of JSON says on which (`Orders`), and kills itself when it reaches a step
 * for the nth time. Says `reached` before it dies, and `idle` when there is nothing to do. Ends when its input does, so that no worker
 * outlives who has started it.
 *
 *     AWS_ENDPOINT_URL=… node killed-worker.ts
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { subscribe } from "node:diagnostics_channel";
import { writeSync } from "node:fs";
import { Socket } from "node:net";
import { createInterface } from "node:readline";
import { S3Client } from "@aws-sdk/client-s3";
import { SNSClient } from "@aws-sdk/client-sns";
import { SQSClient } from "@aws-sdk/client-sqs";
import { silentLogger } from "../../../src/kernel/logger.ts";
import type { Worker } from "../../../src/worker/index.ts";
import type { PlainAnswer } from "../../../src/worker/plain-answer.ts";
import { PlainConnections } from "../../../src/worker/plain-connections.ts";
import { PlainRequests, type PlainRequest } from "../../../src/worker/plain-requests.ts";
import { pipelineOf, shapeNamedIn, type Shape } from "./shapes.ts";
import type { Step } from "./steps.ts";

/** Where a worker dies: the nth time that it comes to a step of a shape. Operations are counted, not time. */
export interface Target {
  readonly shape: Shape;
  readonly step: Step;
  readonly nth: number;
  /** Only what this stage does counts. For steps that a worker tells of: calls, and handlers that are functions, are known by their shape alone. */
  readonly stage?: string | undefined;
}

export interface Orders {
  readonly shapes: readonly Shape[];
  /** Without one it works until it is killed. */
  readonly target?: Target | undefined;
}

type Reach = (step: Step, shape: Shape | undefined, stage?: string) => void;

/** A call of AWS, by whichever way it is made. */
interface Call {
  /** `SendMessageBatch`, `PutObject`, … */
  readonly action: string;
  readonly input: Readonly<Record<string, unknown>>;
}

interface Sent {
  readonly constructor: { readonly name: string };
  readonly input: Call["input"];
}

type Send = (this: unknown, command: Sent, ...rest: unknown[]) => Promise<unknown>;
type SendPlain = (this: unknown, key: string, request: PlainRequest) => Promise<PlainAnswer | undefined>;
type Exchange = (this: unknown, ...given: unknown[]) => Promise<PlainAnswer>;
type Write = (this: Socket, ...given: unknown[]) => boolean;

function dieAt(target: Target | undefined): Reach {
  let left = target?.nth ?? 0;
  return (step, shape, stage) => {
    if (step !== target?.step || shape !== target.shape || (target.stage ?? stage) !== stage) return;
    left -= 1;
    if (left > 0) return;
    writeSync(1, "reached\n");
    process.kill(process.pid, "SIGKILL");
  };
}

/** Steps that are calls: those of the SDK's clients, and those that go past them. */
function watchCalls(reach: Reach): void {
  const calls = new CallSteps(reach);
  for (const client of [SQSClient, SNSClient, S3Client]) {
    const prototype = client.prototype as unknown as { send: Send };
    const send = prototype.send;
    prototype.send = async function (command, ...rest) {
      const call = { action: command.constructor.name.replace(/Command$/, ""), input: command.input };
      return await calls.made(
        call,
        async () => await send.call(this, command, ...rest),
        (answer) => answer,
      );
    };
  }
  const prototype = PlainRequests.prototype as unknown as { send: SendPlain };
  const send = prototype.send;
  prototype.send = async function (key, request) {
    const { headers, body } = request;
    const target = headers.find(([name]) => name === "x-amz-target")?.[1];
    const call: Call =
      target === undefined
        ? { action: "PutObject", input: { Bucket: key, Body: body } }
        : { action: target.replace(/^.*\./, ""), input: JSON.parse(body) as Call["input"] };
    const answerOf = (answer: PlainAnswer | undefined) =>
      answer?.status !== 200 ? undefined : target === undefined ? {} : (JSON.parse(answer.text) as object);
    return await calls.made(call, async () => await send.call(this, key, request), answerOf);
  };
}

class CallSteps {
  readonly #reach: Reach;
  readonly #current = new AsyncLocalStorage<Call>();

  constructor(reach: Reach) {
    this.#reach = reach;
    const written = () => {
      const call = this.#current.getStore();
      // The request has been written by then, and its answer is not heard.
      if (call !== undefined && entriesOf(call).length > 1) setImmediate(() => reach("in a batch", shapeOf(call)));
    };
    // By the SDK's clients, and past them.
    subscribe("http.client.request.start", written);
    const isPlain = new AsyncLocalStorage<boolean>();
    const connections = PlainConnections.prototype as unknown as { exchange: Exchange };
    const { exchange } = connections;
    connections.exchange = async function (...given) {
      return await isPlain.run(true, async () => await exchange.apply(this, given));
    };
    const socket = Socket.prototype as unknown as { write: Write };
    const { write } = socket;
    socket.write = function (...given) {
      const flows = write.apply(this, given);
      if (isPlain.getStore() === true && this.connecting) this.once("connect", written);
      else if (isPlain.getStore() === true) written();
      return flows;
    };
  }

  /** @param answerOf `undefined` where the call was not accepted, and is made again another way. */
  async made<Answer>(call: Call, make: () => Promise<Answer>, answerOf: (answer: Answer) => unknown): Promise<Answer> {
    if (call.action === "DeleteMessageBatch") this.#reach("before the delete", shapeOf(call));
    const answer = await this.#current.run(call, make);
    const said = answerOf(answer);
    if (said !== undefined) this.#answered(call, said);
    return answer;
  }

  #answered(call: Call, answer: unknown): void {
    const { action, input } = call;
    const shape = shapeOf(call);
    if (action === "ReceiveMessage" && ((answer as { Messages?: unknown[] }).Messages ?? []).length > 0)
      this.#reach("after receive", shape);
    if (action === "DeleteMessageBatch") this.#reach("after the delete", shape);
    if (action === "SendMessageBatch" || action === "PublishBatch") this.#reach("after each publish", shape);
    const text = action === "PutObject" && typeof input["Body"] === "string" ? input["Body"] : "";
    if (text.startsWith(`{"state":"running"`)) this.#reach("after taking a claim", shape);
    if (text.startsWith(`{"state":"done"`) && text.includes(`"isPublished":false`)) this.#reach("after storing the result", shape);
  }
}

function shapeOf({ input }: Call): Shape | undefined {
  return shapeNamedIn(String(input["QueueUrl"] ?? input["TopicArn"] ?? input["Bucket"]));
}

function entriesOf({ input }: Call): readonly unknown[] {
  return (input["Entries"] ?? input["PublishBatchRequestEntries"] ?? []) as readonly unknown[];
}

async function work({ shapes, target }: Orders): Promise<void> {
  const reach = dieAt(target);
  watchCalls(reach);
  const all: Worker[] = [];
  for (const shape of shapes) {
    const pipeline = pipelineOf(shape, () => reach("in the handler", shape)).with({ logger: silentLogger });
    const stages = pipeline.graph().stages.map(({ name }) => name);
    const { workers } = pipeline.work({ stages: stages.filter((name) => name !== "ledger"), signals: false });
    for (const [stage, worker] of workers) {
      worker.on("published", () => reach("after all publishes", shape, stage));
      // Commands say how far they are.
      worker.on("progress", () => reach("in the handler", shape, stage));
      all.push(worker);
    }
  }
  // Of stages that hand on to each other, the first may be idle long before the last.
  do await Promise.all(all.map(async (worker) => await worker.idle()));
  while (!all.every((worker) => isAtRest(worker)));
  writeSync(1, "idle\n");
}

function isAtRest(worker: Worker): boolean {
  const { running, settling } = worker.stats();
  return running.length === 0 && settling === 0;
}

if (import.meta.main) {
  const lines = createInterface(process.stdin);
  lines.once("line", (line) => void work(JSON.parse(line) as Orders));
  lines.once("close", () => process.kill(process.pid, "SIGKILL"));
}
