import { invalidParameter, unsupportedOperation } from "./errors.ts";

const QUEUE_NAME = /^[A-Za-z0-9_-]{1,80}$/;

/** Whether a standard queue can have the name: case counts. */
export function isQueueName(name: string): boolean {
  return QUEUE_NAME.test(name);
}

/**
 * Refuses what CreateQueue cannot create by that name. A name that ends in `.fifo` needs FifoQueue=true in AWS too, so
 * without it the name itself is wrong.
 * @param fifoQueue the value of the attribute FifoQueue in the request.
 * @throws {ServiceError} InvalidParameterValue; UnsupportedOperation for a FIFO queue.
 */
export function checkNewQueueName(name: string, fifoQueue: string | undefined): void {
  if (fifoQueue?.toLowerCase() === "true") {
    throw unsupportedOperation("FIFO queues are not supported by this release of Millrace; create a standard queue, without FifoQueue.");
  }
  if (name === "") throw invalidParameter("Queue name cannot be empty");
  if (!isQueueName(name)) throw invalidParameter("Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length");
}
