import { action } from "../../../wire/api.ts";
import { integer, operation, required, string, structure } from "../../../wire/shapes.ts";
import { encodeTaskHandle, readMoveTask } from "../rules/move-task.ts";
import { askedFor, type Context } from "./context.ts";

const startMessageMoveTaskOperation = operation("StartMessageMoveTask", {
  input: structure({ SourceArn: required(string), DestinationArn: string, MaxNumberOfMessagesPerSecond: integer }),
  output: structure({ TaskHandle: string }),
});

/** Begins to move the messages of a dead-letter queue back to where they came from, or to another queue. */
export const startMessageMoveTask = ({ store, random }: Context) =>
  action(startMessageMoveTaskOperation, async (input, call) => {
    const given = { sourceArn: input.SourceArn, destinationArn: input.DestinationArn, perSecond: input.MaxNumberOfMessagesPerSecond };
    const { source, destination, perSecond } = readMoveTask(given, call.region);
    const taskId = random.uuid();
    const to = destination === undefined ? undefined : askedFor(destination, call, "SendMessage");
    await store.startMoveTask({ taskId, source: askedFor(source, call), destination: to, perSecond });
    return { TaskHandle: encodeTaskHandle(taskId, source) };
  });
