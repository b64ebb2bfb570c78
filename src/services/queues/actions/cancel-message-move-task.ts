import { action } from "../../../wire/api.ts";
import { long, operation, required, string, structure } from "../../../wire/shapes.ts";
import { readTaskHandle } from "../rules/move-task.ts";
import { askedFor, type Context } from "./context.ts";

const cancelMessageMoveTaskOperation = operation("CancelMessageMoveTask", {
  input: structure({ TaskHandle: required(string) }),
  output: structure({ ApproximateNumberOfMessagesMoved: long }),
});

/** Ends a running move task at once; what it has moved stays moved. */
export const cancelMessageMoveTask = ({ store }: Context) =>
  action(cancelMessageMoveTaskOperation, async ({ TaskHandle }, call) => {
    const { taskId, source } = readTaskHandle(TaskHandle, call.region);
    const { moved } = await store.cancelMoveTask({ taskId, source: askedFor(source, call) });
    return { ApproximateNumberOfMessagesMoved: moved };
  });
