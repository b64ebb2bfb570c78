import assert from "node:assert/strict";
import { covers } from "../../contract/covers.ts";
import { onTopics, queueArn, topicArn, type Scene } from "./harness.ts";

const NAMESPACE = "http://sns.amazonaws.com/doc/2010-03-31/";

interface Answer {
  readonly status: number;
  readonly type: string | null;
  readonly text: string;
}

/** Parameters as a form, or in the query string. */
function asking({ endpoint }: Scene) {
  const answer = async (response: Response): Promise<Answer> => ({
    status: response.status,
    type: response.headers.get("content-type"),
    text: (await response.text()).replace(/<RequestId>[0-9a-f-]{36}<\/RequestId>/, "<RequestId/>"),
  });
  const form = (parameters: Record<string, string>) => new URLSearchParams({ Version: "2010-03-31", ...parameters }).toString();
  const type = { "content-type": "application/x-www-form-urlencoded" };
  return {
    post: async (parameters: Record<string, string>) =>
      answer(await fetch(endpoint, { method: "POST", headers: type, body: form(parameters) })),
    raw: async (body: string) => answer(await fetch(endpoint, { method: "POST", headers: type, body })),
    inUrl: async (parameters: Record<string, string>) =>
      answer(await fetch(`${endpoint}/?${form(parameters)}`, { method: "POST", headers: type })),
    get: async (query: string) => answer(await fetch(`${endpoint}/?${query}`)),
  };
}

onTopics("answers and errors are the XML of SNS", async (scene) => {
  covers(
    "sns/1-query",
    "sns/1-attribute-maps",
    "sns/1-request-id",
    "sns/1-error",
    "sns/1-statuses",
    "sns/1-empty-lists",
    "sns/1-empty-result",
  );
  const { post } = asking(scene);
  const metadata = "<ResponseMetadata><RequestId/></ResponseMetadata>";
  const created = await post({ Action: "CreateTopic", Name: "news" });
  assert.deepEqual(created, {
    status: 200,
    type: "text/xml",
    text: `<?xml version="1.0"?><CreateTopicResponse xmlns="${NAMESPACE}"><CreateTopicResult><TopicArn>${topicArn("news")}</TopicArn></CreateTopicResult>${metadata}</CreateTopicResponse>`,
  });
  const { text: attributes } = await post({ Action: "GetTopicAttributes", TopicArn: topicArn("news") });
  assert.match(
    attributes,
    /<GetTopicAttributesResult><Attributes><entry><key>TopicArn<\/key><value>arn:aws:sns:[^<]*:news<\/value><\/entry>/,
  );
  const { text: listed } = await post({ Action: "ListSubscriptions" });
  assert.match(listed, /<ListSubscriptionsResult><Subscriptions\/><\/ListSubscriptionsResult>/);
  const { text: tagged } = await post({
    Action: "TagResource",
    ResourceArn: topicArn("news"),
    "Tags.member.1.Key": "k",
    "Tags.member.1.Value": "v",
  });
  assert.match(tagged, /<TagResourceResult\/><ResponseMetadata>/);
  const untagged = await post({ Action: "UntagResource", ResourceArn: topicArn("news"), "TagKeys.member.1": "k" });
  assert.match(untagged.text, /<UntagResourceResult\/><ResponseMetadata>/);
  const { text: batch } = await post({
    Action: "PublishBatch",
    TopicArn: topicArn("news"),
    "PublishBatchRequestEntries.member.1.Id": "a",
    "PublishBatchRequestEntries.member.1.Message": "x",
  });
  assert.match(batch, /<Successful><member><Id>a<\/Id><MessageId>[0-9a-f-]{36}<\/MessageId><\/member><\/Successful><Failed\/>/);
  assert.deepEqual(await post({ Action: "GetTopicAttributes", TopicArn: topicArn("nowhere") }), {
    status: 404,
    type: "text/xml",
    text: `<?xml version="1.0"?><ErrorResponse xmlns="${NAMESPACE}"><Error><Type>Sender</Type><Code>NotFound</Code><Message>Topic does not exist</Message></Error><RequestId/></ErrorResponse>`,
  });
});

onTopics("all parameters may stand in the query string of a POST", async (scene) => {
  covers("sns/1-in-url");
  const { text } = await asking(scene).inUrl({ Action: "CreateTopic", Name: "news" });
  assert.match(text, /<CreateTopicResult>/);
});

