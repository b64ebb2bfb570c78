import { ANY } from "../../case.ts";
import { batch, batchError, createTopic, invalid, invalidValue, NEWS, noTopic, publish, validationError, type RecordedCase } from "../case.ts";

const news = createTopic("news");
const published = { MessageId: ANY };
const attribute = (name: string, value: object) => publish("x", { MessageAttributes: { [name]: value } });
const text = (DataType: string, StringValue: string = "v") => ({ DataType, StringValue });
const entry = (Id: string, Message: string = "x") => ({ Id, Message });
const NULL = "failed to satisfy constraint: Member must not be null";
const untyped = (path: string) => validationError(`1 validation error detected: Value null at '${path}attr1.member.dataType' ${NULL}`);
const noType = "has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.";
const entryId = "The Id of a batch entry in the batch request";

/** What is published, and what is refused. */
export const PUBLISHING: readonly RecordedCase[] = [
  {
    name: "a message to a topic that is not there",
    rows: ["sns/2-absent"],
    ask: publish("x"),
    refused: noTopic,
  },
  {
    name: "a message to a topic of another region",
    rows: ["sns/2-region"],
    given: [news],
    ask: publish("x", {}, NEWS.replace("us-east-1", "eu-west-1")),
    refused: invalid("TopicArn"),
  },
  {
    name: "a message to a TargetArn",
    rows: ["sns/5.1-target", "sns/5.1-answer"],
    given: [news],
    ask: ["Publish", { TargetArn: NEWS, Message: "x" }],
    answer: published,
  },
  {
    name: "an empty message",
    rows: ["sns/5.1-empty-message"],
    given: [news],
    ask: publish(""),
    refused: invalid("Empty message"),
  },
  {
    name: "a message of spaces",
    rows: ["sns/5.1-empty-message"],
    given: [news],
    ask: publish("  \n"),
    answer: published,
  },
  {
    name: "an empty subject",
    rows: ["sns/5.1-empty-subject"],
    given: [news],
    ask: publish("x", { Subject: "" }),
    refused: invalid("Subject"),
  },
  {
    name: "a message as large as may be",
    rows: ["sns/5.1-size"],
    given: [news],
    ask: publish("x".repeat(262_144)),
    answer: published,
  },
  {
    name: "a message that is a byte too large",
    rows: ["sns/5.1-size"],
    given: [news],
    ask: publish("x".repeat(262_145)),
    refused: invalid("Message too long"),
  },
  {
    name: "a message that its attribute makes too large",
    rows: ["sns/5.1-size"],
    given: [news],
    ask: publish("x".repeat(262_134), { MessageAttributes: { abc: text("String", "de") } }),
    refused: invalid("Message too long"),
  },
  {
    name: "a message structure that is no JSON",
    rows: ["sns/5.1-structure-json"],
    given: [news],
    ask: publish("{", { MessageStructure: "json" }),
    refused: invalid("Message Structure - JSON message body failed to parse"),
  },
  {
    name: "a message structure without a default",
    rows: ["sns/5.1-structure-default"],
    given: [news],
    ask: publish('{"sqs":"x"}', { MessageStructure: "json" }),
    refused: invalid("Message Structure - No default entry in JSON message body"),
  },
  {
    name: "a message structure whose default is no text",
    rows: ["sns/5.1-structure-default"],
    given: [news],
    ask: publish('{"default":{"a":1}}', { MessageStructure: "json" }),
    refused: invalid("Message Structure - No default entry in JSON message body"),
  },
  {
    name: "a group of a message to a standard topic",
    rows: ["sns/5.1-group-on-standard"],
    given: [news],
    ask: publish("x", { MessageGroupId: "g" }),
    answer: published,
  },
  {
    name: "a deduplication id of a message to a standard topic",
    rows: ["sns/5.1-dedup-on-standard"],
    given: [news],
    ask: publish("x", { MessageDeduplicationId: "d" }),
    refused: invalid(
      "MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter that is not valid for this topic type",
    ),
  },
  {
    name: "a type with a label of spaces and points",
    rows: ["sns/5.3-type"],
    given: [news],
    ask: attribute("attr1", text("String.  x.")),
    answer: published,
  },
  {
    name: "a type with an empty label",
    rows: ["sns/5.3-type"],
    given: [news],
    ask: attribute("attr1", text("String.")),
    refused: invalidValue(`The message attribute 'attr1' ${noType}`),
  },
  {
    name: "a type that only begins like one",
    rows: ["sns/5.3-type"],
    given: [news],
    ask: attribute("attr1", text("Stringx")),
    refused: invalidValue(`The message attribute 'attr1' ${noType}`),
  },
  {
    name: "an attribute without a type",
    rows: ["sns/5.3-type-missing"],
    given: [news],
    ask: attribute("attr1", { StringValue: "v" }),
    refused: untyped("messageAttributes."),
  },
  {
    name: "an attribute without a type in a batch",
    rows: ["sns/5.3-type-missing", "sns/5.2-all"],
    given: [news],
    ask: batch([{ ...entry("a"), MessageAttributes: { attr1: { StringValue: "v" } } }, entry("b")]),
    refused: untyped("publishBatchRequestEntries.1.member.messageAttributes."),
  },
  {
    name: "an attribute without a value",
    rows: ["sns/5.3-empty"],
    given: [news],
    ask: attribute("attr1", { DataType: "String" }),
    refused: invalidValue("The message attribute 'attr1' must contain non-empty message attribute value for message attribute type 'String'."),
  },
  {
    name: "bytes for a number",
    rows: ["sns/5.3-field"],
    given: [news],
    ask: attribute("attr1", { DataType: "Number", BinaryValue: Uint8Array.of(1) }),
    refused: invalidValue("The message attribute 'attr1' with type 'Number' must use field 'String'."),
  },
  {
    name: "a text for bytes",
    rows: ["sns/5.3-field"],
    given: [news],
    ask: attribute("attr1", text("Binary")),
    refused: invalidValue("The message attribute 'attr1' with type 'Binary' must use field 'Binary'."),
  },
  {
    name: "an attribute's name with a circumflex",
    rows: ["sns/5.3-name"],
    given: [news],
    ask: attribute("attr^1", text("String")),
    refused: invalidValue(
      "Invalid non-alphanumeric character '#x5E' was found in the message attribute name. Can only include alphanumeric characters, hyphens, underscores, or dots.",
    ),
  },
  {
    name: "an attribute's name that begins with a point",
    rows: ["sns/5.3-name"],
    given: [news],
    ask: attribute(".attr1", text("String")),
    refused: invalidValue("Invalid message attribute name starting with character '.' was found."),
  },
  {
    name: "an attribute's name that ends with a point",
    rows: ["sns/5.3-name"],
    given: [news],
    ask: attribute("attr1.", text("String")),
    refused: invalidValue("Invalid message attribute name ending with character '.' was found."),
  },
  {
    name: "an attribute's name with two points in a row",
    rows: ["sns/5.3-name"],
    given: [news],
    ask: attribute("attr..1", text("String")),
    refused: invalidValue("Message attribute name can not have successive '.' character."),
  },
  {
    name: "an attribute's name of 257 bytes",
    rows: ["sns/5.3-name-length"],
    given: [news],
    ask: attribute("x".repeat(257), text("String")),
    refused: invalidValue("Length of message attribute name must be less than 256 bytes."),
  },
  {
    name: "a batch of eleven messages",
    rows: ["sns/5.2-count"],
    given: [news],
    ask: batch(Array.from({ length: 11 }, (_, index) => entry(`e${index}`))),
    refused: batchError("TooManyEntriesInBatchRequest")("The batch request contains more entries than permissible."),
  },
  {
    name: "a batch of messages of one id",
    rows: ["sns/5.2-ids"],
    given: [news],
    ask: batch([entry("a"), entry("a")]),
    refused: batchError("BatchEntryIdsNotDistinct")("Two or more batch entries in the request have the same Id."),
  },
  {
    name: "an id in a batch with a character that may not be in one",
    rows: ["sns/5.2-id-form"],
    given: [news],
    ask: batch([entry("a.b")]),
    refused: batchError("InvalidBatchEntryId")(`${entryId} contains an impermissible character: a.b`),
  },
  {
    name: "an id in a batch of 81 characters",
    rows: ["sns/5.2-id-form"],
    given: [news],
    ask: batch([entry("x".repeat(81))]),
    refused: batchError("InvalidBatchEntryId")(`${entryId} is too long: ${"x".repeat(81)}`),
  },
  {
    name: "messages of a batch that are too large together",
    rows: ["sns/5.2-size"],
    given: [news],
    ask: batch([entry("a", "x".repeat(200_000)), entry("b", "x".repeat(62_145))]),
    refused: batchError("BatchRequestTooLong")("The length of all the messages put together is more than the limit."),
  },
  {
    name: "a batch that is taken",
    rows: ["sns/5.2-answer"],
    given: [news],
    ask: batch([entry("b"), entry("a")]),
    answer: {
      Successful: [
        { Id: "b", MessageId: ANY },
        { Id: "a", MessageId: ANY },
      ],
      Failed: [],
    },
  },
];
