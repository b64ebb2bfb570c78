import { silentLogger, type Logger } from "../../../../kernel/logger.ts";
import { systemRandom } from "../../../../kernel/random.ts";
import { Keyring } from "../../../../storage/encryption.ts";
import type { Database } from "../../../../storage/sqlite/database.ts";
import type { EnginePort, OpenedStore, StoreModule } from "../../../../storage/sqlite/module.ts";
import { withoutPermission, withPermission } from "../../rules/permissions.ts";
import { queueArn } from "../../rules/queue-url.ts";
import { mergeTags } from "../../rules/tags.ts";
import type { NewMessage, QueueOperations } from "../store.ts";
import { CatchingUp } from "./catching-up.ts";
import { Bodies, checkMasterKeys } from "./bodies.ts";
import { Check } from "./check.ts";
import { DeadLetters } from "./dead-letters.ts";
import { ReceiveAttempts } from "./fifo-attempts.ts";
import { DelayChanges } from "./fifo-delay.ts";
import { DeduplicationMemory } from "./fifo-deduplication.ts";
import { Turns } from "./fifo-turns.ts";
import { FairTurns } from "./fair-turns.ts";
import { MessageGroups } from "./message-groups.ts";
import { Measures } from "./measures.ts";
import { Messages } from "./messages.ts";
import { MoveTasks } from "./move-tasks.ts";
import { Moves } from "./moves.ts";
import { Peek } from "./peek.ts";
import { Places } from "./places.ts";
import { Quarantine } from "./quarantine.ts";
import { QueueTable, type Queue } from "./queue-table.ts";
import { Receives } from "./receives.ts";
import { QUEUE_MIGRATIONS } from "./schema.ts";
import { Sequences, SEQUENCES_ON_RESTORED } from "./sequences.ts";
import { Sweep } from "./sweep.ts";
import { Tails } from "./tails.ts";
import { Traffic } from "./traffic.ts";
import { Tenants } from "./tenants.ts";
import { Voided } from "./voided.ts";

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
  return {
    service: "queues",
    migrations: QUEUE_MIGRATIONS,
    open: (database, engine) => open(database, engine, options),
    onRestored: SEQUENCES_ON_RESTORED,
  };
}

/** @throws {CannotOpen} stored bodies need a master key that is not given. */
function open(database: Database, engine: EnginePort, options: QueueStoreOptions): OpenedStore {
  const { coolDown, keyring = new Keyring([], systemRandom), ignoreLostKeys = false, logger = silentLogger } = options;
  checkMasterKeys(database, { keyring, ignoreLostKeys, logger });
  const bodies = new Bodies(database, { keyring, logger });
  const quarantine = new Quarantine(database, { engine, bodies, logger });
  const deadLetters = new DeadLetters(database);
  const queues = new QueueTable(database, { engine, coolDown, deadLetters });
  const sequences = new Sequences(database);
  const tenants = new Tenants(database, engine);
  const groups = new MessageGroups(database, (id) => tenants.drop(id));
  const turns = new Turns(database, { engine, groups, sequences });
  const deduplication = new DeduplicationMemory(database, engine);
  const fairTurns = new FairTurns(database, tenants);
  const places = new Places(database, { engine, turns, tenants });
  const messages = new Messages(database, { engine, queues, bodies, sequences, groups, deduplication, places, deadLetters });
  const delays = new DelayChanges(database, { engine, queues, places });
  const attempts = new ReceiveAttempts(database, engine);
  const tails = new Tails(engine);
  const moves = new Moves(database, { engine, queues, bodies, messages, places, turns, deadLetters, tails, quarantine });
  const catchingUp = new CatchingUp({ engine, messages });
  const moveTasks = new MoveTasks(database, { engine, queues, sequences, catchingUp, moves, deadLetters });
  const choosing = { turns, fairTurns, attempts };
  const kept = { bodies, quarantine };
  const receives = new Receives(database, { engine, queues, sequences, messages, places, moves, deadLetters, ...choosing, ...kept });
  const voided = new Voided(database, { engine, quarantine });
  const sweep = new Sweep(database, { engine, queues, messages, quarantine, deduplication, voided, fifo: [attempts, groups], delays });
  const traffic = new Traffic(engine);
  const measures = new Measures(database, { engine, queues, traffic });
  const peek = new Peek(database, { engine, messages, bodies, receives, quarantine });
  const check = new Check(database, { queues, bodies });
  const settled = settling(turns, tenants);
  const all: QueueOperations = {
    ...operations({ queues, sequences, messages, receives, delays, traffic, tails, catchingUp }),
    ...watching({ queues, peek, measures, tails, quarantine }),
    ...deadLetterOperations({ queues, deadLetters, moveTasks }),
    check: (args) => check.piece(args),
  };
  return {
    growing: ["send", "createQueue"] satisfies (keyof QueueOperations)[],
    operations: Object.fromEntries(Object.entries(all).map(([name, operation]) => [name, settled(operation)])),
    flush() {
      sequences.flush();
      groups.flush();
      tenants.flush();
      queues.flush();
      traffic.flush();
      quarantine.flush();
    },
    forget() {
      sequences.forget();
      groups.forget();
      turns.forget();
      tenants.forget();
      queues.forget();
      traffic.forget();
      tails.forget();
      quarantine.forget();
      voided.forget();
    },
    upkeep: settled(() => Math.min(tails.upkeep(), sweep.run(), moveTasks.run())),
  };
}

