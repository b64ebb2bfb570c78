import type {
  ChangeMessageVisibilityBatchCommandInput,
  ChangeMessageVisibilityCommandInput,
  DeleteMessageBatchCommandInput,
  DeleteMessageCommandInput,
} from "@aws-sdk/client-sqs";
import { Difference, mustAccept, mustRefuse, show, type Answer, type Refusal } from "./answer.ts";
import { stateOf, type Handle, type Queue } from "./queue.ts";
import {
  badHandle,
  batchRefusal,
  beyondTwelveHours,
  EXPIRED_IN_BATCH,
  expiredHandle,
  goneMessage,
  invalidValue,
  missing,
  NO_QUEUE,
} from "./refusals.ts";
import { mustAnswerEach, mustFail } from "./sending.ts";
import type { Sqs } from "./sqs.ts";

const TWELVE_HOURS_MS = 43_200_000;

/** §5.3 */
export function deleteMessage(sqs: Sqs, input: DeleteMessageCommandInput, answer: Answer<"DeleteMessage">): void {
  const queue = sqs.find(input.QueueUrl);
  if (queue === undefined) return mustRefuse(answer, NO_QUEUE);
  const text = input.ReceiptHandle ?? "";
  const wrong = remove(sqs, queue, { text, late: expiredHandle(text) });
  if (wrong.length > 0) return mustRefuse(answer, ...wrong);
  mustAccept(answer);
}

export function deleteMessageBatch(
  sqs: Sqs,
  { QueueUrl, Entries = [] }: DeleteMessageBatchCommandInput,
  answer: Answer<"DeleteMessageBatch">,
): void {
  const queue = sqs.find(QueueUrl);
  if (queue === undefined) return mustRefuse(answer, NO_QUEUE);
  const refusal = batchRefusal(
    Entries.map(({ Id = "" }) => Id),
    "DeleteMessageBatchRequestEntry",
  );
  if (refusal !== undefined) return mustRefuse(answer, refusal);
  judgeBatch(Entries, mustAccept(answer), ({ ReceiptHandle: text = "" }) => remove(sqs, queue, { text, late: EXPIRED_IN_BATCH }));
}

/** §5.4 */
export function changeMessageVisibility(
  sqs: Sqs,
  input: ChangeMessageVisibilityCommandInput,
  answer: Answer<"ChangeMessageVisibility">,
): void {
  const queue = sqs.find(input.QueueUrl);
  if (queue === undefined) return mustRefuse(answer, NO_QUEUE);
  const wrong = hide(sqs, queue, input);
  if (wrong.length > 0) return mustRefuse(answer, ...wrong);
  mustAccept(answer);
}

export function changeMessageVisibilityBatch(
  sqs: Sqs,
  { QueueUrl, Entries = [] }: ChangeMessageVisibilityBatchCommandInput,
  answer: Answer<"ChangeMessageVisibilityBatch">,
): void {
  const queue = sqs.find(QueueUrl);
  if (queue === undefined) return mustRefuse(answer, NO_QUEUE);
  const refusal = batchRefusal(
    Entries.map(({ Id = "" }) => Id),
    "ChangeMessageVisibilityBatchRequestEntry",
  );
  if (refusal !== undefined) return mustRefuse(answer, refusal);
  judgeBatch(Entries, mustAccept(answer), (entry) => hide(sqs, queue, entry));
}

type BatchOutput = Parameters<typeof mustAnswerEach>[1] & { Failed?: Parameters<typeof mustFail>[1][] | undefined };

function judgeBatch<E extends { Id: string | undefined }>(entries: readonly E[], output: BatchOutput, act: (entry: E) => Refusal[]): void {
  mustAnswerEach(entries, output);
  for (const entry of entries) {
    const wrong = act(entry);
    const failed = output.Failed?.find((failure) => failure?.Id === entry.Id);
    if (wrong.length > 0) mustFail(entry.Id, failed, wrong);
    else if (failed !== undefined) throw new Difference(`entry ${entry.Id} must succeed, but: ${show(failed)}`);
  }
}

/**
 * Any handle of a message deletes it, from a FIFO queue only the one that holds it, and one of a message that is gone
 * deletes nothing (README).
 */
function remove(sqs: Sqs, queue: Queue, { text, late }: { text: string; late: Refusal }): Refusal[] {
  const handle = sqs.handles.get(text);
  if (handle?.queue !== queue) return [badHandle(text)];
  if (queue.fifo && queue.messages.includes(handle.message) && !holds(sqs, handle)) return [late];
  queue.messages = queue.messages.filter((message) => message !== handle.message);
  return [];
}

/** Whether this receive hides the message now. */
function holds(sqs: Sqs, handle: Handle): boolean {
  return stateOf(handle.message, sqs.nowMs) === "in flight" && handle.message.handle === handle;
}

/** Counted from now. @returns what may be said against it. */
function hide(
  sqs: Sqs,
  queue: Queue,
  { ReceiptHandle: text = "", VisibilityTimeout: seconds }: { ReceiptHandle: string | undefined; VisibilityTimeout?: number | undefined },
): Refusal[] {
  const handle = sqs.handles.get(text);
  const wrong: Refusal[] = [];
  if (handle?.queue !== queue) wrong.push(badHandle(text));
  if (seconds === undefined) return [...wrong, missing("VisibilityTimeout")];
  if (seconds < 0 || seconds > 43_200) wrong.push(invalidValue(seconds, "VisibilityTimeout", "Must be between 0 and 43200."));
  if (handle === undefined || wrong.length > 0) return wrong;
  const { message, receivedMs } = handle;
  if (!queue.messages.includes(message)) return [goneMessage(text)];
  if (queue.fifo && !holds(sqs, handle)) return [expiredHandle(text)];
  // README: whole seconds that have passed are counted.
  const passedMs = Math.floor((sqs.nowMs - receivedMs) / 1000) * 1000;
  if (seconds > 0 && passedMs + seconds * 1000 > TWELVE_HOURS_MS) return [beyondTwelveHours(seconds)];
  // README: no effect where a newer receive holds the message; but it can be shown by any handle.
  if (seconds > 0 && stateOf(message, sqs.nowMs) === "in flight" && message.handle !== handle) return [];
  message.hiddenUntilMs = sqs.nowMs + seconds * 1000;
  message.hiddenBy = "receive";
  return [];
}
