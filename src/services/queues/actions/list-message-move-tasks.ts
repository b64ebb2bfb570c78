import { action } from "../../../wire/api.ts";
import { integer, list, long, operation, optional, required, string, structure } from "../../../wire/shapes.ts";
import { encodeTaskHandle, listedTasks, moveTaskQueue } from "../rules/move-task.ts";
import { queueArn } from "../rules/queue-url.ts";
import type { MoveTask } from "../store/store.ts";
import { askedFor, type Context } from "./context.ts";

const result = structure({
  TaskHandle: string,
  Status: string,
  SourceArn: string,
  DestinationArn: string,
  MaxNumberOfMessagesPerSecond: integer,
  ApproximateNumberOfMessagesMoved: long,
  ApproximateNumberOfMessagesToMove: long,
  FailureReason: string,
  StartedTimestamp: long,
});

const listMessageMoveTasksOperation = operation("ListMessageMoveTasks", {
  input: structure({ SourceArn: required(string), MaxResults: integer }),
  output: structure({ Results: optional(list(result, { flattened: true }), { wireName: "ListMessageMoveTasksResultEntry" }) }),
});

/** The latest move tasks of a dead-letter queue, newest first. */
export const listMessageMoveTasks = ({ store }: Context) =>
  action(listMessageMoveTasksOperation, async ({ SourceArn, MaxResults }, call) => {
    const source = askedFor(moveTaskQueue(SourceArn, "SourceArn", call.region), call);
    const tasks = await store.listMoveTasks({ source, limit: listedTasks(MaxResults) });
    return { Results: tasks.map(shownTask) };
  });

/** Only a running task can be named. */
function shownTask(task: MoveTask) {
  return {
    TaskHandle: task.status === "RUNNING" ? encodeTaskHandle(task.taskId, task.source) : undefined,
    Status: task.status,
    SourceArn: queueArn(task.source),
    DestinationArn: task.destination === undefined ? undefined : queueArn(task.destination),
    MaxNumberOfMessagesPerSecond: task.perSecond,
    ApproximateNumberOfMessagesMoved: task.moved,
    ApproximateNumberOfMessagesToMove: task.toMove,
    FailureReason: task.failure,
    StartedTimestamp: task.startedMs,
  };
}
