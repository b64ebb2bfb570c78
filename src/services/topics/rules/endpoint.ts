import { invalidParameter } from "./errors.ts";
import { isFifoQueueArn, isQueueArn } from "./queue-arn.ts";

/** Over what notifications are delivered. */
export type Protocol = "sqs" | "http" | "https";

/** What AWS delivers over beside those. */
const NOT_OFFERED: readonly string[] = ["email", "email-json", "sms", "application", "lambda", "firehose"];

/**
 * Checks what a subscription is to deliver to.
 * @param fifo whether the topic is a FIFO topic. @throws {ServiceError} InvalidParameter
 */
export function readEndpoint(protocol: string, endpoint: string | undefined, fifo: boolean): { protocol: Protocol; endpoint: string } {
  switch (protocol) {
    case "sqs":
      return { protocol, endpoint: readQueue(endpoint ?? "", fifo) };
    case "http":
    case "https":
      throw invalidParameter(`Protocol Reason: this release of Millrace does not deliver over ${protocol}`);
    default:
      if (!NOT_OFFERED.includes(protocol)) throw invalidParameter(`Amazon SNS does not support this protocol string: ${protocol}`);
      throw invalidParameter(`Protocol Reason: Millrace does not deliver over ${protocol}; sqs is offered`);
  }
}

function readQueue(endpoint: string, fifo: boolean): string {
  if (!isQueueArn(endpoint)) throw invalidParameter("SQS endpoint ARN");
  if (!fifo && isFifoQueueArn(endpoint)) {
    // AWS says it twice.
    throw invalidParameter("Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics");
  }
  return endpoint;
}
