import { operation, structure } from "../../../wire/shapes.ts";
import { configurationsOf } from "../rules/notification.ts";
import { notificationsOf } from "./commit.ts";
import { objectAction, type Context } from "./context.ts";
import { bucketOf } from "./owned.ts";
import { bucketLabel, notificationConfiguration } from "./shapes.ts";

const getBucketNotificationConfigurationOperation = operation("GetBucketNotificationConfiguration", {
  input: structure(bucketLabel),
  output: structure(notificationConfiguration),
  xmlRoot: { response: "NotificationConfiguration" },
});

/** Where events of a bucket go. */
export const getBucketNotificationConfiguration = (context: Context) =>
  objectAction(getBucketNotificationConfigurationOperation, async (input, call) => {
    const bucket = await bucketOf(context, input.Bucket, call);
    return configurationsOf(notificationsOf(bucket));
  });
