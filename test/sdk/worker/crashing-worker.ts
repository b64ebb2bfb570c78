/**
 * A worker that dies at a chosen step, or stops when the queue is empty. Its messages are `{ n }`, its outputs `{ n }` again.
 *
 *     node crashing-worker.ts <endpoint> <step> <nth>
 *
 * It kills itself, as the kernel would for want of memory, when it reaches that step for the nth time.
 */
import { SQSClient } from "@aws-sdk/client-sqs";
import { silentLogger } from "../../../src/kernel/logger.ts";
import { consume } from "../../../src/worker/index.ts";

/** Where a worker can die; `never` is one that does not. */
export type Step = "after-receive" | "in-handler" | "after-handler" | "after-publish" | "before-delete" | "after-delete" | "never";

/** Handlers at a time. */
export const SLOTS = 4;

function main(endpoint: string, step: Step, nth: number): void {
  let left = nth;
  const reach = (reached: Step) => {
    if (reached !== step) return;
    left -= 1;
    if (left === 0) process.kill(process.pid, "SIGKILL");
  };

  const client = new SQSClient({ endpoint, region: "us-east-1", credentials: { accessKeyId: "test", secretAccessKey: "test" } });
  client.middlewareStack.add(
    (next, context) => async (args) => {
      if (context["commandName"] === "SendMessageBatchCommand") reach("after-handler");
      if (context["commandName"] === "DeleteMessageBatchCommand") reach("before-delete");
      return await next(args);
    },
    { step: "initialize" },
  );

  const worker = consume<unknown, "out">("jobs", {
    client,
    concurrency: SLOTS,
    outputs: { out: "out" },
    logger: silentLogger,
    run: async (message, ctx) => {
      ctx.emit("out", message);
      // Long enough for the slots to be at different places when one of them ends them all.
      await new Promise((resolve) => setTimeout(resolve, 5 + ((message as { n: number }).n % 7)));
      reach("in-handler");
    },
  });
  worker.on("received", () => reach("after-receive"));
  worker.on("published", () => reach("after-publish"));
  worker.on("succeeded", () => reach("after-delete"));
  void worker.idle().then(async () => await worker.stop());
}

const [endpoint, step, nth] = process.argv.slice(2);
if (import.meta.main && endpoint !== undefined) main(endpoint, step as Step, Number(nth));
