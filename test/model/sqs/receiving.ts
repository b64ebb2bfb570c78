import type { Message as Shown, ReceiveMessageCommandInput } from "@aws-sdk/client-sqs";
import { Difference, mustAccept, mustBe, mustRefuse, type Answer, type Refusal } from "./answer.ts";
import { attributesMd5, md5 } from "./digest.ts";
import { chosen, servable } from "./fifo.ts";
import { numberOf, stateOf, type Message, type Queue } from "./queue.ts";
import { invalidValue, NO_QUEUE } from "./refusals.ts";
import type { Sqs, Waiting } from "./sqs.ts";

/** What receives could be given now: on standard queues everything that is visible, oldest first (README: a receive looks everywhere). */
export function receivable(queue: Queue, nowMs: number): Message[] {
  if (queue.fifo) return [...servable(queue, nowMs).values()].flat();
  return queue.messages.filter((message) => stateOf(message, nowMs) === "visible");
}

/**
 * §5.1: a receive that is answered at once.
 * @param answer undefined: it waits.
 * @returns until when it waits, where it does.
 */
export function receiveMessage(
  sqs: Sqs,
  input: ReceiveMessageCommandInput,
  answer: Answer<"ReceiveMessage"> | undefined,
): { queue: Queue; untilMs: number } | undefined {
  const queue = sqs.find(input.QueueUrl);
  const refusals = queue === undefined ? [NO_QUEUE] : whatIsWrong(input);
  if (queue === undefined || refusals.length > 0) {
    if (answer === undefined) throw new Difference("waits, but must be refused");
    mustRefuse(answer, ...refusals);
    return undefined;
  }
  const waitSeconds = input.WaitTimeSeconds ?? numberOf(queue, "ReceiveMessageWaitTimeSeconds");
  if (answer === undefined) {
    if (receivable(queue, sqs.nowMs).length > 0 || waitSeconds === 0) throw new Difference("waits, but must be answered at once");
    return { queue, untilMs: sqs.nowMs + waitSeconds * 1000 };
  }
  const messages = mustAccept(answer).Messages ?? [];
  if (messages.length === 0 && waitSeconds > 0) throw new Difference("was answered with nothing, but must wait");
  handOut(sqs, queue, { input, messages });
  return undefined;
}

/** Whether a receive that is asked now is not answered at once. */
export function mustWait(sqs: Sqs, input: ReceiveMessageCommandInput): boolean {
  const queue = sqs.find(input.QueueUrl);
  if (queue === undefined || whatIsWrong(input).length > 0 || receivable(queue, sqs.nowMs).length > 0) return false;
  return (input.WaitTimeSeconds ?? numberOf(queue, "ReceiveMessageWaitTimeSeconds")) > 0;
}

/** A receive has waited and is answered: with messages, or with none when its time is over, or because its queue is gone. */
export function receiveAfterWait(sqs: Sqs, { queue, input, untilMs }: Waiting, answer: Answer<"ReceiveMessage">): void {
  if (queue.deleted) return mustRefuse(answer, NO_QUEUE);
  const messages = mustAccept(answer).Messages ?? [];
  // What comes at the very end of the wait may or may not be in time.
  if (messages.length === 0 && untilMs <= sqs.nowMs) return;
  if (messages.length === 0) throw new Difference("was answered with nothing before its time was over");
  handOut(sqs, queue, { input, messages });
}

function whatIsWrong({
  MaxNumberOfMessages: max = 1,
  WaitTimeSeconds: wait = 0,
  VisibilityTimeout: hide = 0,
}: ReceiveMessageCommandInput): Refusal[] {
  const wrong: Refusal[] = [];
  if (max < 1 || max > 10) wrong.push(invalidValue(max, "MaxNumberOfMessages", "Must be between 1 and 10, if provided."));
  if (wait < 0 || wait > 20) wrong.push(invalidValue(wait, "WaitTimeSeconds", "Must be >= 0 and <= 20, if provided."));
  if (hide < 0 || hide > 43_200) wrong.push(invalidValue(hide, "VisibilityTimeout", "Must be >= 0 and <= 43200, if provided."));
  return wrong;
}

