import { actionInPolicy } from "../../../access/actions.ts";
import type { Random } from "../../../kernel/random.ts";
import { ServiceError } from "../../../kernel/service-error.ts";
import type { StoreClient } from "../../../storage/storage.ts";
import type { Call } from "../../../wire/api.ts";
import { queueDoesNotExist } from "../rules/errors.ts";
import { parseQueueUrl } from "../rules/queue-url.ts";
import type { QueueOperations, QueueRef } from "../store/store.ts";

/** What every action works with. */
export interface Context {
  readonly store: StoreClient<QueueOperations>;
  readonly random: Random;
}

/**
 * The queue that a QueueUrl means to this caller. Whether the caller may do with it what it asks for is decided where
 * the queue's policy is: by the store operation that finds it.
 * @throws {ServiceError} QueueDoesNotExist
 */
export function queueOf(url: string, call: Call): QueueRef {
  const parsed = parseQueueUrl(url);
  if (parsed === undefined) throw queueDoesNotExist();
  return askedFor({ account: parsed.account ?? call.principal.accountId, region: call.region, name: parsed.name }, call);
}

/** The queue with who asks for what. A caller whose word alone says who it is owns what is its account's: nobody could refuse it. */
export function askedFor(queue: QueueRef, call: Call, action: string = call.action): QueueRef {
  const { accountId, arn, uniqueId, verified } = call.principal;
  if (!verified && accountId === queue.account) return queue;
  return { ...queue, asker: { ...from(call), action: actionInPolicy(action), accountId, arn, uniqueId } };
}

function from({ remoteAddress, secure }: Call) {
  return { kind: "caller", sourceIp: remoteAddress, secure } as const;
}

/**
 * Runs the rules of a request. AWS looks for the queue before it looks at anything else, so what they refuse is said
 * only where the queue exists. A request that is in order costs nothing here: its store operation finds the queue.
 */
export function queueFirst<T>({ store }: Context, queue: QueueRef, decide: () => T): T | Promise<never> {
  try {
    return decide();
  } catch (refusal) {
    if (!(refusal instanceof ServiceError)) throw refusal; // A bug of ours, which no missing queue may hide.
    return store.listTags({ queue }).then(() => {
      throw refusal;
    });
  }
}
