import type { Database } from "../../../../storage/sqlite/database.ts";
import type { EnginePort, OpenedStore, StoreModule } from "../../../../storage/sqlite/module.ts";
import { mergeTags } from "../../rules/tags.ts";
import type { QueueOperations } from "../store.ts";
import { Messages } from "./messages.ts";
import { QueueTable } from "./queue-table.ts";
import { QUEUE_MIGRATIONS } from "./schema.ts";
import { Sweep } from "./sweep.ts";

/**
 * The queue store on SQLite.
 * @param options `coolDown`: whether the name of a deleted queue rests for a minute and purges are limited to one a
 * minute, as with AWS. Test suites switch it off.
 */
export function queueStore(options: { coolDown: boolean }): StoreModule {
  return { service: "queues", migrations: QUEUE_MIGRATIONS, open: (database, engine) => open(database, { engine, ...options }) };
}

function open(database: Database, options: { engine: EnginePort; coolDown: boolean }): OpenedStore {
  const queues = new QueueTable(database, options);
  const messages = new Messages(database, { engine: options.engine, queues });
  const sweep = new Sweep(database, { engine: options.engine, queues, messages });
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
