import { createTopic, invalid, NEWS, noTopic, ORDERED, setTopic, topicArn, type Asked, type RecordedCase } from "../case.ts";

const attributesOf = (TopicArn: string): Asked => ["GetTopicAttributes", { TopicArn }];
const tag = (...pairs: readonly string[]): Asked => ["TagResource", { ResourceArn: NEWS, Tags: tagsOf(...pairs) }];
const tags: Asked = ["ListTagsForResource", { ResourceArn: NEWS }];
const tagsOf = (...pairs: readonly string[]) => pairs.map((pair) => ({ Key: pair[0], Value: pair[1] }));
const tagged = (...pairs: readonly string[]): Asked => ["CreateTopic", { Name: "news", Tags: tagsOf(...pairs) }];

const defaultPolicyOf = (arn: string) => ({
  Version: "2008-10-17",
  Id: "__default_policy_ID",
  Statement: [
    {
      Sid: "__default_statement_ID",
      Effect: "Allow",
      Principal: { AWS: "*" },
      Action: [
        "SNS:GetTopicAttributes",
        "SNS:SetTopicAttributes",
        "SNS:AddPermission",
        "SNS:RemovePermission",
        "SNS:DeleteTopic",
        "SNS:Subscribe",
        "SNS:ListSubscriptionsByTopic",
        "SNS:Publish",
      ],
      Resource: arn,
      Condition: { StringEquals: { "AWS:SourceOwner": "000000000000" } },
    },
  ],
});

const RETRIES = {
  minDelayTarget: 20,
  maxDelayTarget: 20,
  numRetries: 3,
  numMaxDelayRetries: 0,
  numNoDelayRetries: 0,
  numMinDelayRetries: 0,
  backoffFunction: "linear",
};
const effective = (changes: object = {}) => ({
  http: {
    defaultHealthyRetryPolicy: { ...RETRIES, ...changes },
    disableSubscriptionOverrides: false,
    defaultRequestPolicy: { headerContentType: "text/plain; charset=UTF-8" },
  },
});
const shownOf = (TopicArn: string) => ({
  TopicArn,
  Owner: "000000000000",
  DisplayName: "",
  Policy: defaultPolicyOf(TopicArn),
  EffectiveDeliveryPolicy: effective(),
  SubscriptionsConfirmed: "0",
  SubscriptionsPending: "0",
  SubscriptionsDeleted: "0",
});

const different = (what: string) => invalid(`${what} Reason: Topic already exists with different ${what.toLowerCase()}`);

