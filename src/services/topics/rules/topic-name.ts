import { invalidParameter } from "./errors.ts";
import { TOPIC_NAME_LENGTH_MAX } from "./limits.ts";

const NAME = /^[A-Za-z0-9_-]+(?:\.fifo)?$/;
const FIFO_SUFFIX = ".fifo";

export function isFifoTopicName(name: string): boolean {
  return name.endsWith(FIFO_SUFFIX);
}

/**
 * A FIFO topic says twice that it is one: by its name and by its attribute.
 * @param fifoTopic the attribute FifoTopic as it was given. @throws {ServiceError} InvalidParameter
 */
export function checkNewTopicName(name: string, fifoTopic: string | undefined): void {
  if (fifoTopic !== undefined && !/^(?:true|false)$/i.test(fifoTopic)) {
    throw invalidParameter("Attributes Reason: FifoTopic must be true or false");
  }
  const isFifo = fifoTopic?.toLowerCase() === "true";
  if (!NAME.test(name) || name.length > TOPIC_NAME_LENGTH_MAX || name === FIFO_SUFFIX || isFifo !== isFifoTopicName(name)) {
    throw invalidParameter("Topic Name");
  }
}
