import type { StoreClient } from "../../../storage/storage.ts";
import type { Call } from "../../../wire/api.ts";
import { askedFor } from "../actions/context.ts";
import { refusalOf } from "../rules/policy.ts";
import { readPeekRequest, readQuarantineRequest, readTailRequest } from "../rules/peek-request.ts";
import type { QueueOperations, QueueRef } from "../store/store.ts";
import { shownPeek, shownTail } from "./shown-peek.ts";

/** A GET of one of the service's own pages, which are not AWS's. */
export interface PageRequest {
  /** What follows `/_millrace/queues`, decoded: `/000000000000/orders/messages`. */
  readonly path: string;
  readonly parameters: ReadonlyMap<string, string>;
}

const QUEUE_PAGE = /^\/(?<account>\d{12})\/(?<name>[^/]+)(?<page>|\/messages|\/tail|\/quarantine)$/;

/** Queues on one page of figures. */
const QUEUES_MAX = 1000;

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
  async answer({ path, parameters }: PageRequest, call: Call): Promise<object | undefined> {
    if (path === "") return this.#store.measure({ account: call.principal.accountId, queuesMax: QUEUES_MAX });
    const { account, name, page } = QUEUE_PAGE.exec(path)?.groups ?? {};
    if (account === undefined || name === undefined) return undefined;
    const shown = { account, region: parameters.get("region") ?? call.region, name };
    const queue = ownQueue(shown, call);
    switch (page) {
      case "/messages":
        return { queue: shown, ...(await this.#messages(queue, parameters)) };
      case "/tail":
        return { queue: shown, ...(await this.#tail(queue, parameters, call)) };
      case "/quarantine":
        return { queue: shown, ...(await this.#store.listQuarantined({ queue, ...readQuarantineRequest(parameters) })) };
      default:
        return (await this.#store.measure({ queue })).queues[0];
    }
  }

  async #messages(queue: QueueRef, parameters: PageRequest["parameters"]): Promise<object> {
    const request = readPeekRequest(parameters);
    const { search, messagesMax, scanMax, cursor } = request;
    const found = await this.#store.peek({ queue, search, messagesMax, scanMax, after: cursor.after });
    return shownPeek(found, request);
  }

  async #tail(queue: QueueRef, parameters: PageRequest["parameters"], { signal }: Call): Promise<object> {
    return shownTail(await this.#store.tail({ queue, ...readTailRequest(parameters) }, signal));
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
