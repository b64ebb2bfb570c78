import { documented, guess, recorded, recordedByAnother, type Behaviours } from "../row.ts";

/** Section 6: FIFO queues. */
export const FIFO = {
  "6-fills-from-one-group": recorded("A receive takes as many as it can from one group, then from the next.", "ReceiveMessage"),
  "6-group-locked": recorded(
    "While a message of a group is in flight no other of the group is delivered, also none sent later.",
    "ReceiveMessage",
  ),
  "6-partly-deleted": recorded("With one of two received messages deleted the group stays locked.", "ReceiveMessage", "DeleteMessage"),
  "6-all-deleted": recorded(
    "With all received messages deleted the group is free, and goes on in order.",
    "ReceiveMessage",
    "DeleteMessage",
  ),
  "6-all-expired": recorded("When all time out the group is delivered again from its oldest, in order.", "ReceiveMessage"),
  "6-partly-shown": recorded(
    "With the head shown again and its follower still in flight, the head is delivered and the follower is not.",
    "ReceiveMessage",
    "ChangeMessageVisibility",
  ),
  "6-partly-extended": recorded(
    "Of three in flight whose i-th is extended, only those before it are delivered when the others time out.",
    "ReceiveMessage",
    "ChangeMessageVisibility",
  ),
  "6-served-goes-behind": recorded("A group that was served goes behind the groups that were not.", "ReceiveMessage"),
  "6-walk": recorded(
    "A receive walks a group from its head and stops at the first message that is in flight or delayed.",
    "ReceiveMessage",
  ),
  "6-empty-group": recorded("A group that became empty takes later sends.", "SendMessage", "ReceiveMessage"),
  "6-delay": recorded("With a queue's delay the head delays its group.", "ReceiveMessage"),
  "6-group-required": recorded("MessageGroupId is required.", "SendMessage", "SendMessageBatch"),
  "6-sequence-number": recorded("SequenceNumber has 20 digits and rises within a group.", "SendMessage", "SendMessageBatch"),
  "6-dedup-window": recorded("A deduplication id is remembered for five minutes and accepted again after six."),
  "6-dedup-from-first": guess("The five minutes count from the first send; a duplicate does not prolong them."),
  "6-dedup-after-delete": recorded("Deduplication goes on after the message was received and deleted."),
  "6-dedup-purge": recorded("PurgeQueue ends deduplication."),
  "6-dedup-after-restart": guess("Deduplication goes on after a restart and after a move to a dead-letter queue."),
  "6-duplicate-succeeds": recordedByAnother("A duplicate is a success with the first MessageId and SequenceNumber; nothing is enqueued."),
  "6-dedup-content": recorded("Without an id, content-based deduplication takes the SHA-256 of the body; attributes are no part of it."),
  "6-dedup-explicit": documented("An explicit id beats the content."),
  "6-dedup-scope-queue": recorded("The same id in two groups of one queue is a duplicate."),
  "6-dedup-scope-group": recorded("With DeduplicationScope=messageGroup it is one within its group alone, whatever the throughput limit."),
  "6-dedup-scope-changed": recorded(
    "A changed DeduplicationScope reads back, and AWS goes on deduplicating as created.",
    "SetQueueAttributes",
  ),
  "6-dedup-content-switched": recorded("ContentBasedDeduplication can be switched and reads back.", "SetQueueAttributes"),
  "6-dedup-content-at-once": guess("The switch takes effect at once.", "SetQueueAttributes"),
  "6-dedup-in-flight": recorded("A duplicate of a message that is in flight or deleted is still a duplicate."),
  "6-attempt-id-form": documented("ReceiveRequestAttemptId has up to 128 letters, digits and punctuation characters.", "ReceiveMessage"),
  "6-attempt-replay": documented(
    "A repeat within five minutes answers the same messages and handles and hides them anew.",
    "ReceiveMessage",
  ),
  "6-attempt-changed": documented("After a delete, a change or an expiry of one of them there is no replay.", "ReceiveMessage"),
  "6-throughput": documented("AWS limits the calls of a FIFO queue; ours does not.", "SendMessage", "ReceiveMessage"),
} satisfies Behaviours;
