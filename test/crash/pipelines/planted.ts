import type { Fault } from "../../model/faults/planted.ts";
import type { Target } from "./killed-worker.ts";

/** A mistake in the worker, the death after which it shows, and as what. */
export interface FaultOfWorker extends Fault {
  readonly at: Target;
  readonly shows: string;
}

const PIPELINE = "src/worker/pipeline";
const RULES = "src/worker/rules";
const first = (shape: Target["shape"], step: Target["step"]): Target => ({ shape, step, nth: 1 });

export const FAULTS: readonly FaultOfWorker[] = [
  {
    name: "a message is deleted before its outputs are published",
    at: first("straight", "after the delete"),
    shows: "is missing",
    file: "src/worker/settle.ts",
    text: "    const failed = await this.#publishFor(job, settlement);\n",
    instead: `    if (settlement.do === "publish-and-delete") await this.#delete(job, { do: "delete", outputs: 0, death: undefined });
    const failed = await this.#publishFor(job, settlement);\n`,
  },
  {
    name: "a message is deleted before its handler runs",
    at: first("straight", "in the handler"),
    shows: "is missing",
    file: "src/worker/loop.ts",
    text: `    job.state = "running";\n`,
    instead: `    job.state = "running";
    const { sqs, queues } = this.#options;
    await sqs.deleteBatch(queues.queueUrl, [job.message.receiptHandle], new AbortController().signal);\n`,
  },
  {
    name: "a claim is written whatever stands there",
    at: first("straight", "before the delete"),
    shows: "comes of several runs",
    file: `${PIPELINE}/claims.ts`,
    text: "await objects.write(this.#key, text, { condition });",
    instead: "await objects.write(this.#key, text, {});",
  },
  {
    name: "outputs are published before they are stored",
    // Of a last stage: what the first gives twice is known again by the next.
    at: { shape: "straight", step: "after all publishes", nth: 1, stage: "evens" },
    shows: "comes of several runs",
    file: `${PIPELINE}/handling.ts`,
    text: "    await hold.commit(outputs.list.map(keptOutput));\n",
    instead: "",
  },
  {
    name: "a stored result counts as published",
    at: first("fan-out", "after storing the result"),
    shows: "is missing",
    file: `${RULES}/claim.ts`,
    text: `return claim.state === "done" ? "publish-again" : "take";`,
    instead: `return claim.state === "done" ? "let-go" : "take";`,
  },
  {
    name: "the claim of a dead worker keeps everybody else away",
    at: first("fan-out", "after taking a claim"),
    shows: "is missing",
    file: `${RULES}/claim.ts`,
    text: "const isOurs = claim.messageId === claimant.messageId || claimant.isRedriven || claim.untilMs <= nowMs;",
    instead: "const isOurs = false;",
  },
  {
    name: "outputs have other ids in every run",
    at: first("exec", "before the delete"),
    shows: "has several ids",
    file: "src/worker/outputs.ts",
    text: "key: options.key === undefined ? `#${place}` : `=${options.key}` })",
    instead: "key: String(Math.random()) })",
  },
  {
    name: "a FIFO queue is not told that an output is a second copy",
    at: first("exec-fifo", "before the delete"),
    shows: "is there 2 times",
    file: "src/worker/outputs.ts",
    text: "deduplicationId: fifo ? id : undefined,",
    instead: "deduplicationId: fifo ? String(Math.random()) : undefined,",
  },
  {
    name: "a join fires for every part that finds all there",
    at: first("join", "after each publish"),
    shows: "has several ids",
    file: `${PIPELINE}/join.ts`,
    text: "    await handleOnce(parts, attempt, {\n      key,\n",
    instead: "    await handleOnce(parts, attempt, {\n      key: `${key} ${message.messageId}`,\n",
  },
];
