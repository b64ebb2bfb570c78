import { ANY } from "../../case.ts";
import {
  createTopic,
  invalid,
  invalidToken,
  NEWS,
  noSubscription,
  ORDERED,
  queueArn,
  RAW,
  root,
  setSubscription,
  subscribe,
  SUBSCRIPTION,
  type Asked,
  type RecordedCase,
} from "../case.ts";

const endpoint = (Protocol: string, Endpoint: string, more: object = {}): Asked => ["Subscribe", { TopicArn: NEWS, Protocol, Endpoint, ...more }];
const attributes: Asked = ["GetSubscriptionAttributes", { SubscriptionArn: SUBSCRIPTION }];
const unsubscribe = (SubscriptionArn: string): Asked => ["Unsubscribe", { SubscriptionArn }];
const confirm = (TopicArn: string, Token: string): Asked => ["ConfirmSubscription", { TopicArn, Token }];
const redrive = (name: string) => ({ RedrivePolicy: JSON.stringify({ deadLetterTargetArn: queueArn(name) }) });
const news = createTopic("news");
const subscribed = [news, subscribe(NEWS, "inbox")];
const shown = {
  SubscriptionArn: SUBSCRIPTION,
  TopicArn: NEWS,
  Owner: "000000000000",
  Protocol: "sqs",
  Endpoint: queueArn("inbox"),
  PendingConfirmation: "false",
  ConfirmationWasAuthenticated: "true",
  SubscriptionPrincipal: root("000000000000"),
  RawMessageDelivery: "false",
};
const SCOPES = "Please use either MessageBody or MessageAttributes";
const NESTED = "Filter policy scope MessageAttributes does not support nested filter policy";

