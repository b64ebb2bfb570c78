import type { EnginePort } from "../../../../storage/sqlite/module.ts";
import { Unfinished } from "../../../../storage/storage.ts";
import type { Messages } from "./messages.ts";
import type { Queue } from "./queue-table.ts";

/**
 * Operations that need a queue's counts exactly: what time has done to it up to when they were asked is done first, a
 * piece a group, however much has come due at once.
 */
export class CatchingUp {
  readonly #engine: EnginePort;
  readonly #messages: Messages;
  readonly #askedMs = new WeakMap<object, number>();

  constructor({ engine, messages }: { engine: EnginePort; messages: Messages }) {
    this.#engine = engine;
    this.#messages = messages;
  }

  /**
   * @param args of the operation: what tells that it is run again.
   * @returns what the operation answers while there is more to do; undefined when it can go on.
   */
  run(queue: Queue, args: object): Unfinished | undefined {
    // What comes due while it runs is left to others, so that it ends.
    const askedMs = this.#askedMs.get(args) ?? this.#engine.nowMs();
    if (this.#messages.catchUp(queue, askedMs)) {
      this.#askedMs.set(args, askedMs);
      return new Unfinished(queue.id);
    }
    this.#askedMs.delete(args);
    return undefined;
  }
}
