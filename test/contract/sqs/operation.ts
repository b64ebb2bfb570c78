import { documented, guess, recorded, type Behaviours } from "../row.ts";

/** Sections 8 to 11: fair queues, metrics, quotas, and what the contract leaves open. */
export const OPERATION = {
  "8-group-on-standard": recorded("MessageGroupId is optional on standard queues and shown; it orders, locks and deduplicates nothing."),
  "8-own-tenant": documented("A message without a group is a tenant of its own."),
  "8-quiet-first": documented("Messages of quiet groups are handed out before those of noisy ones."),
  "8-noisy": documented(
    "A group is noisy with more than 10 % of what is in flight and at least 30 messages, or more than 10 % of recent processing time.",
  ),
  "8-least-in-flight": documented("Of several noisy groups the one with the least in flight comes first."),
  "8-no-longer-noisy": documented("A group stops being noisy when its backlog is drained or it has not sent for 5 minutes."),
  "8-never-blocked": documented("No tenant is ever blocked: with spare consumers noisy messages flow."),

  "9-active": documented(
    "A queue's metrics are published while it was active in the last six hours: by CloudWatch in AWS/SQS by QueueName, by ours to Prometheus and in one call.",
  ),
  "9-visible": documented("ApproximateNumberOfMessagesVisible: what waits."),
  "9-not-visible": documented("ApproximateNumberOfMessagesNotVisible: what is in flight."),
  "9-delayed": documented("ApproximateNumberOfMessagesDelayed: what is delayed."),
  "9-age": documented("ApproximateAgeOfOldestMessage: seconds, in flight included; on standard queues without those received three times."),
  "9-sent": documented("NumberOfMessagesSent: sends that succeeded, without moves."),
  "9-received": documented("NumberOfMessagesReceived: messages handed out."),
  "9-empty-receives": documented("NumberOfEmptyReceives: receives without a message."),
  "9-deleted": documented("NumberOfMessagesDeleted: deletes that succeeded, repeated ones too."),
  "9-sent-size": documented("SentMessageSize: bytes, after sends alone."),
  "9-fifo-duplicates": documented("NumberOfDeduplicatedSentMessages: FIFO sends that were duplicates."),
  "9-fifo-groups": documented("ApproximateNumberOfGroupsWithInflightMessages: FIFO groups with a message in flight."),
  "9-fair": documented("Noisy groups, and what waits, is in flight, delayed and oldest in quiet groups."),

  "10-message-size": documented("A message and a batch have up to 1 MiB; MaximumMessageSize is at least 1 KiB."),
  "10-ten": documented("A batch has up to 10 entries, a receive gives up to 10 messages."),
  "10-times": documented("Delay 900 s, wait 20 s, visibility 12 h."),
  "10-retention": documented("Retention 60 s to 14 days."),
  "10-in-flight": documented("120,000 messages in flight in a queue."),
  "10-attributes": documented("10 attributes of a message."),
  "10-names": documented("Names, batch ids and labels have up to 80 characters."),
  "10-ids": documented("Group, deduplication and attempt ids have up to 128 characters."),
  "10-tags": documented("50 tags of a queue."),
  "10-policy": documented("8,192 bytes, 20 statements, 50 principals, 10 conditions and 7 actions a statement."),
  "10-queues": documented("Queues and backlogs are not limited; a page of ListQueues has 1,000."),
  "10-move-tasks": documented("One active move task a source, 100 an account, 500 messages a second, 36 hours."),
  "10-encryption": documented("Encryption covers the body alone, not attributes or metadata."),

  "11-expired-change": guess(
    "1: a handle whose timeout is over hides the message again unless somebody else holds it.",
    "ChangeMessageVisibility",
  ),
  "11-message-not-inflight": guess("2: MessageNotInflight is never answered.", "ChangeMessageVisibility"),
  "11-superseded-delete": guess("3: a superseded handle deletes on a standard queue.", "DeleteMessage"),
  "11-batch-order": guess("4: the order of a batch's checks after that of the queue.", "SendMessageBatch"),
  "11-fifo-entry-delay": guess("5: a FIFO entry with DelaySeconds over 0 fails alone.", "SendMessageBatch"),
  "11-attempt-changed": guess("6: where a replay is not possible the receive is an ordinary one.", "ReceiveMessage"),
  "11-auth-types": guess("7: the __type of an unknown key and of a wrong signature."),
  "11-tags-of-existing": guess("8: tags in CreateQueue of a queue that exists are ignored.", "CreateQueue"),
  "11-twelve-hours": guess("9: the 12 hours count in whole seconds since the receive.", "ChangeMessageVisibility"),
  "11-texts": guess("10: the words of a RedriveAllowPolicy that denies, of OverLimit, and of a VisibilityTimeout out of range."),
} satisfies Behaviours;
