import { boolean, operation, optional, required, structure } from "../../../wire/shapes.ts";
import { testMessage } from "../rules/event-record.ts";
import { destinationArn, notificationsOf, unreachableDestinations } from "../rules/notification.ts";
import { commitWithMessages, hostId, sourceOf } from "./commit.ts";
import { objectAction, type Context } from "./context.ts";
import { bucketOf } from "./owned.ts";
import { bucketLabel, notificationConfiguration } from "./shapes.ts";

const putBucketNotificationConfigurationOperation = operation("PutBucketNotificationConfiguration", {
  input: structure({
    ...bucketLabel,
    NotificationConfiguration: required(structure(notificationConfiguration), { payload: true }),
    SkipDestinationValidation: optional(boolean, { header: "x-amz-skip-destination-validation" }),
  }),
  output: structure({}),
});

/** Says where events of a bucket go, in place of what was said before. Every destination gets a test message with it. */
export const putBucketNotificationConfiguration = (context: Context) =>
  objectAction(putBucketNotificationConfigurationOperation, async (input, call) => {
    const { events, store, random, clock } = context;
    const bucket = await bucketOf(context, input.Bucket, call);
    const notifications = notificationsOf(input.NotificationConfiguration, () => random.uuid());
    const source = sourceOf(bucket);
    const arns = [...new Set(notifications.map(destinationArn))];
    if (input.SkipDestinationValidation !== true) {
      const valid = await Promise.all(arns.map((arn) => events.validate(arn, source)));
      const unreachable = arns.filter((_, index) => valid[index] === false);
      if (unreachable.length > 0) throw unreachableDestinations(unreachable);
    }
    const value = notifications.length === 0 ? null : JSON.stringify(notifications);
    const set = store.call("setBucketSetting", { bucketId: bucket.id, setting: "notifications", value });
    const { requestId } = call;
    const body = testMessage({ bucket: bucket.name, atMs: clock.nowMs(), requestId, hostId: hostId(requestId) });
    await commitWithMessages(context, { calls: [set], messages: arns.map((arn) => ({ arn, body, source })) });
    return {};
  });
