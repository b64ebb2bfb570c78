import { invalidParameter } from "./errors.ts";

const STANDARD_NAME = /^[A-Za-z0-9_-]{1,80}$/;
/** The suffix counts towards the 80 characters. */
const FIFO_NAME = /^[A-Za-z0-9_-]{1,75}\.fifo$/;

/** Whether a queue can have the name: case counts. */
export function isQueueName(name: string): boolean {
  return STANDARD_NAME.test(name) || FIFO_NAME.test(name);
}

/** Whether the queue of that name is a FIFO queue: all of those have the suffix, and no other can. */
export function isFifoQueueName(name: string): boolean {
  return name.endsWith(".fifo");
}

/**
 * Refuses what CreateQueue cannot create by that name. A name that ends in `.fifo` needs FifoQueue=true in AWS too, so
 * without it the name itself is wrong.
 * @param fifoQueue the value of the attribute FifoQueue in the request.
 * @throws {ServiceError} InvalidParameterValue
 */
export function checkNewQueueName(name: string, fifoQueue: string | undefined): void {
  if (name === "") throw invalidParameter("Queue name cannot be empty");
  if (fifoQueue?.toLowerCase() === "true") {
    if (FIFO_NAME.test(name)) return;
    throw invalidParameter(
      "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo suffix and be 1 to 80 in length.",
    );
  }
  if (!STANDARD_NAME.test(name))
    throw invalidParameter("Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length");
}
