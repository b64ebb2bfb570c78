import type { Random } from "../../../kernel/random.ts";
import type { StoreClient } from "../../../storage/storage.ts";
import type { Call } from "../../../wire/api.ts";
import { accessDenied, queueDoesNotExist } from "../rules/errors.ts";
import { parseQueueUrl } from "../rules/queue-url.ts";
import type { QueueOperations, QueueRef } from "../store/store.ts";

/** What every action works with. */
export interface Context {
  readonly store: StoreClient<QueueOperations>;
  readonly random: Random;
}

/**
 * The queue that a QueueUrl means to this caller. Without policies, a queue is its owner's alone.
 * @throws {ServiceError} QueueDoesNotExist, AccessDenied
 */
export function queueOf(url: string, call: Call): QueueRef {
  const parsed = parseQueueUrl(url);
  if (parsed === undefined) throw queueDoesNotExist();
  const { accountId } = call.principal;
  if (parsed.account !== undefined && parsed.account !== accountId) throw accessDenied(url);
  return { account: accountId, region: call.region, name: parsed.name };
}

/**
 * Runs the rules of a request. AWS looks for the queue before it looks at anything else, so what they refuse is said
 * only where the queue exists. A request that is in order costs nothing here: its store operation finds the queue.
 */
export async function queueFirst<T>({ store }: Context, queue: QueueRef, decide: () => T): Promise<T> {
  try {
    return decide();
  } catch (refusal) {
    await store.listTags({ queue });
    throw refusal;
  }
}
