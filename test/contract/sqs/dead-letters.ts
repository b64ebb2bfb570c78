import { documented, emulators, guess, recorded, recordedByAnother, reported, type Behaviours } from "../row.ts";

const POLICY = ["SetQueueAttributes", "CreateQueue"] as const;

/** Section 7: dead-letter queues and message move tasks. */
export const DEAD_LETTERS = {
  "7.1-count-form": recorded(
    "maxReceiveCount is a number or a numeric string and reads back as a number.",
    ...POLICY,
    "GetQueueAttributes",
  ),
  "7.1-target-missing": reported("A target that does not exist: Dead letter target does not exist.", ...POLICY),
  "7.1-mandatory": reported("A policy without deadLetterTargetArn or maxReceiveCount names what it lacks.", ...POLICY),
  "7.1-same-type": reported("A target of the other type: Dead-letter queue must be same type of queue as the source.", ...POLICY),
  "7.1-count-range": emulators("maxReceiveCount is 1 to 1,000.", ...POLICY),
  "7.1-other-keys": emulators("Other keys: Only following attributes are supported.", ...POLICY),
  "7.1-arn-form": emulators("What is no ARN of a queue is refused before the target is looked for.", ...POLICY),
  "7.1-not-json": emulators("What is no JSON map is refused as such.", ...POLICY),
  "7.1-code": recorded("Missing keys and a wrong count are InvalidParameterValue.", ...POLICY),
  "7.1-same-account": documented("The target is in the same account and region.", ...POLICY),
  "7.1-cycles": recordedByAnother("A queue may be its own dead-letter queue, and cycles are allowed.", ...POLICY),

  "7.2-moves-on-receive": recorded("A message that was received maxReceiveCount times is moved instead of being delivered once more."),
  "7.2-wakes-and-keeps": guess("Waiting receives of the dead-letter queue wake on a move; a queue that nobody polls keeps its messages."),
  "7.2-count-continues": recorded("The moving attempt is not counted, and the receive count goes on in the dead-letter queue."),
  "7.2-kept": recorded(
    "MessageId, body, attributes, AWSTraceHeader, SentTimestamp and MessageGroupId are kept; DeadLetterQueueSourceArn is added.",
  ),
  "7.2-retention": documented("On standard queues retention goes on from the first send; on FIFO queues it begins anew."),
  "7.2-age": documented("The age of the oldest message of a dead-letter queue counts from the move."),
  "7.2-fifo-dedup": documented("Deduplication of a FIFO dead-letter queue does not swallow moved messages."),
  "7.2-fifo-goes-on": recorded("After the move the source's group goes on with its next message."),
  "7.2-no-delay": guess("The dead-letter queue's delay does not apply to moved messages."),
  "7.2-chain": recordedByAnother("The RedrivePolicy of a dead-letter queue applies in its turn."),
  "7.2-target-deleted": guess("Where the dead-letter queue is gone the message stays and is delivered."),
  "7.2-not-sent": documented("Moves do not count as NumberOfMessagesSent."),

  "7.3-default": documented("RedriveAllowPolicy is allowAll unless set; byQueue names up to 10 sources.", ...POLICY),
  "7.3-by-queue": recordedByAnother("byQueue without sources, or sources without byQueue, is an InvalidParameterValue.", ...POLICY),
  "7.3-unreadable": emulators("What cannot be read is refused as an unsupported format.", ...POLICY),
  "7.3-enforced": recordedByAnother(
    "A source that the target does not allow cannot set its RedrivePolicy: InvalidParameterValue.",
    ...POLICY,
  ),

  "7.4-source-missing": recorded("A source that does not exist is ResourceNotFoundException, 404.", "StartMessageMoveTask"),
  "7.4-destination-missing": recorded("A destination that does not exist is ResourceNotFoundException, 404.", "StartMessageMoveTask"),
  "7.4-source-no-dead-letter-queue": recorded(
    "A source that is no queue's dead-letter queue is an InvalidParameterValue.",
    "StartMessageMoveTask",
  ),
  "7.4-one-active": recorded("A second task on a source is an InvalidParameterValue.", "StartMessageMoveTask"),
  "7.4-same-queue": emulators("Source and destination are not the same.", "StartMessageMoveTask"),
  "7.4-types-differ": emulators("Source and destination are of the same type.", "StartMessageMoveTask"),
  "7.4-rate": emulators("MaxNumberOfMessagesPerSecond is 1 to 500.", "StartMessageMoveTask"),
  "7.4-no-arn": emulators("What is no ARN is refused with the form of one.", "StartMessageMoveTask", "ListMessageMoveTasks"),
  "7.4-own-source": recorded(
    "Without a destination every message goes back to its own source, also where there are several.",
    "StartMessageMoveTask",
  ),
  "7.4-destination": recorded("With a destination every message goes there; any queue of the same type will do.", "StartMessageMoveTask"),
  "7.4-new-id": documented("Moved messages have a new MessageId, a new time and a fresh retention, oldest first.", "StartMessageMoveTask"),
  "7.4-count-anew": guess("Their receive count begins anew.", "StartMessageMoveTask"),
  "7.4-limits": documented(
    "36 hours a task, 100 active tasks an account, 500 messages a second; what is in flight is not moved.",
    "StartMessageMoveTask",
  ),
  "7.4-handle": recorded("TaskHandle is base64 of taskId and sourceArn in JSON.", "StartMessageMoveTask"),
  "7.4-list": recorded(
    "Tasks are listed newest first, one unless MaxResults says up to 10, each with its members.",
    "ListMessageMoveTasks",
  ),
  "7.4-list-handle": recorded("TaskHandle is shown while the task runs.", "ListMessageMoveTasks"),
  "7.4-destination-deleted": recorded(
    "A destination deleted on the way makes the task FAILED with NonExistentQueue.",
    "ListMessageMoveTasks",
  ),
  "7.4-no-source": emulators(
    "A message whose source is not known makes it FAILED with CouldNotDetermineMessageSource.",
    "ListMessageMoveTasks",
  ),
  "7.4-cancel": recorded("Cancelling answers what was moved so far, which stays moved.", "CancelMessageMoveTask"),
  "7.4-cancel-bad-handle": recorded("A handle that cannot be read is an InvalidParameterValue of TaskHandle.", "CancelMessageMoveTask"),
  "7.4-cancel-unknown": recorded("An unknown source or task is ResourceNotFoundException, 404.", "CancelMessageMoveTask"),
  "7.4-cancel-ended": emulators("A task that has ended: Only active tasks can be cancelled.", "CancelMessageMoveTask"),
} satisfies Behaviours;
