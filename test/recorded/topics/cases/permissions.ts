import { ANY } from "../../case.ts";
import { createTopic, invalid, NEWS, noTopic, root, type Asked, type RecordedCase } from "../case.ts";

const add = (Label: string, AWSAccountId: readonly string[], ActionName: readonly string[]): Asked => [
  "AddPermission",
  { TopicArn: NEWS, Label, AWSAccountId, ActionName },
];
const attributes: Asked = ["GetTopicAttributes", { TopicArn: NEWS }];

/** All that is shown of a topic, of which the policy has these statements behind the default one. */
const shown = (...statements: readonly object[]) => ({
  Attributes: {
    ...Object.fromEntries(
      [
        ["TopicArn", "Owner", "DisplayName", "EffectiveDeliveryPolicy"],
        ["SubscriptionsConfirmed", "SubscriptionsPending", "SubscriptionsDeleted"],
      ].flatMap((names) => names.map((name) => [name, ANY])),
    ),
    Policy: { Version: "2008-10-17", Id: "__default_policy_ID", Statement: [ANY, ...statements] },
  },
});
const ONE = { Sid: "one", Effect: "Allow", Principal: { AWS: root("111111111111") }, Action: "SNS:Publish", Resource: NEWS };

/** Permissions, which are statements of a topic's policy. */
export const PERMISSIONS: readonly RecordedCase[] = [
  {
    name: "a permission for one account and action",
    rows: ["sns/3.7-statement"],
    given: [createTopic("news"), add("one", ["111111111111"], ["Publish"])],
    ask: attributes,
    answer: shown(ONE),
  },
  {
    name: "a permission for several accounts and actions",
    rows: ["sns/3.7-statement"],
    given: [createTopic("news"), add("one", ["111111111111", "222222222222"], ["Publish", "Subscribe"])],
    ask: attributes,
    answer: shown({
      ...ONE,
      Principal: { AWS: [root("111111111111"), root("222222222222")] },
      Action: ["SNS:Publish", "SNS:Subscribe"],
    }),
  },
  {
    name: "a permission whose label is in use",
    rows: ["sns/3.7-label"],
    given: [createTopic("news"), add("one", ["111111111111"], ["Publish"])],
    ask: add("one", ["222222222222"], ["Publish"]),
    refused: invalid("Statement already exists"),
  },
  {
    name: "a permission for what is no action",
    rows: ["sns/3.7-action"],
    given: [createTopic("news")],
    ask: add("one", ["111111111111"], ["Fly"]),
    refused: invalid("Policy statement action out of service scope!"),
  },
  {
    name: "a permission of a topic that is not there",
    rows: ["sns/3.7-absent"],
    ask: add("one", ["111111111111"], ["Publish"]),
    refused: noTopic,
  },
  {
    name: "a permission that was removed",
    rows: ["sns/3.7-remove"],
    given: [
      createTopic("news"),
      add("one", ["111111111111"], ["Publish"]),
      add("two", ["111111111111"], ["Publish"]),
      ["RemovePermission", { TopicArn: NEWS, Label: "two" }],
    ],
    ask: attributes,
    answer: shown(ONE),
  },
];
