import { guess, model, recorded, type Behaviours } from "../row.ts";

/** Section 3: topics, their attributes, tags and permissions. */
export const TOPICS = {
  "3.1-name": recorded("A name has 1 to 256 letters, digits, hyphens and underscores; anything else is an InvalidParameter of Topic Name."),
  "3.1-fifo-name": recorded(
    "A FIFO topic has both the attribute FifoTopic and a name in .fifo; one of them alone is an InvalidParameter of Topic Name.",
  ),
  "3.1-again": recorded("A topic that is there is found again by its name, and nothing of it changes."),
  "3.1-same-attributes": recorded("With attributes each of those given must equal the topic's; one that was never set is different."),
  "3.1-fifo-false": recorded("FifoTopic=false on a standard topic is taken, and never shown."),
  "3.1-fifo-of-plain": recorded("FifoTopic=true for the name of a standard topic is an InvalidParameter of Topic Name."),
  "3.1-same-tags": recorded("Tags that are given must be among those of the topic, with the same values."),
  "3.2-always": recorded("DeleteTopic answers 200 also where there is no such topic."),
  "3.2-subscriptions": recorded("With a topic go its subscriptions and tags; made again it begins without them."),
  "3.2-at-once": guess("The subscriptions of a deleted topic are gone at once."),

  "3.3-always": recorded(
    "A topic shows TopicArn, Owner, DisplayName, Policy, EffectiveDeliveryPolicy and the counts of its subscriptions, all as text.",
  ),
  "3.3-fifo": recorded("A FIFO topic shows FifoTopic and ContentBasedDeduplication, also where that was never set."),
  "3.3-throughput-scope": model("A FIFO topic shows FifoThroughputScope."),
  "3.3-only-set": recorded("DeliveryPolicy, SignatureVersion, KmsMasterKeyId and TracingConfig are shown only where they were set."),
  "3.3-default-policy": recorded("Without a policy of its own a topic shows the default one: eight actions for its owner's account."),
  "3.3-default-delivery": recorded("The default delivery policy has three retries, 20 seconds apart."),
  "3.3-counts": model("Confirmed, pending and deleted subscriptions are counted."),
  "3.4-names": recorded("FifoTopic and names that are no attributes are an InvalidParameter of AttributeName."),
  "3.4-known": model("Every attribute of AWS's model can be set and is shown as it was set."),
  "3.4-delivery-policy": recorded(
    "DeliveryPolicy replaces the whole document and shows disableSubscriptionOverrides; an empty text removes it.",
  ),
  "3.4-effective-policy": recorded("The effective policy fills in the defaults, also for a healthy retry policy of null."),
  "3.4-message-size": model("MaximumMessageSize is 1,024 to 1,048,576 bytes."),
  "3.5-pages": recorded("A list has a NextToken only where more follows.", "ListTopics", "ListSubscriptions", "ListSubscriptionsByTopic"),
  "3.5-pending": model(
    "A subscription that is not confirmed is listed with PendingConfirmation for its ARN.",
    "ListSubscriptions",
    "ListSubscriptionsByTopic",
  ),

  "3.6-duplicates": recorded("The same key twice in one call is an InvalidParameter: Duplicated keys are not allowed."),
  "3.6-overwrite": recorded("A key that is there already gets its new value."),
  "3.6-fifty": model("A topic has at most 50 tags; more are a TagLimitExceeded."),
  "3.6-absent": model("Tags of a topic that does not exist are a ResourceNotFound, 404."),
  "3.7-statement": recorded(
    "AddPermission adds a statement of its label; one action or account is a text, several are a list.",
    "AddPermission",
  ),
  "3.7-label": recorded("A label that is in use: Statement already exists.", "AddPermission"),
  "3.7-action": recorded("An action that cannot be granted: Policy statement action out of service scope!", "AddPermission"),
  "3.7-absent": recorded("Permissions of a topic that does not exist are a NotFound."),
  "3.7-asked": guess(
    "Where callers prove who they are, a topic is its account's, unless its policy denies or allows something; a Deny wins.",
  ),
  "3.7-understood": guess("A policy that says something that is not known here is refused when it is set.", "SetTopicAttributes"),
  "3.7-remove": recorded("RemovePermission takes out the statement of that label.", "RemovePermission"),
} satisfies Behaviours;
