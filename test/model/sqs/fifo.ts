import { createHash } from "node:crypto";
import type { Message as Shown } from "@aws-sdk/client-sqs";
import { Difference, type Refusal } from "./answer.ts";
import { numberOf, stateOf, valueOf, type Attempt, type Handle, type Message, type Queue, type Remembered, type Turn } from "./queue.ts";
import { giveUp, isGivenUp } from "./redrive.ts";
import { invalid, invalidValue, missing } from "./refusals.ts";
import type { Sqs } from "./sqs.ts";

const FIVE_MINUTES_MS = 300_000;

interface Sent {
  readonly MessageBody: string | undefined;
  readonly DelaySeconds?: number | undefined;
  readonly MessageGroupId?: string | undefined;
  readonly MessageDeduplicationId?: string | undefined;
}

export const NO_DEDUP_ID = invalid(
  "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly",
);

/** §4.1: what a FIFO queue has against a message, beside what every queue has. */
export function whatIsWrongInOrder(queue: Queue, input: Sent): Refusal[] {
  const wrong: Refusal[] = [];
  const { DelaySeconds: delay = 0, MessageDeduplicationId: dedupId } = input;
  if (delay > 0) wrong.push(invalidValue(delay, "DelaySeconds", "The request include parameter that is not valid for this queue type."));
  if (input.MessageGroupId === undefined) wrong.push(missing("MessageGroupId"));
  if (dedupId === undefined && !isContentBased(queue)) wrong.push(NO_DEDUP_ID);
  if (dedupId !== undefined && !/^[!-~]{1,128}$/.test(dedupId)) {
    const reason = "MessageDeduplicationId can only include alphanumeric and punctuation characters. 1 to 128 in length.";
    wrong.push(invalidValue(dedupId, "MessageDeduplicationId", reason));
  }
  return wrong;
}

export function isContentBased(queue: Queue): boolean {
  return valueOf(queue, "ContentBasedDeduplication") === "true";
}

/** The id that the message has, be it made of its body. */
export function dedupIdOf({ MessageDeduplicationId: id, MessageBody: body = "" }: Sent): string {
  return id ?? createHash("sha256").update(body).digest("hex");
}

/** §6 deduplication. @returns what was accepted less than five minutes ago and is repeated. */
export function duplicateOf(queue: Queue, input: Sent, nowMs: number): Remembered | undefined {
  queue.remembered = queue.remembered.filter(({ sentMs }) => nowMs - sentMs < FIVE_MINUTES_MS);
  const key = keyOf(queue, input);
  return queue.remembered.find((remembered) => remembered.key === key);
}

export function remember(queue: Queue, input: Sent, { id, sequenceNumber, sentMs }: Message): void {
  queue.remembered.push({ key: keyOf(queue, input), id: id ?? "", sequenceNumber: sequenceNumber ?? "", sentMs });
}

function keyOf(queue: Queue, input: Sent): string {
  return queue.dedupPerGroup ? `${input.MessageGroupId} ${dedupIdOf(input)}` : dedupIdOf(input);
}

/** §6: twenty digits, greater than all that the queue gave before. */
export function mustFollow(queue: Queue, sequenceNumber: string | undefined): void {
  if (sequenceNumber === undefined || !/^\d{20}$/.test(sequenceNumber))
    throw new Difference(`SequenceNumber ${sequenceNumber} is not of 20 digits`);
  const last = [...queue.messages, ...queue.remembered].reduce((last, { sequenceNumber: one = "" }) => (one > last ? one : last), "");
  if (sequenceNumber <= last) throw new Difference(`SequenceNumber ${sequenceNumber} does not follow ${last}`);
}

/** §6: one that the queue gave without telling anybody lies between those of its group. */
export function mustKeepOrder(queue: Queue, message: Message, sequenceNumber: string | undefined): string {
  if (sequenceNumber === undefined || !/^\d{20}$/.test(sequenceNumber))
    throw new Difference(`SequenceNumber ${sequenceNumber} is not of 20 digits`);
  const group = queue.messages.filter(({ groupId }) => groupId === message.groupId);
  const place = group.indexOf(message);
  const wrong = group.some(({ sequenceNumber: other = "" }, index) => {
    if (other === "" || index === place) return false;
    return index < place ? other >= sequenceNumber : other <= sequenceNumber;
  });
  if (wrong) throw new Difference(`SequenceNumber ${sequenceNumber} is not in the order of its group`);
  return sequenceNumber;
}

/** §3.7: a new DelaySeconds holds for messages that are still delayed. */
export function delayAgain(queue: Queue, nowMs: number): void {
  for (const message of queue.messages)
    if (stateOf(message, nowMs) === "delayed") message.hiddenUntilMs = message.sentMs + numberOf(queue, "DelaySeconds") * 1000;
}

/** §6: what each group can serve: from its oldest message up to the first that is in flight or delayed. */
export function servable(queue: Queue, nowMs: number): Map<string, Message[]> {
  const groups = new Map<string, Message[]>();
  for (const [group, messages] of Map.groupBy(queue.messages, ({ groupId = "" }) => groupId)) {
    const hidden = messages.findIndex((message) => stateOf(message, nowMs) !== "visible");
    const ahead = hidden === -1 ? messages : messages.slice(0, hidden);
    if (ahead.length > 0) groups.set(group, ahead);
  }
  return groups;
}

