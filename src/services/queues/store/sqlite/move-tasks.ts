import type { Asker } from "../../../../access/asker.ts";
import type { Database } from "../../../../storage/sqlite/database.ts";
import type { EnginePort } from "../../../../storage/sqlite/module.ts";
import type { Unfinished } from "../../../../storage/storage.ts";
import { refusalOf } from "../../rules/policy.ts";
import {
  moveTaskDoesNotExist,
  moveTaskIsRunning,
  onlyActiveTasksCanBeCancelled,
  resourceDoesNotExist,
  sourceIsNoDeadLetterQueue,
  tooManyMoveTasks,
} from "../../rules/errors.ts";
import { MOVE_TASK_MS_MAX, MOVE_TASKS_LISTED_MAX, MOVE_TASKS_MAX } from "../../rules/limits.ts";
import { movableNow, nextAfter } from "../../rules/move-rate.ts";
import { DESTINATION_GONE, movedMessageId, SOURCE_UNKNOWN, TASK_TIMED_OUT, type MoveTaskStatus } from "../../rules/move-task.ts";
import type { MoveTask, NewMoveTask, QueueRef } from "../store.ts";
import type { CatchingUp } from "./catching-up.ts";
import type { DeadLetters } from "./dead-letters.ts";
import type { State } from "./message-statements.ts";
import type { Moves } from "./moves.ts";
import type { Queue, QueueTable } from "./queue-table.ts";
import type { Sequences } from "./sequences.ts";

/** What move tasks work with. */
interface Parts {
  readonly engine: EnginePort;
  readonly queues: QueueTable;
  readonly sequences: Sequences;
  readonly catchingUp: CatchingUp;
  readonly moves: Moves;
  readonly deadLetters: DeadLetters;
}

/** Messages that one piece of work moves, over all tasks: about 5 ms. */
const MOVED_PER_PIECE = 100;

/** Messages that one piece of a task looks at: in a FIFO queue it may have to leave many. */
const LOOKED_AT_PER_PIECE = MOVED_PER_PIECE + 1;

/** Between two pieces of a task at the least: each is committed, and what a faster rate allows is moved together. */
const PIECE_EVERY_MS = 50;

/** Message move tasks: rows, whose work is done a piece at a time and committed with how far it has come. */
export class MoveTasks {
  readonly #sql;
  readonly #engine: EnginePort;
  readonly #queues: QueueTable;
  readonly #sequences: Sequences;
  readonly #catchingUp: CatchingUp;
  readonly #moves: Moves;
  readonly #deadLetters: DeadLetters;

  constructor(database: Database, parts: Parts) {
    this.#engine = parts.engine;
    this.#queues = parts.queues;
    this.#sequences = parts.sequences;
    this.#catchingUp = parts.catchingUp;
    this.#moves = parts.moves;
    this.#deadLetters = parts.deadLetters;
    this.#sql = statements(database);
  }

