import type {
  SendMessageBatchCommandInput,
  SendMessageBatchRequestEntry,
  SendMessageCommandInput,
  SendMessageCommandOutput,
} from "@aws-sdk/client-sqs";
import { Difference, mustAccept, mustBe, mustRefuse, show, type Answer, type Refusal } from "./answer.ts";
import { attributesMd5, md5, sizeOf } from "./digest.ts";
import { dedupIdOf, duplicateOf, mustFollow, NO_DEDUP_ID, remember, whatIsWrongInOrder } from "./fifo.ts";
import { numberOf, type Message, type Queue } from "./queue.ts";
import { batchRefusal, invalid, INVALID_CONTENTS, invalidValue, missing, NO_QUEUE } from "./refusals.ts";
import type { Sqs } from "./sqs.ts";

/** What SendMessage and an entry of a batch have in common. */
type Sent = Omit<SendMessageBatchRequestEntry, "Id">;
type Stored = Pick<SendMessageCommandOutput, "MessageId" | "SequenceNumber" | "MD5OfMessageBody" | "MD5OfMessageAttributes">;

/** §4.1 */
export function sendMessage(sqs: Sqs, input: SendMessageCommandInput, answer: Answer<"SendMessage">): void {
  const queue = sqs.find(input.QueueUrl);
  if (queue === undefined) return mustRefuse(answer, NO_QUEUE);
  const wrong = whatIsWrong(queue, input, "One or more parameters are invalid.");
  if (wrong.length > 0) return mustRefuse(answer, ...wrong);
  store(sqs, queue, { input, stored: mustAccept(answer) });
}

/** §4.3: in the order of the list; what is wrong with an entry does not keep the others out. */
export function sendMessageBatch(
  sqs: Sqs,
  { QueueUrl, Entries = [] }: SendMessageBatchCommandInput,
  answer: Answer<"SendMessageBatch">,
): void {
  const queue = sqs.find(QueueUrl);
  if (queue === undefined) return mustRefuse(answer, NO_QUEUE);
  const refusal = batchRefusal(
    Entries.map(({ Id = "" }) => Id),
    "SendMessageBatchRequestEntry",
  );
  if (refusal !== undefined) return mustRefuse(answer, refusal);
  const judged = Entries.map((entry) => ({ entry, wrong: whatIsWrong(queue, entry, "One or more parameters cannot be validated.") }));
  if (queue.fifo && isRefusedWhole(judged, answer)) return;
  const output = mustAccept(answer);
  mustAnswerEach(Entries, output);
  for (const { entry, wrong } of judged) {
    const failed = output.Failed?.find(({ Id }) => Id === entry.Id);
    const stored = output.Successful?.find(({ Id }) => Id === entry.Id);
    if (wrong.length > 0) mustFail(entry.Id, failed, wrong);
    else if (stored === undefined) throw new Difference(`entry ${entry.Id} must succeed, but: ${show(failed)}`);
    else store(sqs, queue, { input: entry, stored });
  }
}

/** §4.3: an entry without a group, or one of which nobody could tell whether it is a duplicate, spoils the whole batch for a FIFO queue. */
function isRefusedWhole(judged: readonly { entry: Sent; wrong: readonly Refusal[] }[], answer: Answer<"SendMessageBatch">): boolean {
  const spoilt: Refusal[] = [];
  if (judged.some(({ entry }) => entry.MessageGroupId === undefined)) spoilt.push(invalid(missing("MessageGroupId").message));
  const without = judged.filter(({ wrong }) => wrong.includes(NO_DEDUP_ID));
  if (without.length > 0) spoilt.push(NO_DEDUP_ID);
  if (spoilt.length === 0) return false;
  // One that fails for itself anyway need not be asked for its deduplication id.
  if (spoilt[0] === NO_DEDUP_ID && "output" in answer && without.every(({ wrong }) => wrong.length > 1)) return false;
  mustRefuse(answer, ...spoilt);
  return true;
}

/** Every entry of a batch is answered once, as successful or as failed. */
export function mustAnswerEach(
  entries: readonly { Id?: string | undefined }[],
  {
    Successful = [],
    Failed = [],
  }: { Successful?: { Id?: string | undefined }[] | undefined; Failed?: { Id?: string | undefined }[] | undefined },
): void {
  const sorted = (ids: readonly { Id?: string | undefined }[]) => ids.map(({ Id = "" }) => Id).sort((a, b) => (a < b ? -1 : 1));
  mustBe("entries answered", sorted([...Successful, ...Failed]), sorted(entries));
}

