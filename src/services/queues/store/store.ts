import type { Permission } from "../../../access/permissions.ts";
import type { Unfinished, Wait, CheckArgs, CheckPiece } from "../../../storage/storage.ts";
import type { Deduplication } from "../rules/fifo.ts";
import type { MessageSearch, MessageState, PeekPosition } from "../rules/message-search.ts";
import type { MoveTaskStatus } from "../rules/move-task.ts";
import { MESSAGE_SIZE_BUCKETS } from "../rules/limits.ts";
import type { QueueRef } from "../rules/queue-url.ts";
import type { Receipt } from "../rules/receipt.ts";

export type { MessageSearch, PeekPosition, Permission, QueueRef, Receipt };

/**
 * The store port of the queue service. One operation is one decision about one queue: it finds the queue, applies the
 * rules to the rows it reads and writes what they decide. All of them run in a transaction; what they refuse with
 * (`rules/errors.ts`) writes nothing. Where a queue is named with who asks for it (`asker`), its policy is asked first.
 * `store.suite.ts` is the meaning of this page, run on every engine.
 */
export interface QueueOperations {
  /** Creates the queue, or finds one of that name whose attributes do not differ from those given. */
  createQueue(args: NewAttributes & { tags: Tags }): { created: boolean };
  /** Removes the queue with all its messages; its name rests for a minute. Waiting receives are refused. */
  deleteQueue(args: { queue: QueueRef }): void;
  /** Settings, times and exact counts: whatever has come due by then is counted as what it has become. */
  describeQueue(args: { queue: QueueRef }): QueueDescription | Unfinished;
  /** Changes the named attributes, all or none; an empty string removes one. */
  setAttributes(args: NewAttributes): Unfinished | undefined;
  /** Adds a statement to the policy, or makes a policy of it. */
  addPermission(args: { queue: QueueRef; permission: Permission }): void;
  /** Removes the statement of that label, and with the last one the policy. */
  removePermission(args: { queue: QueueRef; label: string }): void;
  /** Names in ascending order, from the one after `after`; `more` tells that the page was full and another follows. */
  listQueues(args: { account: string; region: string; prefix: string; after: string; limit: number }): { names: string[]; more: boolean };
  /** Forgets every message that was sent before. At most once a minute. */
  purge(args: { queue: QueueRef }): void;
  addTags(args: { queue: QueueRef; tags: Tags }): void;
  removeTags(args: { queue: QueueRef; keys: readonly string[] }): void;
  listTags(args: { queue: QueueRef }): Tags;
  /**
   * Puts messages into the queue in the order given. A refused one does not keep the others out; what a FIFO queue has
   * accepted in the last five minutes is not put in again. Refuses all where it cannot tell duplicates.
   */
  send(args: { queue: QueueRef; messages: readonly NewMessage[] }): SendResult[];
  /** The same for a message that another service delivers: answered, and never refused, so that it keeps nothing else of its unit out. */
  deliver(args: { queue: QueueRef; message: NewMessage }): DeliveryResult;
  /**
   * Hands out up to `messagesMax` visible messages and hides them; waits when there is none. Oldest first; from a FIFO
   * queue by groups, each from its oldest message up to the first that is in flight or delayed. Messages that were
   * received as often as the redrive policy allows go to the dead-letter queue instead, while it is there. What is damaged is
   * never handed out, but kept for `listQuarantined`.
   */
  receive(args: ReceiveArgs): ReceivedMessage[] | Wait<ReceivedMessage[]> | Unfinished;
  /** Takes back a receive whose answer never reached the caller: visible again, not counted. */
  undoReceive(args: { queue: QueueRef; receipts: readonly Receipt[] }): void;
  /** Deletes for good; from a FIFO queue only by the receive that holds the message. */
  delete(args: { queue: QueueRef; receipts: readonly Receipt[] }): DeleteResult[];
  /** Hides messages for another while, from now; 0 shows them at once. In a FIFO queue only by the receive that holds the message. */
  changeVisibility(args: { queue: QueueRef; changes: readonly VisibilityChange[] }): VisibilityResult[];
  /**
   * Shows messages and changes nothing: those that a search selects among a bounded number that are looked at, in the
   * order of sending the visible ones, then the others in the order in which they become visible. What is found damaged is
   * kept from delivery from then on.
   */
  peek(args: PeekArgs): PeekPage;
  /**
   * Exact counts, ages, and what has gone in and out since the process has started: of one queue, or of all that hold a
   * message or were called in the last six hours, those of one account where it is given, the oldest queues first.
   */
  measure(args: { queue: QueueRef } | { account: string | undefined; queuesMax: number }): Measured;
  /**
   * Messages that come to the queue after `after`, without taking them; waits for the next one. Without `after` it
   * answers at once where the end is. Of what came while nobody asked for a minute, or too much at once, it says that something
   * was missed.
   */
  tail(args: TailArgs): TailPage | Wait<TailPage>;
  /** Messages that were found damaged and are kept from delivery, in the order of sending from the one after `after`. */
  listQuarantined(args: { queue: QueueRef; after: number; limit: number }): { messages: QuarantinedMessage[]; more: boolean };
  /** Names of the queues whose redrive policy names this one, ascending, from the one after `after`. */
  listDeadLetterSources(args: { queue: QueueRef; after: string; limit: number }): { names: string[]; more: boolean };
  /** Begins to move what is visible in a dead-letter queue; upkeep does it. One task of a source at a time. */
  startMoveTask(args: NewMoveTask): Unfinished | undefined;
  /** The source's tasks, newest first; those of a queue are gone with it. */
  listMoveTasks(args: { source: QueueRef; limit: number }): MoveTask[];
  /** Ends a running task at once and answers how many messages it has moved; they stay where they are. */
  cancelMoveTask(args: { source: QueueRef; taskId: string }): { moved: number };
  /**
   * Looks for what is wrong in the tables: counts that differ from rows, messages without a whole body, or in two states
   * at once. It writes nothing. Rows of a queue are counted in one piece, so it is for a store that nobody else uses.
   */
  check(args: CheckArgs): CheckPiece;
}