  start(args: NewMoveTask): Unfinished | undefined {
    const { taskId, source: ref, destination, perSecond } = args;
    const source = this.#asked(ref, "SourceArn");
    for (const needed of alsoNeeded(ref)) if (!this.#queues.admits(source, needed)) throw refusalOf(needed.asker, needed);
    if (this.#deadLetters.sources(ref, "", 1).length === 0) throw sourceIsNoDeadLetterQueue();
    if (destination !== undefined) this.#asked(destination, "DestinationArn");
    const earlier = this.#sql.ofSource.all(source.id, MOVE_TASKS_LISTED_MAX).map(taskOf);
    if (earlier.some(({ status }) => status === "RUNNING")) throw moveTaskIsRunning();
    if ((this.#sql.running.get(ref.account)?.[0] ?? 0) >= MOVE_TASKS_MAX) throw tooManyMoveTasks();
    const unfinished = this.#catchingUp.run(source, args);
    if (unfinished !== undefined) return unfinished;
    // One more than a list can show is never seen again.
    const last = earlier.at(MOVE_TASKS_LISTED_MAX - 1);
    if (last !== undefined) this.#sql.deleteThrough.run(source.id, last.number);
    const nowMs = this.#engine.nowMs();
    this.#sql.insert.run(
      taskId,
      source.id,
      ref.account,
      ref.region,
      ref.name,
      destination?.name ?? null,
      perSecond ?? null,
      nowMs,
      this.#sequences.last,
      source.visible,
      nowMs,
    );
    return undefined;
  }

  list({ source, limit }: { source: QueueRef; limit: number }): MoveTask[] {
    const { id } = this.#asked(source, "SourceArn");
    return this.#sql.ofSource.all(id, limit).map(shownTask);
  }

  cancel({ source, taskId }: { source: QueueRef; taskId: string }): { moved: number } {
    const { id } = this.#asked(source, "SourceArn");
    const row = this.#sql.byId.get(id, taskId);
    if (row === undefined) throw moveTaskDoesNotExist();
    const task = taskOf(row);
    if (task.status !== "RUNNING") throw onlyActiveTasksCanBeCancelled();
    this.#end(task, "CANCELLED");
    return { moved: task.moved };
  }

  /** The queue is being deleted, and its tasks with it. */
  forgetSource({ id }: Queue): void {
    this.#sql.deleteThrough.run(id, Number.MAX_SAFE_INTEGER);
  }

  /** A piece of the work of those tasks whose rate allows it. @returns milliseconds until another is wanted. */
  run(): number {
    const nowMs = this.#engine.nowMs();
    let room = MOVED_PER_PIECE;
    for (const row of this.#sql.due.all(nowMs, MOVED_PER_PIECE)) {
      if (room <= 0) return 0;
      room -= this.#advance(taskOf(row), room);
    }
    const next = this.#sql.next.get()?.[0];
    if (next === undefined) return Infinity;
    return next <= nowMs ? 0 : Math.max(PIECE_EVERY_MS, Math.ceil(next - nowMs));
  }

  /** @returns how much of the piece was used up. */
  #advance(task: Task, room: number): number {
    const nowMs = this.#engine.nowMs();
    const source = this.#queues.seek(task.source);
    if (source === undefined) return this.#end(task, "FAILED", DESTINATION_GONE);
    if (nowMs >= task.startedMs + MOVE_TASK_MS_MAX) return this.#end(task, "FAILED", TASK_TIMED_OUT);
    const allowed = Math.min(movableNow(task, nowMs), room);
    // A FIFO queue is walked once, so that groups that are held are not looked at again and again.
    const after = source.settings.fifo ? task.passed : 0;
    const { states, more } = this.#moves.movable(source, { after, through: task.through, limit: LOOKED_AT_PER_PIECE });
    let moved = 0;
    let { passed } = task;
    let failure: string | undefined;
    for (const state of states) {
      if (moved === allowed) break;
      const outcome = this.#move(task, source, state);
      if (typeof outcome === "string") {
        failure = outcome;
        break;
      }
      moved += outcome;
      passed = state.sequence;
    }
    this.#sql.advance.run(moved, passed, nextAfter(task, nowMs, moved), task.number);
    const seenAll = states.length < LOOKED_AT_PER_PIECE && passed === (states.at(-1)?.sequence ?? task.passed);
    if (failure !== undefined) this.#end(task, "FAILED", failure);
    else if (seenAll && !more) this.#end(task, "COMPLETED");
    return moved + 1;
  }

  /**
   * Moves a message, unless an older one of its group stays, being in flight: the group then stays as a whole.
   * @returns how many were moved, or why the task cannot go on.
   */
  #move(task: Task, source: Queue, state: State): number | typeof DESTINATION_GONE | typeof SOURCE_UNKNOWN {
    if (!this.#moves.mayLeave(source, state)) return 0;
    const target = this.#target(task, state.sequence);
    if (typeof target === "string") return target;
    return this.#moves.resend(source, state, { target, newId: (id) => movedMessageId(task.taskId, id) }) ? 1 : 0;
  }

  /** The queue that a message of the task goes to, or why there is none. */
  #target({ source, destination }: Task, sequence: number): Queue | typeof DESTINATION_GONE | typeof SOURCE_UNKNOWN {
    const name = destination?.name ?? this.#deadLetters.sourceOf(sequence);
    if (name === undefined) return SOURCE_UNKNOWN;
    return this.#queues.seek({ ...source, name }) ?? DESTINATION_GONE;
  }

  #end({ number }: Task, status: MoveTaskStatus, failure: string | null = null): number {
    this.#sql.end.run(status, failure, number);
    return 1;
  }