/** The messages that are handed out are the right ones, complete and counted; they are hidden from now on. */
function handOut(sqs: Sqs, queue: Queue, { input, messages }: { input: ReceiveMessageCommandInput; messages: readonly Shown[] }): void {
  const max = input.MaxNumberOfMessages ?? 1;
  const expected = queue.fifo ? chosen(queue, sqs.nowMs, { max, messages }) : expectedOf(receivable(queue, sqs.nowMs), messages, max);
  const name = ({ id, body }: { id: string; body: string }) => `${body.slice(0, 20)} (${id})`;
  mustBe(
    "messages received",
    messages.map(({ MessageId: id = "", Body: body = "" }) => name({ id, body })),
    expected.map(name),
  );
  const hideMs = (input.VisibilityTimeout ?? numberOf(queue, "VisibilityTimeout")) * 1000;
  for (const [index, message] of expected.entries()) {
    message.receiveCount += 1;
    message.firstReceivedMs ??= sqs.nowMs;
    message.hiddenUntilMs = sqs.nowMs + hideMs;
    message.hiddenBy = "receive";
    takeHandle(sqs, queue, { message, text: messages[index]?.ReceiptHandle ?? "" });
    mustShow(message, messages[index] ?? {});
  }
}

/**
 * §8: with groups, whose turn it is hangs on what each tenant has taken before, which `store/fairness.suite.ts` is about.
 * Here each tenant's messages come oldest first, and nobody gets less than there is.
 */
function expectedOf(visible: readonly Message[], messages: readonly Shown[], max: number): Message[] {
  const oldest = visible.slice(0, max);
  const received = messages.map(({ MessageId }) => visible.find(({ id }) => id === MessageId));
  const chosen = received.filter((message) => message !== undefined);
  if (visible.every(({ groupId }) => groupId === undefined) || chosen.length !== oldest.length) return oldest;
  const inTurn = [...Map.groupBy(chosen, ({ groupId }) => groupId)].every(([tenant, own]) => {
    const waiting = visible.filter(({ groupId }) => groupId === tenant);
    return own.every((message, index) => message === waiting[index]);
  });
  return inTurn ? chosen : oldest;
}

function takeHandle(sqs: Sqs, queue: Queue, { message, text }: { message: Message; text: string }): void {
  if (text === "" || text.length > 1024 || sqs.handles.has(text)) throw new Difference(`handle "${text}" is missing, long or not new`);
  const handle = { text, queue, message, receivedMs: sqs.nowMs };
  sqs.handles.set(text, handle);
  message.handle = handle;
}

/** Every receive of the model asks for everything that a message has. */
function mustShow(message: Message, shown: Shown): void {
  mustBe("Body", shown.Body, message.body);
  mustBe("MD5OfBody", shown.MD5OfBody, md5(message.body));
  mustBe("MessageAttributes", shown.MessageAttributes, message.attributes);
  mustBe("MD5OfMessageAttributes", shown.MD5OfMessageAttributes, message.attributes && attributesMd5(message.attributes));
  const { SenderId, ...attributes } = shown.Attributes ?? {};
  if (SenderId === undefined || SenderId === "") throw new Difference("SenderId is missing");
  const expected: Record<string, string> = {
    ApproximateReceiveCount: String(message.receiveCount),
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedMs),
    SentTimestamp: String(message.sentMs),
  };
  if (message.groupId !== undefined) expected["MessageGroupId"] = message.groupId;
  if (message.dedupId !== undefined) expected["MessageDeduplicationId"] = message.dedupId;
  if (message.sequenceNumber !== undefined) expected["SequenceNumber"] = message.sequenceNumber;
  if (message.traceHeader !== undefined) expected["AWSTraceHeader"] = message.traceHeader;
  mustBe("Attributes", { ...attributes }, expected);
}