onTopics("entries come by their numbers, in any order and with gaps, and a plus is a space", async (scene) => {
  covers("sns/1-entries", "sns/1-gaps", "sns/1-plus");
  const { raw } = asking(scene);
  const { topic, queue, subscribe, receive, bodies } = scene;
  const TopicArn = await topic();
  const [inbox, raws] = [await queue(), await queue("raws")];
  await subscribe(TopicArn, inbox);
  const common = `Version=2010-03-31&TopicArn=${TopicArn}`;
  const { text } = await raw(
    `Action=Subscribe&${common}&Protocol=sqs&Endpoint=${raws.arn}&Attributes.entry.7.key=RawMessageDelivery&Attributes.entry.7.value=true`,
  );
  assert.match(text, /<SubscriptionArn>/);
  const attribute = (index: number, name: string, value: string) =>
    `&MessageAttributes.entry.${index}.Name=${name}&MessageAttributes.entry.${index}.Value.${value.replace(" ", `&MessageAttributes.entry.${index}.Value.`)}`;
  await raw(
    `Action=Publish&${common}&Message=a+b%2Bc${attribute(9, "n", "DataType=Number StringValue=1")}${attribute(2, "b", "DataType=Binary BinaryValue=AP8=")}`,
  );
  const [received] = await receive(inbox);
  assert.equal(received?.Body, "a b+c");
  assert.deepEqual(
    [received.MessageAttributes?.["n"]?.StringValue, received.MessageAttributes?.["b"]?.BinaryValue],
    ["1", Uint8Array.of(0, 255)],
  );
  const entries = [5, 3].map(
    (index) => `&PublishBatchRequestEntries.member.${index}.Id=i${index}&PublishBatchRequestEntries.member.${index}.Message=m${index}`,
  );
  await raw(`Action=PublishBatch&${common}${entries.join("")}`);
  assert.deepEqual(await bodies(raws), ["a b+c", "m3", "m5"]);
});

onTopics("an action that is not there, or not offered, is refused by its name", async (scene) => {
  covers("sns/1-unknown-action", "sns/1-not-offered");
  const { post } = asking(scene);
  const unknown = await post({ Action: "Fly" });
  assert.equal(unknown.status, 400);
  assert.match(unknown.text, /<Code>InvalidAction<\/Code><Message>The action Fly is not valid/);
  assert.match(unknown.text, new RegExp(`xmlns="${NAMESPACE}"`));
  assert.match((await post({ Action: "CreatePlatformApplication" })).text, /<Message>CreatePlatformApplication is not supported/);
});

onTopics("what both services have goes to the one that the version or the signature names", async (scene) => {
  covers("sns/1-query");
  const { post } = asking(scene);
  const { text } = await post({ Action: "AddPermission", TopicArn: topicArn("nowhere"), Label: "a" });
  assert.match(text, /<Message>Invalid parameter: AWSAccountId Reason: |<Message>Topic does not exist/);
  const queues = await post({ Action: "AddPermission", Version: "2012-11-05", QueueUrl: "nowhere" });
  assert.match(queues.text, /xmlns="http:\/\/queue\.amazonaws\.com/);
});

onTopics("an end is asked for by a plain GET, and so is a confirmation", async (scene) => {
  covers("sns/1-unsigned-get", "sns/2-unsubscribe-missing", "sns/6.1-bad-topic", "sns/6.1-unknown-token", "sns/6.1-no-token");
  const { get } = asking(scene);
  const { topic, subscribe, sns } = scene;
  const TopicArn = await topic();
  const arn = await subscribe(TopicArn, queueArn("inbox"));
  const ended = await get(`Action=Unsubscribe&SubscriptionArn=${arn}`);
  assert.equal(ended.status, 200);
  assert.match(ended.text, /^<\?xml version="1\.0"\?><UnsubscribeResponse xmlns="[^"]*"><ResponseMetadata>/);
  assert.deepEqual((await sns.listSubscriptions({})).Subscriptions, []);
  const told = async (query: string) => /<Message>([^<]*)<\/Message>/.exec((await get(query)).text)?.[1];
  assert.equal(await told("Action=Unsubscribe"), "Invalid parameter: SubscriptionArn Reason: no value for required parameter");
  const confirm = (topic: string, token: string) => told(`Action=ConfirmSubscription&TopicArn=${topic}&Token=${token}`);
  for (const bad of ["x", "arn:aws:sqs:us-east-1:000000000000:inbox"])
    assert.equal(await confirm(bad, "abc123"), "Invalid parameter: Topic");
  assert.equal(await confirm(TopicArn, "abc123"), "Invalid parameter: Token");
  assert.equal(await confirm(TopicArn, "xyz"), "Invalid token");
});
