import { HOUR_MS, KIB, MIB, MINUTE_MS } from "../../../kernel/units.ts";

/**
 * The limits of Amazon SQS. Source: "Amazon SQS quotas" in the AWS developer guide, 2026.
 */

/** A message with its attributes, and the sum over a batch. */
export const MESSAGE_BYTES_MAX = MIB;
export const MESSAGE_BYTES_MIN = KIB;

export const BATCH_ENTRIES_MAX = 10;
export const RECEIVE_MESSAGES_MAX = 10;
export const MESSAGE_ATTRIBUTES_MAX = 10;
/** Messages of one queue that were received and neither deleted nor shown again. */
export const IN_FLIGHT_MAX = 120_000;

export const DELAY_SECONDS_MAX = 900;
export const WAIT_SECONDS_MAX = 20;
/** Twelve hours: for one timeout, and for all of them together after a receive. */
export const VISIBILITY_SECONDS_MAX = 43_200;
export const VISIBILITY_MS_MAX = 12 * HOUR_MS;
export const RETENTION_SECONDS_MIN = 60;
export const RETENTION_SECONDS_MAX = 1_209_600;

export const ATTRIBUTE_NAME_LENGTH_MAX = 256;
export const DATA_TYPE_LENGTH_MAX = 256;

export const TAGS_MAX = 50;
export const TAG_KEY_LENGTH_MAX = 128;
export const TAG_VALUE_LENGTH_MAX = 256;

/** A policy in UTF-8; its statements; principals and conditions of all of them together; actions of one. */
export const POLICY_BYTES_MAX = 8192;
export const POLICY_STATEMENTS_MAX = 20;
export const POLICY_PRINCIPALS_MAX = 50;
export const POLICY_CONDITIONS_MAX = 10;
export const POLICY_ACTIONS_MAX = 7;

export const LIST_RESULTS_MAX = 1000;

/** How long the name of a deleted queue rests. */
export const NAME_REST_MS = MINUTE_MS;
/** How long a queue rests between two purges. */
export const PURGE_REST_MS = MINUTE_MS;

/** How long a FIFO queue remembers what it has accepted, from the first send. */
export const DEDUPLICATION_MS = 5 * MINUTE_MS;
/** How long a receive can be asked again by its ReceiveRequestAttemptId. */
export const RECEIVE_ATTEMPT_MS = 5 * MINUTE_MS;

/** One page of a peek: messages shown, and messages looked at. Ours: AWS has no such thing. */
export const PEEK_MESSAGES_MAX = 1000;
export const PEEK_SCAN_MAX = 10_000;

/** From so many receives on, a message of a standard queue is taken for one that nobody can process. */
export const POISON_RECEIVES = 3;

/** Upper ends of the sizes by which sent messages are counted; no message is larger than the last. */
export const MESSAGE_SIZE_BUCKETS: readonly number[] = [256, KIB, 4 * KIB, 16 * KIB, 64 * KIB, 256 * KIB, MESSAGE_BYTES_MAX];

/** Greatest maxReceiveCount of a RedrivePolicy; queues that a RedriveAllowPolicy can name. */
export const REDRIVE_RECEIVES_MAX = 1000;
export const REDRIVE_SOURCES_MAX = 10;

/** Message move tasks: active in an account, shown in a list, messages a second, how long one may take. */
export const MOVE_TASKS_MAX = 100;
export const MOVE_TASKS_LISTED_MAX = 10;
export const MOVED_PER_SECOND_MAX = 500;
export const MOVE_TASK_MS_MAX = 36 * HOUR_MS;