/** Subscriptions, their attributes, their confirmation and their end. */
export const SUBSCRIPTIONS: readonly RecordedCase[] = [
  {
    name: "a protocol that does not exist",
    rows: ["sns/4.1-protocol"],
    given: [news],
    ask: endpoint("pigeon", "x"),
    refused: invalid("Amazon SNS does not support this protocol string: pigeon"),
  },
  {
    name: "the URL of a queue as an endpoint",
    rows: ["sns/4.1-queue-arn"],
    given: [news],
    ask: endpoint("sqs", "http://localhost:4566/000000000000/inbox"),
    refused: invalid("SQS endpoint ARN"),
  },
  {
    name: "a queue that does not exist, subscribed and shown",
    rows: ["sns/4.1-absent-queue", "sns/4.1-confirmed", "sns/4.3-shown"],
    given: subscribed,
    ask: attributes,
    answer: { Attributes: shown },
  },
  {
    name: "a FIFO queue on a standard topic",
    rows: ["sns/4.1-fifo-queue"],
    given: [news],
    ask: subscribe(NEWS, "inbox.fifo"),
    refused: invalid("Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics"),
  },
  {
    name: "a standard queue on a FIFO topic",
    rows: ["sns/4.1-standard-queue"],
    given: [createTopic("news.fifo")],
    ask: subscribe(ORDERED, "inbox"),
    answer: { SubscriptionArn: ANY },
  },
  {
    name: "an HTTP endpoint that has not confirmed",
    rows: ["sns/4.1-pending"],
    given: [news],
    ask: endpoint("http", "http://203.0.113.1/notify"),
    answer: { SubscriptionArn: "pending confirmation" },
  },
  {
    name: "an HTTP endpoint that has not confirmed, whose ARN is asked for",
    rows: ["sns/4.1-pending"],
    given: [news, endpoint("http", "http://203.0.113.1/notify", { ReturnSubscriptionArn: true })],
    ask: attributes,
    answer: {
      Attributes: {
        ...shown,
        Protocol: "http",
        Endpoint: "http://203.0.113.1/notify",
        PendingConfirmation: "true",
        ConfirmationWasAuthenticated: "false",
      },
    },
  },
  {
    name: "a subscription that is made again with what it has by default",
    rows: ["sns/4.1-again"],
    given: subscribed,
    ask: subscribe(NEWS, "inbox", { RawMessageDelivery: "False", FilterPolicyScope: "MessageAttributes" }),
    answer: { SubscriptionArn: SUBSCRIPTION },
  },
  {
    name: "a subscription that is made again with something else",
    rows: ["sns/4.1-different"],
    given: subscribed,
    ask: subscribe(NEWS, "inbox", RAW),
    refused: invalid("Attributes Reason: Subscription already exists with different attributes"),
  },
  {
    name: "a subscription with a wrong attribute",
    rows: ["sns/4.1-reason", "sns/4.2-raw"],
    given: [news],
    ask: subscribe(NEWS, "inbox", { RawMessageDelivery: "wrong" }),
    refused: invalid("Attributes Reason: RawMessageDelivery: Invalid value [wrong]. Must be true or false."),
  },
  {
    name: "an attribute that is set to what it cannot be",
    rows: ["sns/4.1-reason", "sns/4.2-raw"],
    given: subscribed,
    ask: setSubscription("RawMessageDelivery", "wrong"),
    refused: invalid("RawMessageDelivery: Invalid value [wrong]. Must be true or false."),
  },
  {
    name: "raw delivery in capital letters",
    rows: ["sns/4.2-raw"],
    given: [...subscribed, setSubscription("RawMessageDelivery", "TRUE")],
    ask: attributes,
    answer: { Attributes: { ...shown, RawMessageDelivery: "true" } },
  },
  {
    name: "an attribute of a subscription that does not exist",
    rows: ["sns/4.2-names"],
    given: subscribed,
    ask: setSubscription("Colour", "red"),
    refused: invalid("AttributeName"),
  },
  {
    name: "a scope of filters that does not exist",
    rows: ["sns/4.2-scope"],
    given: subscribed,
    ask: setSubscription("FilterPolicyScope", "Everything"),
    refused: invalid(`FilterPolicyScope: Invalid value [Everything]. ${SCOPES}`),
  },
  {
    name: "a scope that was set before there is a policy is not shown",
    rows: ["sns/4.2-scope-shown"],
    given: [...subscribed, setSubscription("FilterPolicyScope", "MessageBody")],
    ask: attributes,
    answer: { Attributes: shown },
  },
  {
    name: "a scope that was set before there is a policy holds for it",
    rows: ["sns/4.2-scope-shown", "sns/4.2-scope"],
    given: [...subscribed, setSubscription("FilterPolicyScope", "MessageBody"), setSubscription("FilterPolicy", '{"a":{"b":["c"]}}')],
    ask: attributes,
    answer: { Attributes: { ...shown, FilterPolicyScope: "MessageBody", FilterPolicy: { a: { b: ["c"] } } } },
  },
  {
    name: "a policy that was removed is not shown, and neither is its scope",
    rows: ["sns/4.2-filter-policy", "sns/4.2-scope-shown"],
    given: [...subscribed, setSubscription("FilterPolicy", '{"a":["b"]}'), setSubscription("FilterPolicy", "")],
    ask: attributes,
    answer: { Attributes: shown },
  },
  {
    name: "a nested policy for attributes",
    rows: ["sns/4.2-nested"],
    given: [news],
    ask: subscribe(NEWS, "inbox", { FilterPolicy: '{"a":{"b":["c"]}}' }),
    refused: invalid(`Attributes Reason: ${NESTED}`),
  },
  {
    name: "a dead-letter queue that is no ARN",
    rows: ["sns/4.2-redrive"],
    given: subscribed,
    ask: setSubscription("RedrivePolicy", '{"deadLetterTargetArn":"dead"}'),
    refused: invalid("RedrivePolicy: deadLetterTargetArn is an invalid arn"),
  },
  {
    name: "a standard dead-letter queue of a FIFO queue on a FIFO topic",
    rows: ["sns/4.2-redrive-fifo"],
    given: [createTopic("news.fifo")],
    ask: subscribe(ORDERED, "inbox.fifo", redrive("dead")),
    refused: invalid("Attributes Reason: RedrivePolicy: must use a FIFO queue as DLQ for a FIFO Subscription to a FIFO Topic."),
  },
  {
    name: "a standard dead-letter queue of a standard queue on a FIFO topic",
    rows: ["sns/4.2-redrive-fifo"],
    given: [createTopic("news.fifo")],
    ask: subscribe(ORDERED, "inbox", redrive("dead")),
    answer: { SubscriptionArn: ANY },
  },
  {
    name: "an end that is asked for twice",
    rows: ["sns/4.3-unsubscribe-twice"],
    given: [...subscribed, unsubscribe(SUBSCRIPTION)],
    ask: unsubscribe(SUBSCRIPTION),
    answer: {},
  },
  {
    name: "a subscription that has ended",
    rows: ["sns/4.3-absent", "sns/4.3-unsubscribe-twice"],
    given: [...subscribed, unsubscribe(SUBSCRIPTION)],
    ask: attributes,
    refused: noSubscription,
  },
  {
    name: "an attribute of a subscription that has ended",
    rows: ["sns/4.3-absent", "sns/4.3-unsubscribe-twice"],
    given: [...subscribed, unsubscribe(SUBSCRIPTION)],
    ask: setSubscription("RawMessageDelivery", "true"),
    refused: noSubscription,
  },
  {
    name: "the end of a topic's ARN",
    rows: ["sns/2-unsubscribe-topic"],
    given: [news],
    ask: unsubscribe(NEWS),
    refused: invalid("SubscriptionId"),
  },
  {
    name: "the end of what is pending",
    rows: ["sns/2-unsubscribe-pending"],
    ask: unsubscribe("PendingConfirmation"),
    refused: invalid("SubscriptionArn Reason: An ARN must have at least 6 elements, not 1"),
  },
  {
    name: "a confirmation for what is no topic",
    rows: ["sns/6.1-bad-topic"],
    ask: confirm("news", "abc123"),
    refused: invalid("Topic"),
  },
  {
    name: "a confirmation for a topic of another region",
    rows: ["sns/6.1-bad-topic"],
    signed: true,
    given: [news],
    ask: confirm(NEWS.replace("us-east-1", "eu-west-1"), "abc123"),
    refused: invalid("Topic"),
  },
  {
    name: "a confirmation by a token of nobody",
    rows: ["sns/6.1-unknown-token"],
    given: [news],
    ask: confirm(NEWS, "abc123"),
    refused: invalid("Token"),
  },
  {
    name: "a confirmation by what is no token",
    rows: ["sns/6.1-no-token"],
    given: [news],
    ask: confirm(NEWS, "randomtoken"),
    refused: invalidToken,
  },
];