/** Topics, their attributes and tags. */
export const TOPICS: readonly RecordedCase[] = [
  {
    name: "a name with a space",
    rows: ["sns/3.1-name"],
    ask: createTopic("a b"),
    refused: invalid("Topic Name"),
  },
  {
    name: "a name of 257 characters",
    rows: ["sns/3.1-name"],
    ask: createTopic("x".repeat(257)),
    refused: invalid("Topic Name"),
  },
  {
    name: "a FIFO name without the attribute",
    rows: ["sns/3.1-fifo-name"],
    ask: ["CreateTopic", { Name: "news.fifo" }],
    refused: invalid("Topic Name"),
  },
  {
    name: "the FIFO attribute without the name",
    rows: ["sns/3.1-fifo-name"],
    ask: createTopic("news", { FifoTopic: "true" }),
    refused: invalid("Topic Name"),
  },
  {
    name: "a topic that is made again though its name to be shown has changed",
    rows: ["sns/3.1-again"],
    given: [createTopic("news", { DisplayName: "one" }), setTopic("DisplayName", "two")],
    ask: createTopic("news"),
    answer: { TopicArn: NEWS },
  },
  {
    name: "a topic that is made again with an attribute that has changed",
    rows: ["sns/3.1-same-attributes"],
    given: [createTopic("news", { DisplayName: "one" }), setTopic("DisplayName", "two")],
    ask: createTopic("news", { DisplayName: "one" }),
    refused: different("Attributes"),
  },
  {
    name: "a topic that is made again with an attribute that was never set",
    rows: ["sns/3.1-same-attributes"],
    given: [createTopic("news")],
    ask: createTopic("news", { SignatureVersion: "2" }),
    refused: different("Attributes"),
  },
  {
    name: "a standard topic that is told not to be FIFO",
    rows: ["sns/3.1-fifo-false", "sns/3.3-always", "sns/3.3-default-policy", "sns/3.3-default-delivery", "sns/3.3-only-set"],
    given: [createTopic("news", { FifoTopic: "false" })],
    ask: attributesOf(NEWS),
    answer: { Attributes: shownOf(NEWS) },
  },
  {
    name: "a standard topic that is made again as a FIFO one",
    rows: ["sns/3.1-fifo-of-plain"],
    given: [createTopic("news")],
    ask: createTopic("news", { FifoTopic: "true" }),
    refused: invalid("Topic Name"),
  },
  {
    name: "a topic that is made again with some of its tags",
    rows: ["sns/3.1-same-tags"],
    given: [tagged("a1", "b2")],
    ask: tagged("b2"),
    answer: { TopicArn: NEWS },
  },
  {
    name: "a topic that is made again with a tag more",
    rows: ["sns/3.1-same-tags"],
    given: [tagged("a1")],
    ask: tagged("a1", "b2"),
    refused: different("Tags"),
  },
  {
    name: "a topic that is made again without a word of tags",
    rows: ["sns/3.1-same-tags"],
    given: [tagged("a1")],
    ask: tagged(),
    answer: { TopicArn: NEWS },
  },
  {
    name: "the deletion of a topic that never was",
    rows: ["sns/3.2-always"],
    ask: ["DeleteTopic", { TopicArn: NEWS }],
    answer: {},
  },
  {
    name: "a topic that is made again after its deletion",
    rows: ["sns/3.2-subscriptions"],
    given: [tagged("a1"), ["DeleteTopic", { TopicArn: NEWS }], createTopic("news")],
    ask: tags,
    answer: { Tags: [] },
  },
  {
    name: "the attributes of a FIFO topic",
    rows: ["sns/3.3-fifo", "sns/3.3-always"],
    given: [createTopic("news.fifo")],
    ask: attributesOf(ORDERED),
    answer: {
      Attributes: { ...shownOf(ORDERED), FifoTopic: "true", ContentBasedDeduplication: "false", FifoThroughputScope: "Topic" },
    },
  },
  {
    name: "an attribute of a topic that does not exist",
    rows: ["sns/3.4-names"],
    given: [createTopic("news")],
    ask: setTopic("Colour", "red"),
    refused: invalid("AttributeName"),
  },
  {
    name: "the attribute that cannot be changed",
    rows: ["sns/3.4-names"],
    given: [createTopic("news")],
    ask: setTopic("FifoTopic", "true"),
    refused: invalid("AttributeName"),
  },
  {
    name: "a delivery policy replaces the one before it",
    rows: ["sns/3.4-delivery-policy", "sns/3.4-effective-policy"],
    given: [
      createTopic("news"),
      setTopic("DeliveryPolicy", '{"http":{"defaultHealthyRetryPolicy":{"minDelayTarget":5,"maxDelayTarget":6}}}'),
      setTopic("DeliveryPolicy", '{"http":{"defaultHealthyRetryPolicy":{"numRetries":7}}}'),
    ],
    ask: attributesOf(NEWS),
    answer: {
      Attributes: {
        ...shownOf(NEWS),
        DeliveryPolicy: { http: { defaultHealthyRetryPolicy: { numRetries: 7 }, disableSubscriptionOverrides: false } },
        EffectiveDeliveryPolicy: effective({ numRetries: 7 }),
      },
    },
  },
  {
    name: "a delivery policy without a retry policy",
    rows: ["sns/3.4-effective-policy"],
    given: [createTopic("news"), setTopic("DeliveryPolicy", '{"http":{"defaultHealthyRetryPolicy":null}}')],
    ask: attributesOf(NEWS),
    answer: {
      Attributes: {
        ...shownOf(NEWS),
        DeliveryPolicy: { http: { defaultHealthyRetryPolicy: null, disableSubscriptionOverrides: false } },
      },
    },
  },
  {
    name: "a delivery policy that was removed",
    rows: ["sns/3.4-delivery-policy"],
    given: [createTopic("news"), setTopic("DeliveryPolicy", '{"http":{}}'), setTopic("DeliveryPolicy", "")],
    ask: attributesOf(NEWS),
    answer: { Attributes: shownOf(NEWS) },
  },
  {
    name: "lists of an account that has nothing",
    rows: ["sns/1-empty-lists", "sns/3.5-pages"],
    ask: ["ListSubscriptions", {}],
    answer: { Subscriptions: [] },
  },
  {
    name: "topics that fit into a page",
    rows: ["sns/3.5-pages"],
    given: [createTopic("news"), createTopic("news.fifo")],
    ask: ["ListTopics", {}],
    answer: { Topics: [{ TopicArn: NEWS }, { TopicArn: ORDERED }] },
  },
  {
    name: "a tag twice in one request",
    rows: ["sns/3.6-duplicates"],
    given: [createTopic("news")],
    ask: tag("a1", "a2"),
    refused: invalid("Duplicated keys are not allowed."),
  },
  {
    name: "a tag that is there already",
    rows: ["sns/3.6-overwrite"],
    given: [tagged("a1"), tag("a2")],
    ask: tags,
    answer: { Tags: [{ Key: "a", Value: "2" }] },
  },
  {
    name: "an ARN without parts",
    rows: ["sns/2-elements"],
    ask: attributesOf("news"),
    refused: invalid("TopicArn Reason: An ARN must have at least 6 elements, not 1"),
  },
  {
    name: "an ARN of three parts",
    rows: ["sns/2-elements"],
    ask: attributesOf("arn:aws:sns"),
    refused: invalid("TopicArn Reason: An ARN must have at least 6 elements, not 3"),
  },
  {
    name: "an empty ARN",
    rows: ["sns/2-elements"],
    ask: ["DeleteTopic", { TopicArn: "" }],
    refused: invalid("TopicArn Reason: An ARN must have at least 6 elements, not 1"),
  },
  {
    name: "a topic of another region",
    rows: ["sns/2-region"],
    given: [createTopic("news")],
    ask: ["DeleteTopic", { TopicArn: NEWS.replace("us-east-1", "eu-west-1") }],
    refused: invalid("TopicArn"),
  },
  {
    name: "a topic that is not there",
    rows: ["sns/2-absent"],
    ask: attributesOf(topicArn("nowhere")),
    refused: noTopic,
  },
];