/**
 * Which messages a receive may be given: as many as can be from one group, then from the next. The answer chooses the
 * groups, but none may be passed over that has surely waited longer (README). What it comes to and may not deliver again is
 * given up.
 */
export function chosen(sqs: Sqs, queue: Queue, { max, messages }: { max: number; messages: readonly Shown[] }): Message[] {
  const { nowMs } = sqs;
  const groups = servable(queue, nowMs);
  noteTurns(queue, groups, nowMs);
  const isDeliverable = (message: Message) => !isGivenUp(sqs, queue, message);
  const count = Math.min(max, [...groups.values()].flat().filter(isDeliverable).length);
  if (messages.length !== count) throw new Difference(`${messages.length} messages were received, but there must be ${count}`);
  const expected: Message[] = [];
  const visited: Message[] = [];
  let last: Turn | undefined;
  while (expected.length < messages.length) {
    const next = messages[expected.length];
    const group = next?.Attributes?.MessageGroupId ?? "";
    const ahead = groups.get(group);
    if (!ahead?.some(isDeliverable)) throw new Difference(`message ${next?.Body} (${next?.MessageId}) cannot be received now`);
    const waiting = [...groups].flatMap(([group, messages]) => (messages.some(isDeliverable) ? [group] : []));
    mustBeNext(queue, { group, head: ahead[0] }, waiting);
    last = queue.unclear.has(group) ? undefined : queue.turns.get(group);
    for (const message of ahead) if (expected.length < max) (isDeliverable(message) ? expected : visited).push(message);
    groups.delete(group);
  }
  for (const { groupId = "" } of expected) {
    queue.turns.delete(groupId);
    queue.unclear.delete(groupId);
  }
  for (const message of visited) giveUp(sqs, queue, message);
  passBy(sqs, queue, { groups, isFull: expected.length === max, last });
  return expected;
}

/** Groups from which nothing was delivered: a receive that is not full has come to all of them, a full one to those that stood before its last. */
function passBy(
  sqs: Sqs,
  queue: Queue,
  { groups, isFull, last }: { groups: ReadonlyMap<string, readonly Message[]>; isFull: boolean; last: Turn | undefined },
): void {
  for (const [group, ahead] of groups) {
    const end = ahead.findIndex((message) => !isGivenUp(sqs, queue, message));
    const givenUp = end === -1 ? ahead : ahead.slice(0, end);
    const turn = queue.unclear.has(group) ? undefined : queue.turns.get(group);
    const isBefore = !isFull || (turn !== undefined && last !== undefined && turn.latestMs < last.earliestMs);
    const isBehind = isFull && turn !== undefined && last !== undefined && turn.earliestMs > last.latestMs;
    // One that has something to deliver was not come to: the receive would have delivered it.
    if (isBehind || (isFull && end !== -1)) continue;
    for (const message of givenUp)
      if (isBefore) giveUp(sqs, queue, message);
      else queue.open.add(message);
  }
}

/**
 * Whoever is served has not certainly come after one who waits on. Where time has taken the head of a group, its turn may
 * count from then or from when the message behind it became visible.
 */
function mustBeNext(queue: Queue, { group, head }: { group: string; head: Message | undefined }, waiting: readonly string[]): void {
  const served = Math.min(queue.turns.get(group)?.earliestMs ?? 0, head?.hiddenUntilMs ?? 0);
  if (queue.unclear.has(group)) return;
  for (const other of waiting)
    if (!queue.unclear.has(other) && (queue.turns.get(other)?.latestMs ?? Infinity) < served)
      throw new Difference(`group ${group} is served before ${other}, which has waited longer`);
}

/** Groups that can be served now and could not be when this was last asked have begun to wait in between; the others have stopped. */
export function noteTurns(queue: Queue, groups: ReadonlyMap<string, unknown>, nowMs: number): void {
  for (const group of queue.turns.keys()) if (!groups.has(group)) queue.turns.delete(group);
  for (const group of groups.keys())
    if (!queue.turns.has(group)) queue.turns.set(group, { earliestMs: queue.turnsNotedMs, latestMs: nowMs });
  queue.turnsNotedMs = nowMs;
}

/** §6: what the receive of that attempt was given, while it can be given once more: all of it is still as it was left. */
export function givenBefore(queue: Queue, attemptId: string | undefined, nowMs: number): Attempt | undefined {
  const attempt = attemptId === undefined ? undefined : queue.attempts.get(attemptId);
  if (attempt === undefined || nowMs - attempt.askedMs >= FIVE_MINUTES_MS || attempt.hiddenUntilMs <= nowMs) return undefined;
  // README: a change that leaves the moment as it was is none.
  const isAsItWas = ({ message, ...handle }: Handle) =>
    queue.messages.includes(message) && message.handle?.text === handle.text && message.hiddenUntilMs === attempt.hiddenUntilMs;
  return attempt.handles.every(isAsItWas) ? attempt : undefined;
}