type FailedEntry = { Id?: string | undefined; Code?: string | undefined; Message?: string | undefined; SenderFault?: boolean | undefined };

/** The entry must be refused, with one of these. */
export function mustFail(id: string | undefined, failed: FailedEntry | undefined, wrong: readonly Refusal[]): void {
  if (failed === undefined) throw new Difference(`entry ${id} must fail with ${show(wrong)}`);
  mustBe(`SenderFault of entry ${id}`, failed.SenderFault, true);
  const { Code: code = "", Message: message = "" } = failed;
  mustRefuse({ refusal: { code, message } }, ...wrong);
}

// Tab, line feed, carriage return, and everything from the space on but halves of surrogate pairs, U+FFFE and U+FFFF.
// oxlint-disable-next-line eslint/no-control-regex -- Some control characters are allowed.
const ALLOWED = /^[\u0009\u000A\u000D\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]*$/u;

function whatIsWrong(queue: Queue, input: Sent, tooLong: string): Refusal[] {
  const { MessageBody: body = "", DelaySeconds: delay = 0, MessageGroupId: group } = input;
  const wrong: Refusal[] = [];
  if (body === "") wrong.push(missing("MessageBody"));
  if (!ALLOWED.test(body)) wrong.push(INVALID_CONTENTS);
  const limit = numberOf(queue, "MaximumMessageSize");
  if (sizeOf(body, input.MessageAttributes) > limit) wrong.push(invalid(`${tooLong} Reason: Message must be shorter than ${limit} bytes.`));
  if (delay < 0 || delay > 900) wrong.push(invalidValue(delay, "DelaySeconds", "DelaySeconds must be >= 0 and <= 900."));
  if (group !== undefined && !/^[!-~]{1,128}$/.test(group))
    wrong.push(
      invalidValue(group, "MessageGroupId", "MessageGroupId can only include alphanumeric and punctuation characters. 1 to 128 in length."),
    );
  if (queue.fifo) wrong.push(...whatIsWrongInOrder(queue, input));
  else if (input.MessageDeduplicationId !== undefined)
    wrong.push(
      invalidValue(
        input.MessageDeduplicationId,
        "MessageDeduplicationId",
        "The request includes a parameter that is not valid for this queue type.",
      ),
    );
  return wrong;
}

function store(sqs: Sqs, queue: Queue, { input, stored }: { input: Sent; stored: Stored }): void {
  const { MessageBody: body = "", MessageAttributes: attributes, MessageSystemAttributes: system } = input;
  mustBe("MD5OfMessageBody", stored.MD5OfMessageBody, md5(body));
  mustBe("MD5OfMessageAttributes", stored.MD5OfMessageAttributes, attributes && attributesMd5(attributes));
  const { MessageId: id, SequenceNumber: sequenceNumber } = stored;
  const first = queue.fifo ? duplicateOf(queue, input, sqs.nowMs) : undefined;
  if (first !== undefined) return mustBe("what is repeated", [id, sequenceNumber], [first.id, first.sequenceNumber]);
  if (queue.fifo) mustFollow(queue, sequenceNumber);
  else mustBe("SequenceNumber", sequenceNumber, undefined);
  if (id === undefined || id.length > 100 || sqs.messageIds.has(id)) throw new Difference(`MessageId ${id} is missing, long or not new`);
  sqs.messageIds.add(id);
  // On a FIFO queue the only delay is the queue's own.
  const delayMs = (queue.fifo ? undefined : input.DelaySeconds) ?? numberOf(queue, "DelaySeconds");
  const message: Message = {
    id,
    body,
    attributes,
    traceHeader: system?.AWSTraceHeader?.StringValue,
    groupId: input.MessageGroupId,
    dedupId: queue.fifo ? dedupIdOf(input) : undefined,
    sequenceNumber,
    sentMs: sqs.nowMs,
    hiddenUntilMs: sqs.nowMs + delayMs * 1000,
    hiddenBy: "delay",
    receiveCount: 0,
    firstReceivedMs: undefined,
    handle: undefined,
    source: undefined,
    tie: undefined,
  };
  queue.messages.push(message);
  if (queue.fifo) remember(queue, input, message);
}