/** The names of the operations, for whoever makes a client of them. */
export const QUEUE_OPERATIONS = [
  "createQueue",
  "deleteQueue",
  "describeQueue",
  "setAttributes",
  "addPermission",
  "removePermission",
  "listQueues",
  "purge",
  "addTags",
  "removeTags",
  "listTags",
  "send",
  "deliver",
  "receive",
  "undoReceive",
  "delete",
  "changeVisibility",
  "peek",
  "measure",
  "tail",
  "listQuarantined",
  "listDeadLetterSources",
  "startMoveTask",
  "listMoveTasks",
  "cancelMoveTask",
  "check",
] as const satisfies readonly (keyof QueueOperations)[];

/** Attributes as strings, by their AWS names: those that were set, already validated and in canonical form. */
export type StoredAttributes = Readonly<Record<string, string>>;
export type Tags = Readonly<Record<string, string>>;

export interface NewAttributes {
  readonly queue: QueueRef;
  readonly attributes: StoredAttributes;
  /** The RedrivePolicy as the caller wrote it, which a refusal quotes. */
  readonly redrivePolicy?: string | undefined;
}

export interface QueueDescription {
  /** What was set; defaults are not filled in. */
  readonly attributes: StoredAttributes;
  readonly createdMs: number;
  readonly modifiedMs: number;
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
}

export interface NewMessage {
  /** The MessageId. */
  readonly id: string;
  readonly body: string;
  /** Lower-case hex; empty: whoever reads the message makes it. */
  readonly bodyMd5: string;
  /** Message attributes as the JSON text that `rules/message-attributes.ts` makes; null where there are none. */
  readonly attributes: string | null;
  readonly traceHeader: string | null;
  readonly groupId: string | null;
  /** For FIFO queues, and only for them. */
  readonly deduplication?: Deduplication;
  /** Undefined: the queue's own delay. */
  readonly delayMs: number | undefined;
  /** Body and message attributes, as AWS counts them. */
  readonly sizeBytes: number;
  readonly senderId: string;
}

/**
 * `tooLongBytes` names the queue's limit that the message is over; it was not stored then. A FIFO queue says what it has
 * accepted: the message itself, or the first one of which it is a duplicate.
 */
export type SendResult =
  | { readonly sent: true; readonly accepted?: AcceptedMessage }
  | { readonly sent: false; readonly tooLongBytes: number };

export interface AcceptedMessage {
  /** The MessageId. */
  readonly id: string;
  /** Its place in the order. */
  readonly sequence: number;
}

/** A message that is gone already counts as deleted. `foreign`: another queue's receipt; `expired`: of a FIFO queue, too late. */
export type DeleteResult = "deleted" | "foreign" | "expired";

/** `gone`: there is no such queue; `denied`: its policy does not let the service; `too-long`: for the queue. Nothing was written then. */
export type DeliveryResult = "delivered" | "gone" | "denied" | "too-long";

export interface ReceiveArgs {
  readonly queue: QueueRef;
  readonly messagesMax: number;
  /** Undefined: the queue's own. */
  readonly waitMs: number | undefined;
  readonly visibilityMs: number | undefined;
  /** ReceiveRequestAttemptId, on FIFO queues: asked again by it, the same messages are given with the same receipts. */
  readonly attemptId?: string | undefined;
}

/** What a message consists of, from its sending to its end. */
export interface MessageContent {
  readonly id: string;
  readonly body: string;
  readonly bodyMd5: string;
  readonly attributes: string | null;
  readonly traceHeader: string | null;
  readonly groupId: string | null;
  /** Null on standard queues. */
  readonly deduplicationId: string | null;
  readonly senderId: string;
}

/** A message as those see it who look at it in its queue. */
export interface ShownMessage extends MessageContent {
  /** ARN of the queue that gave the message up; null where it was sent to this one. */
  readonly deadLetterSourceArn: string | null;
}

export interface ReceivedMessage extends ShownMessage {
  readonly sentMs: number;
  readonly firstReceivedMs: number;
  /** 1 on the first receive. */
  readonly receiveCount: number;
  readonly receipt: Receipt;
}

