import assert from "node:assert/strict";
import { covers } from "../../contract/covers.ts";
import { onTopics, present } from "./harness.ts";

onTopics(
  "an envelope has the fields of a notification, and only those that there are",
  async ({ sns, topic, queue, subscribe, bodies, clock, endpoint }) => {
    covers("sns/5.4-fields", "sns/5.4-attributes", "sns/5.4-timestamp", "sns/5.4-unsubscribe", "sns/5.4-one-id");
    const TopicArn = await topic();
    const inbox = await queue();
    const SubscriptionArn = await subscribe(TopicArn, inbox, {});
    const MessageAttributes = {
      price: { DataType: "Number", StringValue: "99.10" },
      bytes: { DataType: "Binary", BinaryValue: Uint8Array.of(0, 255) },
    };
    const { MessageId } = await sns.publish({ TopicArn, Message: "hëllo", Subject: "greeting", MessageAttributes });
    await sns.publish({ TopicArn, Message: "bare" });
    const [full = "", bare = ""] = await bodies(inbox);
    const read = JSON.parse(full) as Record<string, unknown>;
    const signed = ["SignatureVersion", "Signature", "SigningCertURL"];
    const common = ["Type", "MessageId", "TopicArn", "Subject", "Message", "Timestamp", ...signed, "UnsubscribeURL"];
    assert.deepEqual(Object.keys(read), [...common, "MessageAttributes"]);
    assert.deepEqual(
      Object.keys(JSON.parse(bare) as object),
      common.filter((name) => name !== "Subject"),
    );
    assert.deepEqual(
      [read["Type"], read["MessageId"], read["TopicArn"], read["Subject"], read["Message"]],
      ["Notification", present(MessageId), TopicArn, "greeting", "hëllo"],
    );
    assert.equal(read["Timestamp"], new Date(clock.nowMs()).toISOString());
    assert.equal(read["UnsubscribeURL"], `${endpoint}/?Action=Unsubscribe&SubscriptionArn=${SubscriptionArn}`);
    assert.deepEqual(read["MessageAttributes"], { price: { Type: "Number", Value: "99.10" }, bytes: { Type: "Binary", Value: "AP8=" } });
  },
);
