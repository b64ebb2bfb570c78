import { DAY_MS, KIB, MIB, MINUTE_MS } from "../../../kernel/units.ts";

/** The limits of Amazon SNS. Source: "Amazon SNS endpoints and quotas" in the AWS general reference, 2026. */

/** Topics of one account in one region. */
export const STANDARD_TOPICS_MAX = 100_000;
export const FIFO_TOPICS_MAX = 1000;
export const TOPIC_NAME_LENGTH_MAX = 256;

/** Subscriptions of one topic. */
export const STANDARD_SUBSCRIPTIONS_MAX = 12_500_000;
export const FIFO_SUBSCRIPTIONS_MAX = 100;
/** Subscriptions of one topic that have a filter policy. */
export const FILTER_POLICIES_MAX = 200;

/** A message with its attributes, and the sum over a batch, where the topic does not say otherwise; and what a topic may say. */
export const MESSAGE_BYTES = 256 * KIB;
export const MESSAGE_BYTES_LOWEST = KIB;
export const MESSAGE_BYTES_HIGHEST = MIB;
export const SUBJECT_CHARACTERS_MAX = 99;
export const BATCH_ENTRIES_MAX = 10;
export const BATCH_ID_LENGTH_MAX = 80;
export const ATTRIBUTE_NAME_BYTES_MAX = 256;

export const DISPLAY_NAME_CHARACTERS_MAX = 100;
export const POLICY_BYTES_MAX = 30 * KIB;
/** What AWS does not say; the first is that of queues, the others leave room for what the default policy has. */
export const POLICY_STATEMENTS_MAX = 20;
export const POLICY_PRINCIPALS_MAX = 200;
export const POLICY_CONDITIONS_MAX = 50;
export const POLICY_ACTIONS_MAX = 20;
export const TAGS_MAX = 50;
export const TAG_KEY_LENGTH_MAX = 128;
export const TAG_VALUE_LENGTH_MAX = 256;
export const PAGE_SIZE = 100;

/** How long a FIFO topic remembers what was published, from the first time. */
export const DEDUPLICATION_MS = 5 * MINUTE_MS;
/** How long a subscription can be confirmed, or one that was ended be restored. */
export const TOKEN_MS = 2 * DAY_MS;