export interface VisibilityChange {
  readonly receipt: Receipt;
  readonly visibilityMs: number;
}

/**
 * `gone`: deleted, or its retention has ended; `over-limit`: more than twelve hours since the receive; `foreign`: another
 * queue's receipt; `expired`: of a FIFO queue, and its receive does not hide the message any more.
 */
export type VisibilityResult = "changed" | "gone" | "over-limit" | "foreign" | "expired";

export interface PeekArgs {
  readonly queue: QueueRef;
  readonly search: MessageSearch;
  /** Where the page before ended; undefined for the first. */
  readonly after: PeekPosition | undefined;
  /** Messages shown, and messages looked at, at the most; large bodies end a page earlier. */
  readonly messagesMax: number;
  readonly scanMax: number;
}

export interface PeekPage {
  readonly messages: readonly PeekedMessage[];
  /** Messages looked at for this page. */
  readonly scanned: number;
  /** Where the next page begins; undefined where nothing follows. What moves between two pages may be missed or shown twice. */
  readonly next: PeekPosition | undefined;
  /** All messages of the queue, whatever their state. */
  readonly inQueue: number;
  /** Beside them: damaged messages that are kept from delivery, counted up to PEEK_MESSAGES_MAX. */
  readonly quarantined: number;
}

export interface PeekedMessage extends ShownMessage {
  /** Its place in the order of sending. */
  readonly sequence: number;
  readonly state: MessageState;
  /** When it becomes visible by itself; null where it is. */
  readonly visibleMs: number | null;
  readonly sentMs: number;
  /** Null: never. */
  readonly firstReceivedMs: number | null;
  readonly receiveCount: number;
}

/** What has gone in and out of a queue since the process has started. */
export interface QueueTraffic {
  /** Accepted messages, duplicates left out; what a redrive moves is no send. */
  readonly sent: number;
  readonly sentBytes: number;
  /** How many of them were of which size: one number for each of MESSAGE_SIZE_BUCKETS, not added up. */
  readonly sentSizes: readonly number[];
  /** Sends to a FIFO queue that were accepted as duplicates. */
  readonly deduplicated: number;
  readonly received: number;
  /** Receives that were answered without a message. */
  readonly emptyReceives: number;
  /** Deletes with a valid receipt, of a message that was gone already too. */
  readonly deleted: number;
}

export const NO_TRAFFIC: QueueTraffic = {
  sent: 0,
  sentBytes: 0,
  sentSizes: MESSAGE_SIZE_BUCKETS.map(() => 0),
  deduplicated: 0,
  received: 0,
  emptyReceives: 0,
  deleted: 0,
};

/** How much there is in a queue, or in a part of it. */
export interface Levels {
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
  /** Since the oldest message was sent that is not deleted; 0 where there is none. */
  readonly oldestAgeMs: number;
}

/** The levels of all groups that are not noisy. */
export interface QuietGroups extends Levels {
  readonly noisyGroups: number;
}

export interface MeasuredQueue extends Levels, QueueTraffic {
  readonly queue: QueueRef;
  /** Of a FIFO queue: message groups that have messages in flight. */
  readonly groupsInFlight: number;
  /** Null where groups are not served fairly: on FIFO queues, and where no message ever had a group. */
  readonly quietGroups: QuietGroups | null;
}

export interface Measured {
  readonly queues: readonly MeasuredQueue[];
  /** There are more queues than were asked for. */
  readonly more: boolean;
}

export interface TailArgs {
  readonly queue: QueueRef;
  /** Where the page before ended. */
  readonly after: number | undefined;
  readonly search: MessageSearch;
  readonly waitMs: number;
}

export interface TailPage {
  readonly messages: readonly TailedMessage[];
  readonly end: number;
  /** Messages may have come after `after` that are not shown, here or later. */
  readonly missed: boolean;
}

export interface TailedMessage extends Omit<MessageContent, "deduplicationId"> {
  readonly sentMs: number;
}

/** A damaged message: what is known of it may be wrong itself. */
export interface QuarantinedMessage {
  readonly sequence: number;
  /** Null where it cannot be read. */
  readonly id: string | null;
  /** What does not fit: its `checksum`, or its `encryption`; or it is `unreadable`, or its body is `missing`. */
  readonly damage: "checksum" | "encryption" | "unreadable" | "missing";
  readonly sentMs: number;
  readonly receiveCount: number;
  readonly foundMs: number;
}

export interface NewMoveTask {
  readonly taskId: string;
  readonly source: QueueRef;
  /** Undefined: each message goes to the queue that gave it up. */
  readonly destination: QueueRef | undefined;
  /** Undefined: as fast as a task may be. */
  readonly perSecond: number | undefined;
}

export interface MoveTask extends NewMoveTask {
  readonly status: MoveTaskStatus;
  readonly moved: number;
  /** As counted when the task was started. */
  readonly toMove: number;
  readonly startedMs: number;
  readonly failure: string | undefined;
}
