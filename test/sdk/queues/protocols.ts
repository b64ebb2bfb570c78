import assert from "node:assert/strict";
import * as sdk from "@aws-sdk/client-sqs";
import { formOf, readQueryAnswer, Refused } from "./query-protocol.ts";

/** The inputs and outputs of the actions, by the types of the current AWS SDK. */
export interface Actions {
  CreateQueue: [sdk.CreateQueueCommandInput, sdk.CreateQueueCommandOutput];
  DeleteQueue: [sdk.DeleteQueueCommandInput, sdk.DeleteQueueCommandOutput];
  GetQueueUrl: [sdk.GetQueueUrlCommandInput, sdk.GetQueueUrlCommandOutput];
  ListQueues: [sdk.ListQueuesCommandInput, sdk.ListQueuesCommandOutput];
  GetQueueAttributes: [sdk.GetQueueAttributesCommandInput, sdk.GetQueueAttributesCommandOutput];
  SetQueueAttributes: [sdk.SetQueueAttributesCommandInput, sdk.SetQueueAttributesCommandOutput];
  PurgeQueue: [sdk.PurgeQueueCommandInput, sdk.PurgeQueueCommandOutput];
  TagQueue: [sdk.TagQueueCommandInput, sdk.TagQueueCommandOutput];
  UntagQueue: [sdk.UntagQueueCommandInput, sdk.UntagQueueCommandOutput];
  ListQueueTags: [sdk.ListQueueTagsCommandInput, sdk.ListQueueTagsCommandOutput];
  SendMessage: [sdk.SendMessageCommandInput, sdk.SendMessageCommandOutput];
  SendMessageBatch: [sdk.SendMessageBatchCommandInput, sdk.SendMessageBatchCommandOutput];
  ReceiveMessage: [sdk.ReceiveMessageCommandInput, sdk.ReceiveMessageCommandOutput];
  DeleteMessage: [sdk.DeleteMessageCommandInput, sdk.DeleteMessageCommandOutput];
  DeleteMessageBatch: [sdk.DeleteMessageBatchCommandInput, sdk.DeleteMessageBatchCommandOutput];
  ChangeMessageVisibility: [sdk.ChangeMessageVisibilityCommandInput, sdk.ChangeMessageVisibilityCommandOutput];
  ChangeMessageVisibilityBatch: [sdk.ChangeMessageVisibilityBatchCommandInput, sdk.ChangeMessageVisibilityBatchCommandOutput];
  AddPermission: [sdk.AddPermissionCommandInput, sdk.AddPermissionCommandOutput];
  RemovePermission: [sdk.RemovePermissionCommandInput, sdk.RemovePermissionCommandOutput];
  ListDeadLetterSourceQueues: [sdk.ListDeadLetterSourceQueuesCommandInput, sdk.ListDeadLetterSourceQueuesCommandOutput];
  StartMessageMoveTask: [sdk.StartMessageMoveTaskCommandInput, sdk.StartMessageMoveTaskCommandOutput];
  CancelMessageMoveTask: [sdk.CancelMessageMoveTaskCommandInput, sdk.CancelMessageMoveTaskCommandOutput];
  ListMessageMoveTasks: [sdk.ListMessageMoveTasksCommandInput, sdk.ListMessageMoveTasksCommandOutput];
}

export type Output<A extends keyof Actions> = Omit<Actions[A][1], "$metadata">;

/** One way to ask: the same actions, whatever is sent. */
export interface Protocol {
  readonly name: "JSON" | "Query";
  readonly call: <A extends keyof Actions>(action: A, input: Actions[A][0], options?: { signal?: AbortSignal }) => Promise<Output<A>>;
  close(): void;
}

/** The AWS SDK, which speaks AWS JSON 1.0 and compares every MD5 of a body with its own. */
export function jsonProtocol(endpoint: string): Protocol {
  const client = new sdk.SQSClient({
    endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    maxAttempts: 1,
  });
  return {
    name: "JSON",
    async call(action, input, { signal } = {}) {
      // A table of 23 constructors with inputs of their own; `Actions` says which belongs to which.
      const Command = (sdk as unknown as Record<string, new (input: unknown) => Parameters<typeof client.send>[0]>)[`${action}Command`];
      assert.ok(Command !== undefined);
      try {
        const { $metadata: _, ...output } = await client.send(new Command(input), signal === undefined ? {} : { abortSignal: signal });
        return output as never;
      } catch (failure) {
        if (!(failure instanceof sdk.SQSServiceException)) throw failure;
        const { Code } = failure as unknown as { Code: string };
        throw new Refused({ code: Code, status: failure.$metadata.httpStatusCode ?? 0, message: failure.message });
      }
    },
    close: () => client.destroy(),
  };
}

/** A client of the Query protocol, written from its documentation: forms out, XML in. */
export function queryProtocol(endpoint: string): Protocol {
  return {
    name: "Query",
    async call(action, input, { signal } = {}) {
      const response = await fetch(endpoint, { method: "POST", body: formOf(action, input), ...(signal === undefined ? {} : { signal }) });
      return readQueryAnswer(action, response.status, await response.text());
    },
    close: () => {},
  };
}