/** Whatever an operation has moved, the turns of the message groups are right when it ends. */
function settling(turns: Turns, tenants: Tenants) {
  return <A extends unknown[], R>(operation: (...args: A) => R) =>
    (...args: A): R => {
      const result = operation(...args);
      turns.settle();
      tenants.settle();
      return result;
    };
}

interface Parts {
  readonly queues: QueueTable;
  readonly sequences: Sequences;
  readonly messages: Messages;
  readonly receives: Receives;
  readonly delays: DelayChanges;
  readonly traffic: Traffic;
  readonly tails: Tails;
  readonly catchingUp: CatchingUp;
}

type Watching = Pick<QueueOperations, "peek" | "measure" | "tail" | "listQuarantined">;

interface Watchers {
  readonly queues: QueueTable;
  readonly peek: Peek;
  readonly measures: Measures;
  readonly tails: Tails;
  readonly quarantine: Quarantine;
}

/** What looks at queues without changing them. */
function watching({ queues, peek, measures, tails, quarantine }: Watchers): Watching {
  return {
    listQuarantined: (args) => quarantine.page(queues.find(args.queue), args),
    peek: (args) => peek.page(queues.find(args.queue), args),
    measure: (args) => ("queue" in args ? { queues: [measures.one(args.queue)], more: false } : measures.all(args)),
    tail: (args) => tails.read(queues.find(args.queue), args),
  };
}

type DeadLetterOperations = Pick<
  QueueOperations,
  "deleteQueue" | "listDeadLetterSources" | "startMoveTask" | "listMoveTasks" | "cancelMoveTask"
>;

function deadLetterOperations(parts: { queues: QueueTable; deadLetters: DeadLetters; moveTasks: MoveTasks }): DeadLetterOperations {
  const { queues, deadLetters, moveTasks } = parts;
  return {
    deleteQueue({ queue }) {
      moveTasks.forgetSource(queues.find(queue));
      queues.delete(queue);
    },
    listDeadLetterSources({ queue, after, limit }) {
      queues.find(queue);
      const names = deadLetters.sources(queue, after, limit + 1);
      return { names: names.slice(0, limit), more: names.length > limit };
    },
    startMoveTask: (args) => moveTasks.start(args),
    listMoveTasks: (args) => moveTasks.list(args),
    cancelMoveTask: (args) => moveTasks.cancel(args),
  };
}

function operations(parts: Parts): Omit<QueueOperations, keyof Watching | keyof DeadLetterOperations | "check"> {
  const { queues, sequences, messages, receives, delays, traffic, tails, catchingUp } = parts;
  const send = (queue: Queue, sent: readonly NewMessage[]) => {
    const results = messages.send(queue, sent);
    traffic.sent(queue, sent, results);
    tails.sent(queue, sent, results);
    return results;
  };
  return {
    createQueue: (args) => queues.create(args),
    describeQueue(args) {
      const queue = queues.find(args.queue);
      const unfinished = catchingUp.run(queue, args);
      if (unfinished !== undefined) return unfinished;
      const { attributes, createdMs, modifiedMs, visible, inFlight, delayed } = queue;
      return { attributes, createdMs, modifiedMs, visible, inFlight, delayed };
    },
    setAttributes(args) {
      const { queue: ref, attributes, redrivePolicy } = args;
      const before = queues.find(ref);
      // What has ended under the old retention does not come back under a longer one.
      const unfinished = attributes["MessageRetentionPeriod"] === undefined ? undefined : catchingUp.run(before, args);
      if (unfinished !== undefined) return unfinished;
      queues.setAttributes(ref, attributes, redrivePolicy);
      const after = queues.find(ref);
      if (after.settings.fifo && after.settings.delayMs !== before.settings.delayMs) delays.begin(after);
      return undefined;
    },
    addPermission({ queue, permission }) {
      const { attributes } = queues.find(queue);
      queues.setAttributes(queue, { Policy: withPermission(attributes["Policy"], permission, queueArn(queue)) });
    },
    removePermission({ queue, label }) {
      const { attributes } = queues.find(queue);
      queues.setAttributes(queue, { Policy: withoutPermission(attributes["Policy"], label) });
    },
    listQueues: (args) => queues.list(args),
    purge: ({ queue }) => queues.purge(queue, sequences.last),
    addTags: ({ queue, tags }) => queues.setTags(queue, mergeTags(queues.tags(queue), tags, queue.name)),
    removeTags({ queue, keys }) {
      const left = Object.entries(queues.tags(queue)).filter(([key]) => !keys.includes(key));
      queues.setTags(queue, Object.fromEntries(left));
    },
    listTags: ({ queue }) => queues.tags(queue),
    send: ({ queue, messages: sent }) => send(queues.find(queue), sent),
    deliver({ queue: ref, message }) {
      const queue = queues.seek(ref);
      if (queue === undefined) return "gone";
      if (!queues.admits(queue, ref)) return "denied";
      return send(queue, [message])[0]?.sent === true ? "delivered" : "too-long";
    },
    receive(args) {
      const queue = queues.find(args.queue);
      return traffic.received(queue, receives.receive(queue, args));
    },
    undoReceive: ({ queue, receipts }) => receives.undo(queues.find(queue), receipts),
    delete({ queue: ref, receipts }) {
      const queue = queues.find(ref);
      const results = messages.delete(queue, receipts);
      traffic.deleted(queue, results);
      return results;
    },
    changeVisibility({ queue, changes }) {
      const found = queues.find(queue);
      return changes.map((change) => messages.changeVisibility(found, change));
    },
  };
}
