/**
 * Works on one pipeline of the matrix and kills itself when it reaches a step for the nth time; or works on all of them.
 *
 *     AWS_ENDPOINT_URL=… node killed-worker.ts <shape> <step> <nth>
 */
import { S3Client } from "@aws-sdk/client-s3";
import { SNSClient } from "@aws-sdk/client-sns";
import { SQSClient } from "@aws-sdk/client-sqs";
import { silentLogger } from "../../../src/kernel/logger.ts";
import { pipelineOf, SHAPES, type Shape } from "./shapes.ts";
import type { Step } from "./steps.ts";

interface Sent {
  readonly constructor: { readonly name: string };
  readonly input: Readonly<Record<string, unknown>>;
}

type Send = (this: unknown, command: Sent, ...rest: unknown[]) => Promise<unknown>;

function main(shape: Shape, step: Step, nth: number): void {
  let left = nth;
  const reach = (reached: Step) => {
    if (reached !== step) return;
    left -= 1;
    if (left === 0) process.kill(process.pid, "SIGKILL");
  };
  const watch = (client: { prototype: unknown }) => {
    const prototype = client.prototype as { send: Send };
    const send = prototype.send;
    prototype.send = async function (command, ...rest) {
      const { name } = command.constructor;
      const entries = (command.input["Entries"] ?? command.input["PublishBatchRequestEntries"] ?? []) as unknown[];
      if (name === "DeleteMessageBatchCommand") reach("before the delete");
      const answer = send.call(this, command, ...rest);
      // The request is on its way, and its answer is not heard.
      if (entries.length > 1) setTimeout(() => reach("in a batch"), 2);
      const result = await answer;
      if (name === "ReceiveMessageCommand" && ((result as { Messages?: unknown[] }).Messages ?? []).length > 0) reach("after receive");
      if (name === "DeleteMessageBatchCommand") reach("after the delete");
      if (name === "SendMessageBatchCommand" || name === "PublishBatchCommand") reach("after each publish");
      const text = name === "PutObjectCommand" && typeof command.input["Body"] === "string" ? command.input["Body"] : "";
      if (text.startsWith(`{"state":"running"`)) reach("after taking a claim");
      if (text.startsWith(`{"state":"done"`) && text.includes(`"isPublished":false`)) reach("after storing the result");
      return result;
    };
  };
  for (const client of [SQSClient, SNSClient, S3Client]) watch(client);

  for (const one of step === "never" ? SHAPES : [shape]) {
    const pipeline = pipelineOf(one, () => reach("in the handler")).with({ logger: silentLogger });
    const stages = pipeline.graph().stages.map(({ name }) => name);
    const { workers } = pipeline.work({ stages: stages.filter((name) => name !== "ledger") });
    for (const worker of workers.values()) worker.on("published", () => reach("after all publishes"));
  }
}

const [shape, step, nth] = process.argv.slice(2);
if (import.meta.main && shape !== undefined) main(shape as Shape, step as Step, Number(nth));
