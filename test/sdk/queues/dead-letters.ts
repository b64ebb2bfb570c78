import type { Scene } from "./harness.ts";

/** The ARN of a queue that the harness made. */
export function arnOf(name: string): string {
  return `arn:aws:sqs:us-east-1:000000000000:${name}`;
}

/** The attribute that makes a queue give messages up to another one. */
export function redrivePolicy(deadLetterQueue: string, maxReceiveCount: number | string = 1): { RedrivePolicy: string } {
  return { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arnOf(deadLetterQueue), maxReceiveCount }) };
}

/** A queue `orders` and its dead-letter queue `dead`. */
export async function makePair({ queue }: Scene, maxReceiveCount = 1): Promise<{ orders: string; dead: string }> {
  const dead = await queue({}, "dead");
  return { dead, orders: await queue(redrivePolicy("dead", maxReceiveCount), "orders") };
}

/** Sends messages that the queue gives up: received once, timed out at once, asked for once more. */
export async function giveUp({ send, receive }: Scene, queueUrl: string, ...bodies: string[]): Promise<void> {
  await send(queueUrl, ...bodies);
  for (let taken = 0; taken < bodies.length; taken += 10) await receive(queueUrl, { VisibilityTimeout: 0 });
  await receive(queueUrl);
}
