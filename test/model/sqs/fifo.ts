import { createHash } from "node:crypto";
import type { Message as Shown } from "@aws-sdk/client-sqs";
import { Difference, type Refusal } from "./answer.ts";
import { numberOf, stateOf, valueOf, type Message, type Queue, type Remembered } from "./queue.ts";
import { invalid, invalidValue, missing } from "./refusals.ts";

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
  queue.remembered.push({ key: keyOf(queue, input), id, sequenceNumber: sequenceNumber ?? "", sentMs });
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
 * groups, but none may be passed over that has surely waited longer (README).
 */
export function chosen(queue: Queue, nowMs: number, { max, messages }: { max: number; messages: readonly Shown[] }): Message[] {
  const groups = servable(queue, nowMs);
  noteTurns(queue, groups, nowMs);
  const all = [...groups.values()].flat();
  if (messages.length !== Math.min(max, all.length))
    throw new Difference(`${messages.length} messages were received, but there must be ${Math.min(max, all.length)}`);
  const expected: Message[] = [];
  while (expected.length < messages.length) {
    const next = messages[expected.length];
    const group = all.find(({ id }) => id === next?.MessageId)?.groupId ?? "";
    const ahead = groups.get(group);
    if (ahead === undefined) throw new Difference(`message ${next?.Body} (${next?.MessageId}) cannot be received now`);
    mustBeNext(queue, { group, head: ahead[0] }, [...groups.keys()]);
    expected.push(...ahead.slice(0, max - expected.length));
    groups.delete(group);
  }
  for (const { groupId = "" } of expected) {
    queue.turns.delete(groupId);
    queue.unclear.delete(groupId);
  }
  return expected;
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