  /** A queue that a request names, for whoever asks for it. To another account one that does not exist is like one that it may not use. */
  #asked(ref: QueueRef, parameter: "SourceArn" | "DestinationArn"): Queue {
    const { asker } = ref;
    const queue = this.#queues.seek(ref);
    if (queue === undefined)
      throw asker === undefined || asker.accountId === ref.account ? resourceDoesNotExist(parameter) : refusalOf(asker, ref);
    if (asker !== undefined && !this.#queues.admits(queue, ref)) throw refusalOf(asker, ref);
    return queue;
  }
}

/**
 * A move takes messages out for good, so whoever begins one must be allowed that, too. Source: "Configuring queue
 * permissions for dead-letter queue redrive" in the developer guide.
 */
function alsoNeeded(ref: QueueRef): (QueueRef & { asker: Asker })[] {
  const { asker } = ref;
  if (asker?.kind !== "caller") return [];
  return ["ReceiveMessage", "DeleteMessage"].map((action) => ({ ...ref, asker: { ...asker, action } }));
}

interface Task extends MoveTask {
  readonly number: number;
  /** The last message that may be moved. */
  readonly through: number;
  /** Up to here all were moved or left for good. */
  readonly passed: number;
  readonly nextMs: number;
}

type TaskRow = [
  number: number,
  taskId: string,
  account: string,
  region: string,
  source: string,
  destination: string | null,
  perSecond: number | null,
  status: MoveTaskStatus,
  failure: string | null,
  startedMs: number,
  through: number,
  passed: number,
  toMove: number,
  moved: number,
  nextMs: number,
];

/** What a list shows of it. */
function shownTask(row: TaskRow): MoveTask {
  const [, taskId, account, region, name, destination, perSecond, status, failure, startedMs, , , toMove, moved] = row;
  return {
    taskId,
    source: { account, region, name },
    destination: destination === null ? undefined : { account, region, name: destination },
    perSecond: perSecond ?? undefined,
    status,
    failure: failure ?? undefined,
    startedMs,
    toMove,
    moved,
  };
}

function taskOf(row: TaskRow): Task {
  return { ...shownTask(row), number: row[0], through: row[10], passed: row[11], nextMs: row[14] };
}

const COLUMNS =
  "number, task_id, account, region, source, destination, per_second, status, failure, started_ms, through, passed, to_move, moved, next_ms";

function statements(database: Database) {
  return {
    insert: database.prepare(`
      INSERT INTO move_task
        (task_id, queue, account, region, source, destination, per_second, status, started_ms, through, passed, to_move, moved, next_ms)
      VALUES (?, ?, ?, ?, ?, ?, ?, 'RUNNING', ?, ?, 0, ?, 0, ?)`),
    ofSource: database.prepareTuples<TaskRow>(`SELECT ${COLUMNS} FROM move_task WHERE queue = ? ORDER BY number DESC LIMIT ?`),
    byId: database.prepareTuples<TaskRow>(`SELECT ${COLUMNS} FROM move_task WHERE queue = ? AND task_id = ?`),
    running: database.prepareTuples<[number]>("SELECT count(*) FROM move_task WHERE status = 'RUNNING' AND account = ?"),
    due: database.prepareTuples<TaskRow>(
      `SELECT ${COLUMNS} FROM move_task WHERE status = 'RUNNING' AND next_ms <= ? ORDER BY next_ms LIMIT ?`,
    ),
    next: database.prepareTuples<[number]>("SELECT next_ms FROM move_task WHERE status = 'RUNNING' ORDER BY next_ms LIMIT 1"),
    advance: database.prepare("UPDATE move_task SET moved = moved + ?, passed = ?, next_ms = ? WHERE number = ?"),
    end: database.prepare("UPDATE move_task SET status = ?, failure = ? WHERE number = ?"),
    deleteThrough: database.prepare("DELETE FROM move_task WHERE queue = ? AND number <= ?"),
  };
}
