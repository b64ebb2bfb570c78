import { documented, guess, model, recorded, type Behaviours } from "../row.ts";

/** Section 5: publishing, message attributes, envelopes, signatures, raw delivery. */
export const PUBLISHING = {
  "5.1-target": recorded("The topic stands in TopicArn or in TargetArn."),
  "5.1-no-topic": guess("Neither of them is an InvalidParameter."),
  "5.1-empty-subject": recorded("An empty subject is an InvalidParameter of Subject."),
  "5.1-subject": model("A subject has at most 99 characters and no line breaks."),
  "5.1-empty-message": recorded("An empty message: Empty message; spaces are one.", "Publish", "PublishBatch"),
  "5.1-size": recorded("A message of more bytes than the topic takes: Message too long; exactly as many are taken. Attributes count."),
  "5.1-own-size": model("The limit is 262,144 bytes, or the topic's MaximumMessageSize."),
  "5.1-group-missing": recorded("A message of a FIFO topic without a group: The MessageGroupId parameter is required for FIFO topics."),
  "5.1-dedup-missing": recorded("A message of a FIFO topic without anything to deduplicate by is refused."),
  "5.1-dedup-on-standard": recorded("A deduplication id is not valid for a standard topic."),
  "5.1-group-on-standard": recorded("A group is allowed on a standard topic."),
  "5.1-id-form": model("Group and deduplication id have 1 to 128 letters, digits and punctuation characters."),
  "5.1-structure": recorded(
    "With MessageStructure json each protocol gets its own text, and others the default; other values than text are ignored.",
  ),
  "5.1-structure-json": recorded("A structure that is no JSON: JSON message body failed to parse."),
  "5.1-structure-default": recorded("A structure without a default text: No default entry in JSON message body."),
  "5.1-structure-twice": recorded("Of a key that stands twice the last counts."),
  "5.1-answer": recorded("The answer is a MessageId, of a FIFO topic also a SequenceNumber of 20 digits."),
  "5.1-durable": documented("The answer comes when the message is stored for every subscription that wants it."),
  "5.1-before": recorded("A message that was published before a subscription is not delivered to it."),

  "5.2-count": recorded("More than ten entries: TooManyEntriesInBatchRequest."),
  "5.2-empty": model("No entries: EmptyBatchRequest."),
  "5.2-ids": recorded("The same id twice: BatchEntryIdsNotDistinct."),
  "5.2-id-form": recorded("An id has 1 to 80 letters, digits, hyphens and underscores; a refusal quotes it."),
  "5.2-size": recorded("The messages together over the limit: BatchRequestTooLong."),
  "5.2-all": recorded("One entry that is wrong refuses the whole batch."),
  "5.2-answer": recorded("Entries are answered in the order of the request, beside an empty list of those that failed."),

  "5.3-type": recorded(
    "A type is String, Number or Binary, or one of these with a label behind a point; another is refused with its name.",
  ),
  "5.3-type-missing": recorded("A missing type is a ValidationError that says where, also in a batch."),
  "5.3-empty": recorded("An empty value is refused with the attribute's name and type."),
  "5.3-field": recorded("A value in the wrong field is refused with the field that it must use."),
  "5.3-name": recorded("A name has letters, digits, hyphens, underscores and single inner points; what is wrong with it is told."),
  "5.3-name-length": recorded("A name has at most 256 bytes."),
  "5.3-number": recorded("A number is passed on as it was sent."),

  "5.4-fields": recorded(
    "An envelope has the fields of a Notification in their order; Subject and MessageAttributes only where there are any.",
  ),
  "5.4-attributes": recorded("In the envelope an attribute has a Type and a Value, bytes as base64."),
  "5.4-timestamp": documented("The time is written with milliseconds, in UTC."),
  "5.4-fifo": recorded("The envelope of a FIFO topic has a SequenceNumber and no signature, but an UnsubscribeURL."),
  "5.4-unsubscribe": recorded("The UnsubscribeURL has the action and then the subscription's ARN."),
  "5.4-one-id": recorded("All subscribers see one MessageId; the queue's message has its own."),
  "5.4-no-attributes": recorded("In a queue the message of an envelope has no message attributes."),

  "5.5-canonical": recorded(
    "Signed are Message, MessageId, Subject where there is one, Timestamp, TopicArn and Type, each as a line of name and value.",
  ),
  "5.5-confirmation": recorded("Of a confirmation are signed Message, MessageId, SubscribeURL, Timestamp, Token, TopicArn and Type."),
  "5.5-versions": recorded("Version 1, the default, signs by SHA-1, version 2 by SHA-256."),
  "5.5-certificate": recorded("The certificate is X.509 at a URL that ends in SimpleNotificationService-…pem."),
  "5.5-validator": model("Amazon's own validator accepts what is signed."),

  "5.6-queue": recorded(
    "A raw message in a queue has the published text as its body and the message attributes as its own, with their digest.",
  ),
  "5.6-ten": documented("More than ten attributes cannot be delivered raw: the message goes to the dead-letter queue or is dropped."),
  "5.6-http": recorded("A raw message over HTTP is its text alone, with a header that says so."),
} satisfies Behaviours;
