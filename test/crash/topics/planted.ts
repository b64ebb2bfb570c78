import type { Fault } from "../../model/faults/planted.ts";

const STORE = "src/services/topics/store/sqlite";

export const QUEUE_BY_QUEUE = "a publish is committed queue by queue";
export const FORGOTTEN = "a FIFO topic does not know its messages again";
export const NOT_SENT_AGAIN = "what was being sent to an endpoint is not sent again";

/** So often the server is killed, with and without a mistake. */
export const KILLS = 4;
/** Each of these kills may come when all is whole; so many campaigns of them are played before a mistake counts as missed. */
export const CAMPAIGNS_MAX = 3;

/** Mistakes in the product that only a kill shows, and as what. */
export const FAULTS: readonly (Fault & { readonly shows: string })[] = [
  {
    name: QUEUE_BY_QUEUE,
    shows: "a message in some of its queues",
    file: "src/storage/sqlite/engine.ts",
    text: "  #runWithin(call: StoreCall): unknown {",
    instead: `  #runWithin(call: StoreCall): unknown {
    this.#flush();
    this.#options.opened.database.exec("COMMIT; BEGIN IMMEDIATE");`,
  },
  {
    name: FORGOTTEN,
    shows: "a message twice",
    file: `${STORE}/publications.ts`,
    text: "if (known !== undefined && !this.#isForgotten(known[0])) return",
    instead: "if (known === null) return",
  },
  {
    name: NOT_SENT_AGAIN,
    shows: "a message that never comes",
    file: "src/services/topics/upkeep.ts",
    text: "await this.#options.store.releaseDeliveries({});",
    instead: "",
  },
];
