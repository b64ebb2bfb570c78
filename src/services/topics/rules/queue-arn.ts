const QUEUE_ARN = /^arn:aws[a-z-]*:sqs:([a-z0-9-]+):(\d{12}):([A-Za-z0-9_-]{1,80}|[A-Za-z0-9_-]{1,75}\.fifo)$/;

/** Whether an ARN names a queue, there or not. */
export function isQueueArn(arn: string): boolean {
  return QUEUE_ARN.test(arn);
}

export function isFifoQueueArn(arn: string): boolean {
  return arn.endsWith(".fifo") && isQueueArn(arn);
}
