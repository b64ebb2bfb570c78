import type { Message as Shown, ReceiveMessageCommandInput } from "@aws-sdk/client-sqs";
import { Difference, mustAccept, mustBe, mustRefuse, type Answer, type Refusal } from "./answer.ts";
import { attributesMd5, md5 } from "./digest.ts";
import { chosen, givenBefore, mustKeepOrder, servable } from "./fifo.ts";
import { arnOf, numberOf, stateOf, type Attempt, type Handle, type Message, type Queue } from "./queue.ts";
import { giveUp, isGivenUp } from "./redrive.ts";
import { invalidValue, NO_QUEUE } from "./refusals.ts";
import type { Sqs, Waiting } from "./sqs.ts";

/** What receives could come to now: on standard queues everything that is visible, oldest first (README: a receive looks everywhere). */
function reachable(queue: Queue, nowMs: number): Message[] {
  if (queue.fifo) return [...servable(queue, nowMs).values()].flat();
  return queue.messages.filter((message) => stateOf(message, nowMs) === "visible");
}

/** What receives could be given now: of that what is not given up instead. */
export function receivable(sqs: Sqs, queue: Queue): Message[] {
  return reachable(queue, sqs.nowMs).filter((message) => !isGivenUp(sqs, queue, message));
}

/** A receive that finds nothing to deliver has come to everything that is to be given up. @returns whether there was any. */
export function giveUpAll(sqs: Sqs, queue: Queue, byWaiting = false): boolean {
  if (queue.redrive === undefined) return false;
  const givenUp = reachable(queue, sqs.nowMs).filter((message) => isGivenUp(sqs, queue, message));
  for (const message of givenUp) {
    const moved = giveUp(sqs, queue, message);
    if (byWaiting) moved.tie = sqs.nowMs;
  }
  return givenUp.length > 0;
}

/** Nobody can say whether a receive has come to what is to be given up. */
export function leaveOpen(sqs: Sqs, queue: Queue): void {
  for (const message of reachable(queue, sqs.nowMs)) if (isGivenUp(sqs, queue, message)) queue.open.add(message);
}

