import type { Api } from "../../wire/api.ts";
import { addPermission } from "./actions/add-permission.ts";
import { cancelMessageMoveTask } from "./actions/cancel-message-move-task.ts";
import { changeMessageVisibilityBatch } from "./actions/change-message-visibility-batch.ts";
import { changeMessageVisibility } from "./actions/change-message-visibility.ts";
import type { Context } from "./actions/context.ts";
import { createQueue } from "./actions/create-queue.ts";
import { deleteMessageBatch } from "./actions/delete-message-batch.ts";
import { deleteMessage } from "./actions/delete-message.ts";
import { deleteQueue } from "./actions/delete-queue.ts";
import { getQueueAttributes } from "./actions/get-queue-attributes.ts";
import { getQueueUrl } from "./actions/get-queue-url.ts";
import { listDeadLetterSourceQueues } from "./actions/list-dead-letter-source-queues.ts";
import { listMessageMoveTasks } from "./actions/list-message-move-tasks.ts";
import { listQueueTags } from "./actions/list-queue-tags.ts";
import { listQueues } from "./actions/list-queues.ts";
import { purgeQueue } from "./actions/purge-queue.ts";
import { receiveMessage } from "./actions/receive-message.ts";
import { removePermission } from "./actions/remove-permission.ts";
import { sendMessageBatch } from "./actions/send-message-batch.ts";
import { sendMessage } from "./actions/send-message.ts";
import { setQueueAttributes } from "./actions/set-queue-attributes.ts";
import { startMessageMoveTask } from "./actions/start-message-move-task.ts";
import { tagQueue } from "./actions/tag-queue.ts";
import { untagQueue } from "./actions/untag-queue.ts";
import { malformedInput, missingParameter, queueDoesNotExist, unknownAction, unsupportedOperation } from "./rules/errors.ts";

/** The contents page of the queue service: every action of Amazon SQS. */
export function queuesApi(context: Context): Api {
  return {
    service: "queues",
    signingName: "sqs",
    jsonTarget: "AmazonSQS",
    errorNamespace: "com.amazonaws.sqs",
    query: { version: "2012-11-05", xmlNamespace: "http://queue.amazonaws.com/doc/2012-11-05/", errorDetail: true },
    actions: {
      CreateQueue: createQueue(context),
      DeleteQueue: deleteQueue(context),
      GetQueueUrl: getQueueUrl(context),
      ListQueues: listQueues(context),
      GetQueueAttributes: getQueueAttributes(context),
      SetQueueAttributes: setQueueAttributes(context),
      AddPermission: addPermission(context),
      RemovePermission: removePermission(context),
      PurgeQueue: purgeQueue(context),
      TagQueue: tagQueue(context),
      UntagQueue: untagQueue(context),
      ListQueueTags: listQueueTags(context),
      SendMessage: sendMessage(context),
      SendMessageBatch: sendMessageBatch(context),
      ReceiveMessage: receiveMessage(context),
      DeleteMessage: deleteMessage(context),
      DeleteMessageBatch: deleteMessageBatch(context),
      ChangeMessageVisibility: changeMessageVisibility(context),
      ChangeMessageVisibilityBatch: changeMessageVisibilityBatch(context),
      ListDeadLetterSourceQueues: listDeadLetterSourceQueues(context),
      StartMessageMoveTask: startMessageMoveTask(context),
      ListMessageMoveTasks: listMessageMoveTasks(context),
      CancelMessageMoveTask: cancelMessageMoveTask(context),
    },
    notOffered: [],
    notOnResourcePath: ["CreateQueue", "ListQueues"],
    errors: {
      // AWS takes a request without a QueueUrl for one about a queue that does not exist.
      missingParameter: (name) => (name === "QueueUrl" ? queueDoesNotExist() : missingParameter(name)),
      malformedInput,
      unknownAction,
      notOffered: (name) => unsupportedOperation(`${name} is not supported by this release of Millrace.`),
    },
  };
}
