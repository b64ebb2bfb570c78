import { invalidParameter } from "./errors.ts";
import { isFifoQueueArn, isQueueArn } from "./queue-arn.ts";

/** Over what notifications are delivered. */
export type Protocol = "sqs" | "http" | "https";

const ENDPOINT_LENGTH_MAX = 2048;

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
      if (fifo) throw invalidParameter(`Protocol Reason: FIFO topics do not deliver over ${protocol}`);
      return { protocol, endpoint: readUrl(protocol, endpoint ?? "") };
    default:
      if (!NOT_OFFERED.includes(protocol)) throw invalidParameter(`Amazon SNS does not support this protocol string: ${protocol}`);
      throw invalidParameter(`Protocol Reason: Millrace does not deliver over ${protocol}; sqs, http and https are offered`);
  }
}

function readUrl(protocol: string, endpoint: string): string {
  if (!endpoint.toLowerCase().startsWith(`${protocol}://`)) throw invalidParameter("Endpoint must match the specified protocol");
  if (endpoint.length > ENDPOINT_LENGTH_MAX || !URL.canParse(endpoint) || new URL(endpoint).hostname === "")
    throw invalidParameter("Endpoint Reason: it is no URL");
  return endpoint;
}

function readQueue(endpoint: string, fifo: boolean): string {
  if (!isQueueArn(endpoint)) throw invalidParameter("SQS endpoint ARN");
  if (!fifo && isFifoQueueArn(endpoint)) {
    // AWS says it twice.
    throw invalidParameter("Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics");
  }
  return endpoint;
}
