import { hash } from "node:crypto"; // A digest is a computation, not an effect.
import { invalidParameter, resourceDoesNotExist } from "./errors.ts";
import { MOVED_PER_SECOND_MAX, MOVE_TASKS_LISTED_MAX } from "./limits.ts";
import { isFifoQueueName } from "./queue-name.ts";
import { parseQueueArn, queueArn, type QueueRef } from "./queue-url.ts";

/** A message move task never shows CREATED or CANCELLING here: it is active as soon as it is there, and cancelled at once. */
export type MoveTaskStatus = "RUNNING" | "COMPLETED" | "CANCELLED" | "FAILED";

/** Why a task failed, in the words of AWS: its destination is gone, or it is not known where a message came from. */
export const DESTINATION_GONE = "AWS.SimpleQueueService.NonExistentQueue";
export const SOURCE_UNKNOWN = "CouldNotDetermineMessageSource";
/** The task has run for as long as one may. AWS does not document what it says then. */
export const TASK_TIMED_OUT = "TaskTimedOut";

/** What StartMessageMoveTask asks for; without a destination each message goes back to the queue that it came from. */
export interface MoveTaskRequest {
  readonly source: QueueRef;
  readonly destination: QueueRef | undefined;
  readonly perSecond: number | undefined;
}

/**
 * @param region where it is asked for: queues of other regions do not exist there.
 * @throws {ServiceError} InvalidParameterValue, ResourceNotFoundException
 */
export function readMoveTask(
  given: { readonly sourceArn: string; readonly destinationArn: string | undefined; readonly perSecond: number | undefined },
  region: string,
): MoveTaskRequest {
  const { sourceArn, destinationArn, perSecond } = given;
  const source = moveTaskQueue(sourceArn, "SourceArn", region);
  if (perSecond !== undefined && !isWithin(perSecond, MOVED_PER_SECOND_MAX))
    throw invalidNumber("MaxNumberOfMessagesPerSecond", MOVED_PER_SECOND_MAX);
  if (destinationArn === undefined) return { source, destination: undefined, perSecond };
  if (destinationArn === sourceArn) throw invalidParameter("Source queue arn and destination queue arn cannot be the same.");
  const destination = moveTaskQueue(destinationArn, "DestinationArn", region);
  if (destination.account !== source.account) throw resourceDoesNotExist("DestinationArn");
  if (isFifoQueueName(source.name) !== isFifoQueueName(destination.name))
    throw invalidParameter("The source queue and destination queue must be of the same queue type.");
  return { source, destination, perSecond };
}

/**
 * The queue that an ARN in a request about move tasks means.
 * @throws {ServiceError} InvalidParameterValue, ResourceNotFoundException
 */
export function moveTaskQueue(arn: string, parameter: "SourceArn" | "DestinationArn", region: string): QueueRef {
  if (!/^arn:[^:]+:[^:]+:[^:]*:[^:]*:.+$/.test(arn)) {
    const format = "arn:<partition>:<service>:<region>:<account-id>:<resource-id>";
    throw invalidParameter(`You must use this format to specify the ${parameter}: ${format}`);
  }
  const queue = parseQueueArn(arn);
  if (queue?.region !== region) throw resourceDoesNotExist(parameter);
  return queue;
}

/** How many tasks a list shows: one unless the caller says otherwise. @throws {ServiceError} InvalidParameterValue */
export function listedTasks(maxResults: number | undefined): number {
  if (maxResults === undefined) return 1;
  if (!isWithin(maxResults, MOVE_TASKS_LISTED_MAX)) throw invalidNumber("MaxResults", MOVE_TASKS_LISTED_MAX);
  return maxResults;
}

/** A task handle is base64 of the JSON `{"taskId":"<uuid>","sourceArn":"<arn>"}`, as with AWS. */
export function encodeTaskHandle(taskId: string, source: QueueRef): string {
  return Buffer.from(JSON.stringify({ taskId, sourceArn: queueArn(source) })).toString("base64");
}

/** @throws {ServiceError} InvalidParameterValue, ResourceNotFoundException */
export function readTaskHandle(handle: string, region: string): { readonly taskId: string; readonly source: QueueRef } {
  const { taskId, sourceArn } = parseHandle(handle);
  if (typeof taskId !== "string" || typeof sourceArn !== "string") throw invalidParameter("Value for parameter TaskHandle is invalid.");
  const source = parseQueueArn(sourceArn);
  if (source?.region !== region) throw resourceDoesNotExist("SourceArn");
  return { taskId, source };
}

function parseHandle(handle: string): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(handle, "base64").toString());
    return typeof parsed === "object" && parsed !== null ? (parsed as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/**
 * The MessageId that a message has after a task moved it: a name-based UUID (RFC 9562, version 5) of the task and the
 * message's earlier id. So it needs no dice, and is the same however often the move is tried.
 */
export function movedMessageId(taskId: string, messageId: string): string {
  const bytes = hash("sha1", `${taskId}/${messageId}`, "buffer").subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x50;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

function isWithin(number: number, max: number): boolean {
  return Number.isInteger(number) && number >= 1 && number <= max;
}

function invalidNumber(parameter: string, max: number): Error {
  return invalidParameter(`Value for parameter ${parameter} is invalid. Reason: You must enter a number that's between 1 and ${max}.`);
}