/** What a receive that waited was given and stood elsewhere, others must have given up before. */
export function giveUpTo(sqs: Sqs, messages: readonly Shown[]): void {
  const isShown = ({ id }: Message) => id !== undefined && messages.some(({ MessageId }) => MessageId === id);
  for (const queue of sqs.queues.values()) for (const message of queue.open) if (isShown(message)) giveUp(sqs, queue, message);
  for (let more = true; more;) {
    const from = sqs.waiting.find(({ queue }) => queue.messages.some((message) => isShown(message) && isGivenUp(sqs, queue, message)));
    more = from !== undefined && giveUpAll(sqs, from.queue, true);
  }
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
  const refusals = queue === undefined ? [NO_QUEUE] : whatIsWrong(queue, input);
  if (queue === undefined || refusals.length > 0) {
    if (answer === undefined) throw new Difference("waits, but must be refused");
    mustRefuse(answer, ...refusals);
    return undefined;
  }
  const waitSeconds = input.WaitTimeSeconds ?? numberOf(queue, "ReceiveMessageWaitTimeSeconds");
  if (answer === undefined) {
    if (receivable(sqs, queue).length > 0 || waitSeconds === 0 || isGivenBefore(sqs, queue, input))
      throw new Difference("waits, but must be answered at once");
    giveUpAll(sqs, queue);
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
  if (queue === undefined || whatIsWrong(queue, input).length > 0 || receivable(sqs, queue).length > 0) return false;
  if (isGivenBefore(sqs, queue, input)) return false;
  return (input.WaitTimeSeconds ?? numberOf(queue, "ReceiveMessageWaitTimeSeconds")) > 0;
}

/** Whether the receive repeats one whose messages it is to be given once more. */
export function isGivenBefore({ nowMs }: Sqs, queue: Queue, { ReceiveRequestAttemptId: attemptId }: ReceiveMessageCommandInput): boolean {
  return givenBefore(queue, attemptId, nowMs) !== undefined;
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

function whatIsWrong({ fifo }: Queue, input: ReceiveMessageCommandInput): Refusal[] {
  const { MaxNumberOfMessages: max = 1, WaitTimeSeconds: wait = 0, VisibilityTimeout: hide = 0, ReceiveRequestAttemptId: id } = input;
  const wrong: Refusal[] = [];
  if (id !== undefined && !fifo)
    wrong.push(invalidValue(id, "ReceiveRequestAttemptId", "The request includes a parameter that is not valid for this queue type."));
  if (id !== undefined && !/^[!-~]{1,128}$/.test(id)) {
    const reason = "ReceiveRequestAttemptId can only include alphanumeric and punctuation characters. 1 to 128 in length.";
    wrong.push(invalidValue(id, "ReceiveRequestAttemptId", reason));
  }
  if (max < 1 || max > 10) wrong.push(invalidValue(max, "MaxNumberOfMessages", "Must be between 1 and 10, if provided."));
  if (wait < 0 || wait > 20) wrong.push(invalidValue(wait, "WaitTimeSeconds", "Must be >= 0 and <= 20, if provided."));
  if (hide < 0 || hide > 43_200) wrong.push(invalidValue(hide, "VisibilityTimeout", "Must be >= 0 and <= 43200, if provided."));
  return wrong;
}

/** The messages that are handed out are the right ones, complete and counted; they are hidden from now on. */
function handOut(sqs: Sqs, queue: Queue, { input, messages }: { input: ReceiveMessageCommandInput; messages: readonly Shown[] }): void {
  const { MaxNumberOfMessages: max = 1, ReceiveRequestAttemptId: attemptId } = input;
  const hideMs = (input.VisibilityTimeout ?? numberOf(queue, "VisibilityTimeout")) * 1000;
  const before = givenBefore(queue, attemptId, sqs.nowMs);
  if (before !== undefined) return giveAgain(sqs, queue, { before, messages, hideMs });
  untie(queue, messages);
  const expected = queue.fifo ? chosen(sqs, queue, { max, messages }) : taken(sqs, queue, { max, messages });
  for (const [index, message] of expected.entries()) message.id ??= newId(sqs, messages[index]?.MessageId);
  const name = ({ id, body }: { id: string | undefined; body: string }) => `${body.slice(0, 20)} (${id})`;
  mustBe(
    "messages received",
    messages.map(({ MessageId: id = "", Body: body = "" }) => name({ id, body })),
    expected.map(name),
  );
  const handles = expected.map((message, index) => {
    hideAndCount(sqs, message, hideMs);
    mustShow(queue, message, messages[index] ?? {});
    return takeHandle(sqs, queue, { message, text: messages[index]?.ReceiptHandle ?? "" });
  });
  if (attemptId !== undefined && handles.length > 0)
    queue.attempts.set(attemptId, { askedMs: sqs.nowMs, handles, hiddenUntilMs: sqs.nowMs + hideMs });
}

/** §6: the same messages by the same handles, not counted once more, and hidden anew. */
function giveAgain(
  sqs: Sqs,
  queue: Queue,
  { before, messages, hideMs }: { before: Attempt; messages: readonly Shown[]; hideMs: number },
): void {
  mustBe(
    "handles received again",
    messages.map(({ ReceiptHandle }) => ReceiptHandle),
    before.handles.map(({ text }) => text),
  );
  before.hiddenUntilMs = sqs.nowMs + hideMs;
  for (const [index, { message }] of before.handles.entries()) {
    message.hiddenUntilMs = before.hiddenUntilMs;
    mustShow(queue, message, messages[index] ?? {});
  }
}

/** An id that nobody has seen before. */
function newId(sqs: Sqs, id: string | undefined): string {
  if (id === undefined || id.length > 100 || sqs.messageIds.has(id)) throw new Difference(`MessageId ${id} is missing, long or not new`);
  sqs.messageIds.add(id);
  return id;
}

/** A standard queue gives its oldest messages, and gives up what it comes to before the last of them. */
function taken(sqs: Sqs, queue: Queue, { max, messages }: { max: number; messages: readonly Shown[] }): Message[] {
  const visible = reachable(queue, sqs.nowMs);
  const deliverable = visible.filter((message) => !isGivenUp(sqs, queue, message));
  const expected = expectedOf(deliverable, messages, max);
  if (deliverable.length === visible.length) return expected;
  const isFair = visible.some(({ groupId }) => groupId !== undefined);
  for (const [index, message] of visible.entries()) {
    if (!isGivenUp(sqs, queue, message)) continue;
    const behind = visible.slice(index).filter((other) => expected.includes(other));
    if (expected.length < max || behind.some(({ groupId }) => !isFair || groupId === message.groupId)) giveUp(sqs, queue, message);
    else if (isFair) queue.open.add(message);
  }
  return expected;
}

/**
 * A receive without waiting whose caller had gone: what it was given is as before (README), what it came to and gave up
 * has gone on.
 */
export function receiveInVain(sqs: Sqs, input: ReceiveMessageCommandInput): void {
  const queue = sqs.find(input.QueueUrl);
  const { MaxNumberOfMessages: max = 1 } = input;
  if (queue === undefined || whatIsWrong(queue, input).length > 0) return;
  // The groups that it was given, whichever they are, have waited anew since.
  for (const turn of queue.turns.values()) turn.latestMs = sqs.nowMs;
  if (!queue.fifo) taken(sqs, queue, { max, messages: receivable(sqs, queue).map(({ id }) => ({ MessageId: id })) });
}

/** A receive of a standard queue without groups that was committed, but of which nobody was told. */
export function receiveUntold(
  sqs: Sqs,
  { QueueUrl, MaxNumberOfMessages: max = 1, VisibilityTimeout: hide = 30 }: ReceiveMessageCommandInput,
): void {
  const queue = sqs.find(QueueUrl);
  if (queue === undefined) return;
  for (const message of taken(sqs, queue, { max, messages: [] })) {
    hideAndCount(sqs, message, hide * 1000);
    message.handle = undefined;
  }
}

function hideAndCount(sqs: Sqs, message: Message, hideMs: number): void {
  message.receiveCount += 1;
  message.firstReceivedMs ??= sqs.nowMs;
  message.hiddenUntilMs = sqs.nowMs + hideMs;
  message.hiddenBy = "receive";
}

/** Of messages that receives on several queues gave up at the same moment, those came first that are shown first. */
function untie(queue: Queue, messages: readonly Shown[]): void {
  for (let from = 0; from < queue.messages.length;) {
    const { tie } = queue.messages[from] as Message;
    const next = queue.messages.findIndex((message, index) => index > from && message.tie !== tie);
    const end = next === -1 ? queue.messages.length : next;
    if (tie !== undefined && end - from > 1) queue.messages.splice(from, end - from, ...untied(queue.messages.slice(from, end), messages));
    from = end;
  }
}

function untied(tied: readonly Message[], messages: readonly Shown[]): Message[] {
  const place = ({ id }: Message) => messages.findIndex(({ MessageId }) => MessageId === id) >>> 0;
  const sorted = tied.toSorted((a, b) => place(a) - place(b));
  const bySource = (all: readonly Message[]) =>
    [...all].sort((a, b) => ((a.source ?? "") < (b.source ?? "") ? -1 : Number(a.source !== b.source)));
  // What comes from the same queue keeps its order.
  const kept = bySource(tied).every((message, index) => message === bySource(sorted)[index]);
  return kept ? sorted : [...tied];
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

function takeHandle(sqs: Sqs, queue: Queue, { message, text }: { message: Message; text: string }): Handle {
  if (text === "" || text.length > 1024 || sqs.handles.has(text)) throw new Difference(`handle "${text}" is missing, long or not new`);
  const handle = { text, queue, message, receivedMs: sqs.nowMs };
  sqs.handles.set(text, handle);
  message.handle = handle;
  return handle;
}

/** Every receive of the model asks for everything that a message has. */
function mustShow(queue: Queue, message: Message, shown: Shown): void {
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
  if (message.source !== undefined) expected["DeadLetterQueueSourceArn"] = arnOf({ name: message.source });
  if (queue.fifo && message.sequenceNumber === undefined)
    message.sequenceNumber = mustKeepOrder(queue, message, attributes["SequenceNumber"]);
  if (message.sequenceNumber !== undefined) expected["SequenceNumber"] = message.sequenceNumber;
  if (message.traceHeader !== undefined) expected["AWSTraceHeader"] = message.traceHeader;
  mustBe("Attributes", { ...attributes }, expected);
}
