import type { Fault } from "../../model/faults/planted.ts";

const STORE = "src/services/queues/store/sqlite";

export const IN_TWO_COMMITS = "a message is taken out of its queue in one commit and put into its dead-letter queue in the next";
export const FROM_ZERO = "a move task counts from zero after a restart";

/** So often the server is killed at most. */
export const KILLS = 8;

/** Mistakes in the product that only a kill shows, and as what. */
export const FAULTS: readonly (Fault & { readonly shows: string })[] = [
  {
    name: IN_TWO_COMMITS,
    shows: "a message in no queue",
    file: `${STORE}/moves.ts`,
    text: "    this.#sql = moveStatements(database);",
    instead: `    this.#sql = moveStatements(database);
    const giveUp = this.giveUp.bind(this);
    this.giveUp = (source, state, target) => {
      parts.queues.flush();
      database.exec("COMMIT; BEGIN IMMEDIATE");
      giveUp(source, state, target);
    };`,
  },
  {
    name: FROM_ZERO,
    shows: "a count that falls",
    file: `${STORE}/move-tasks.ts`,
    text: "    this.#sql = statements(database);",
    instead: `    this.#sql = statements(database);
    database.exec("UPDATE move_task SET passed = 0, moved = 0 WHERE status = 'RUNNING'");`,
  },
];
