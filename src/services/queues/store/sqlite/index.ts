import { silentLogger, type Logger } from "../../../../kernel/logger.ts";
import { systemRandom } from "../../../../kernel/random.ts";
import { Keyring } from "../../../../storage/encryption.ts";
import type { Database } from "../../../../storage/sqlite/database.ts";
import type { EnginePort, OpenedStore, StoreModule } from "../../../../storage/sqlite/module.ts";
import { mergeTags } from "../../rules/tags.ts";
import type { QueueOperations } from "../store.ts";
import { Bodies, checkMasterKeys } from "./bodies.ts";
import { Messages } from "./messages.ts";
import { QueueTable } from "./queue-table.ts";
import { QUEUE_MIGRATIONS } from "./schema.ts";
import { Sweep } from "./sweep.ts";

export interface QueueStoreOptions {
  /**
   * Whether the name of a deleted queue rests for a minute and purges are limited to one a minute, as with AWS. Test
   * suites switch it off.
   */
  readonly coolDown: boolean;
  /** Encrypts bodies where a queue has it so; without a key all bodies are kept plain. None is given: the same. */
  readonly keyring?: Keyring;
  /** Open although a key is missing that stored bodies need: they are withheld. */
  readonly ignoreLostKeys?: boolean;
  readonly logger?: Logger;
}

/** The queue store on SQLite. */
export function queueStore(options: QueueStoreOptions): StoreModule {
  return { service: "queues", migrations: QUEUE_MIGRATIONS, open: (database, engine) => open(database, engine, options) };
}

/** @throws {CannotOpen} stored bodies need a master key that is not given. */
function open(database: Database, engine: EnginePort, options: QueueStoreOptions): OpenedStore {
  const { coolDown, keyring = new Keyring([], systemRandom), ignoreLostKeys = false, logger = silentLogger } = options;
  checkMasterKeys(database, { keyring, ignoreLostKeys, logger });
  const queues = new QueueTable(database, { engine, coolDown });
  const messages = new Messages(database, { engine, queues, bodies: new Bodies({ keyring, logger }) });
  const sweep = new Sweep(database, { engine, queues, messages });
  return {
    operations: { ...operations(queues, messages) },
    flush() {
      messages.flush();
      queues.flush();
    },
    forget() {
      messages.forget();
      queues.forget();
    },
    upkeep: () => sweep.run(),
  };
}

function operations(queues: QueueTable, messages: Messages): QueueOperations {
  return {
    createQueue: (args) => queues.create(args),
    deleteQueue: ({ queue }) => queues.delete(queue),
    describeQueue({ queue: ref }) {
      const queue = queues.find(ref);
      while (messages.promote(queue));
      while (messages.expire(queue, 1000));
      const { attributes, createdMs, modifiedMs, visible, inFlight, delayed } = queue;
      return { attributes, createdMs, modifiedMs, visible, inFlight, delayed };
    },
    setAttributes: ({ queue, attributes }) => queues.setAttributes(queue, attributes),
    listQueues: (args) => queues.list(args),
    purge: ({ queue }) => queues.purge(queue, messages.lastSequence),
    addTags: ({ queue, tags }) => queues.setTags(queue, mergeTags(queues.tags(queue), tags, queue.name)),
    removeTags({ queue, keys }) {
      const left = Object.entries(queues.tags(queue)).filter(([key]) => !keys.includes(key));
      queues.setTags(queue, Object.fromEntries(left));
    },
    listTags: ({ queue }) => queues.tags(queue),
    send: ({ queue, messages: sent }) => messages.send(queues.find(queue), sent),
    deliver({ queue: ref, message }) {
      const queue = queues.seek(ref);
      return queue !== undefined && messages.send(queue, [message])[0]?.sent === true;
    },
    receive: (args) => messages.receive(queues.find(args.queue), args),
    undoReceive: ({ queue, receipts }) => messages.undoReceive(queues.find(queue), receipts),
    delete: ({ queue, receipts }) => messages.delete(queues.find(queue), receipts),
    changeVisibility({ queue, changes }) {
      const found = queues.find(queue);
      return changes.map((change) => messages.changeVisibility(found, change));
    },
  };
}
