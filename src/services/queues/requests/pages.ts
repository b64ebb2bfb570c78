import type { StoreClient } from "../../../storage/storage.ts";
import type { Call } from "../../../wire/api.ts";
import { askedFor } from "../actions/context.ts";
import { refusalOf } from "../rules/authorisation.ts";
import { readPeekRequest } from "../rules/peek-request.ts";
import type { QueueOperations, QueueRef } from "../store/store.ts";
import { shownPeek } from "./shown-peek.ts";

/** A GET of one of the service's own pages, which are not AWS's. */
export interface PageRequest {
  /** What follows `/_millrace/queues`, decoded: `/000000000000/orders/messages`. */
  readonly path: string;
  readonly parameters: ReadonlyMap<string, string>;
}

const QUEUE_PAGE = /^\/(?<account>\d{12})\/(?<name>[^/]+)\/(?<page>messages)$/;

/** The pages that show queues beyond what AWS's actions tell. */
export class QueuePages {
  readonly #store: StoreClient<QueueOperations>;

  constructor(store: StoreClient<QueueOperations>) {
    this.#store = store;
  }

  /**
   * What the page says, to be sent as JSON; undefined where there is no such page. A queue shows itself to its owner alone.
   * @throws {ServiceError}
   */
  async answer(request: PageRequest, call: Call): Promise<object | undefined> {
    const { account, name, page } = QUEUE_PAGE.exec(request.path)?.groups ?? {};
    if (account === undefined || name === undefined || page === undefined) return undefined;
    const queue = { account, region: request.parameters.get("region") ?? call.region, name };
    const wanted = readPeekRequest(request.parameters);
    const { search, messagesMax, scanMax, cursor } = wanted;
    const found = await this.#store.peek({ queue: ownQueue(queue, call), search, messagesMax, scanMax, after: cursor.after }, call.signal);
    return { queue, ...shownPeek(found, wanted) };
  }
}

/**
 * The queue for somebody who wants to look into it: an identity of its account that may receive from it.
 * @throws {ServiceError} AccessDenied to all other accounts, whatever a policy allows them.
 */
export function ownQueue(queue: QueueRef, call: Call): QueueRef {
  const asked = askedFor(queue, call, "ReceiveMessage");
  if (asked.asker !== undefined && queue.account !== asked.asker.accountId) throw refusalOf(asked.asker, queue);
  return asked;
}
