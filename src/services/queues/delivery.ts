import { hash } from "node:crypto";
import type { StoreCall } from "../../storage/storage.ts";
import type { Context } from "./actions/context.ts";
import { textBytes } from "./rules/message.ts";
import { parseQueueArn } from "./rules/queue-url.ts";

/** A message that another service sends on an account's behalf: an event of a bucket, a notification of a topic. */
export interface Delivery {
  readonly queueArn: string;
  readonly body: string;
  /** The account whose bucket or topic it is, twelve digits. Without policies only its own queues take it. */
  readonly accountId: string;
  /** What receivers see as SenderId. */
  readonly senderId: string;
}

export function delivery({ store, random }: Context, { queueArn, body, accountId, senderId }: Delivery): StoreCall | undefined {
  const queue = parseQueueArn(queueArn);
  if (queue === undefined || queue.account !== accountId) return undefined;
  const message = {
    id: random.uuid(),
    body,
    bodyMd5: hash("md5", body),
    attributes: null,
    traceHeader: null,
    groupId: null,
    delayMs: undefined,
    sizeBytes: textBytes(body),
    senderId,
  };
  return store.call("deliver", { queue, message });
}
