import assert from "node:assert/strict";
import { onTopics, present } from "./harness.ts";

onTopics("a message reaches every queue that is subscribed", async ({ sns, topic, queue, subscribe, bodies }) => {
  const TopicArn = await topic();
  const [one, two, three] = [await queue("one"), await queue("two"), await queue("three")];
  await subscribe(TopicArn, one);
  await subscribe(TopicArn, two);
  const { MessageId } = await sns.publish({ TopicArn, Message: "hello" });
  assert.match(present(MessageId), /^[0-9a-f-]{36}$/);
  assert.deepEqual([await bodies(one), await bodies(two), await bodies(three)], [["hello"], ["hello"], []]);
});
