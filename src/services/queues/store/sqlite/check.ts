import type { Database } from "../../../../storage/sqlite/index.ts";
import type { CheckArgs, CheckPiece, Problem } from "../../../../storage/storage.ts";
import type { Bodies, Damage } from "./bodies.ts";
import type { QueueTable } from "./queue-table.ts";

/** Where a piece begins: which step, and behind which row of it. */
type At = readonly [step: number, ...row: number[]];

/** What a step has looked at, and the row with which it ended; undefined: there are no more. */
interface Looked {
  readonly rows: number;
  readonly last: readonly number[] | undefined;
}

type Step = (row: readonly number[], limit: number, problems: Problem[]) => Looked;

interface QueueOfCheck {
  readonly name: string;
  readonly voidThrough: number;
}

const IT_IS_A_BUG = "No message is lost by it, but it should never be: please report it.";

/** Compares the tables of queues with each other and every message with its checksum, a bounded piece at a time. */
export class Check {
  readonly #queues: QueueTable;
  readonly #bodies: Bodies;
  readonly #sql;
  readonly #steps: readonly Step[];

  constructor(database: Database, options: { queues: QueueTable; bodies: Bodies }) {
    this.#queues = options.queues;
    this.#bodies = options.bodies;
    this.#sql = statements(database);
    this.#steps = [
      (row, limit, problems) => this.#checkCounts(row, limit, problems),
      (row, limit, problems) => this.#checkVisible(row, limit, problems),
      (row, limit, problems) => this.#checkHidden(row, limit, problems),
      (row, limit, problems) => this.#tellQuarantined(row, limit, problems),
      (_row, _limit, problems) => this.#checkBodies(problems),
    ];
  }

  piece({ after, limit }: CheckArgs): CheckPiece {
    this.#queues.flush(); // What this group has changed so far must be in the tables.
    const [step, ...row] = after === "" ? ([0] as const) : (JSON.parse(after) as At);
    const problems: Problem[] = [];
    const { rows = 0, last } = this.#steps[step]?.(row, limit, problems) ?? {};
    const next: At | undefined = last !== undefined ? [step, ...last] : step + 1 < this.#steps.length ? [step + 1] : undefined;
    return { problems, looked: rows, next: next === undefined ? null : JSON.stringify(next) };
  }

  #checkCounts([after = 0]: readonly number[], limit: number, problems: Problem[]): Looked {
    const rows = this.#sql.counts.all(after, limit);
    for (const [id, visible, inFlight, delayed] of rows) {
      const { name, voidThrough } = this.#queue(id);
      const [ready = 0] = this.#sql.countVisible.get(id, voidThrough) ?? [];
      const [received = 0, waiting = 0] = this.#sql.countHidden.get(id, voidThrough) ?? [];
      const compare = (what: string, counted: number, there: number) => {
        if (counted !== there)
          problems.push({ what: `${name}: ${there} messages are ${what}, ${counted} are counted`, remedy: IT_IS_A_BUG });
      };
      compare("visible", visible, ready);
      compare("in flight", inFlight, received);
      compare("delayed", delayed, waiting);
    }
    return looked(rows, limit, ([id]) => [id]);
  }

  #checkVisible([queue = 0, sequence = 0]: readonly number[], limit: number, problems: Problem[]): Looked {
    const rows = this.#sql.visible.all(queue, sequence, limit);
    for (const [queueId, sequence, sentMs, dead] of rows) this.#checkMessage({ queueId, sequence, sentMs, dead }, problems);
    return looked(rows, limit, ([queue, sequence]) => [queue, sequence]);
  }

  #checkHidden([queue = 0, visibleMs = 0, sequence = 0]: readonly number[], limit: number, problems: Problem[]): Looked {
    const rows = this.#sql.hidden.all(queue, visibleMs, sequence, limit);
    for (const [queueId, , sequence, sentMs, dead, visible] of rows) {
      this.#checkMessage({ queueId, sequence, sentMs, dead }, problems);
      if (visible === 1) problems.push({ what: `${this.#named(queueId, sequence)} is visible and hidden at once`, remedy: IT_IS_A_BUG });
    }
    return looked(rows, limit, ([queue, visibleMs, sequence]) => [queue, visibleMs, sequence]);
  }

  #checkMessage(message: { queueId: number; sequence: number; sentMs: number; dead: number }, problems: Problem[]): void {
    const { queueId, sequence, dead } = message;
    if (sequence <= this.#queue(queueId).voidThrough) return; // Purged, and about to be swept.
    const told = this.#named(queueId, sequence);
    const read = this.#bodies.read(message);
    if (typeof read === "string")
      problems.push({
        what: `${told} is damaged: ${BECAUSE[read]}`,
        remedy:
          "Nobody will receive it: the server takes it into quarantine when it comes to it. Take it from a backup, or have it sent again.",
      });
    else if (read === undefined)
      problems.push({
        what: `${told} is encrypted with a master key that is not given`,
        remedy: "Say --master-key, with the file that the server has.",
      });
    if (dead === 1)
      problems.push({
        what: `${told} is there, but its body is marked as no longer wanted`,
        remedy: "Its body will be removed. Receive it before, and report this: it is a bug.",
      });
  }

  #tellQuarantined([after = 0]: readonly number[], limit: number, problems: Problem[]): Looked {
    const rows = this.#sql.quarantined.all(after, limit);
    for (const [sequence, queueId, id, foundMs] of rows)
      problems.push({
        what: `${this.#named(queueId, sequence)} (${id ?? "its id cannot be read"}) was found damaged on ${new Date(foundMs).toISOString()} and is in quarantine`,
        remedy:
          "It is kept from delivery, shown by `millrace peek --quarantined`, and dropped after 14 days. Take it from a backup, or have it sent again.",
      });
    return looked(rows, limit, ([sequence]) => [sequence]);
  }

  /** Each body belongs to a message that stands somewhere, is in quarantine, or is waiting to be swept. */
  #checkBodies(problems: Problem[]): Looked {
    const [orphans = 0] = this.#sql.orphans.get() ?? [];
    if (orphans > 0)
      problems.push({ what: `${orphans} bodies belong to no message`, remedy: "They only take space. Please report it: it is a bug." });
    return { rows: 0, last: undefined };
  }

  #named(queueId: number, sequence: number): string {
    return `message ${sequence} of ${this.#queue(queueId).name}`;
  }

  #queue(id: number): QueueOfCheck {
    const [account, region, name, voidThrough] = this.#sql.queue.get(id) ?? ["?", "?", `number ${id}, which is not there`, 0];
    return { name: `queue ${name} (${account}, ${region})`, voidThrough };
  }
}

const BECAUSE: Readonly<Record<Damage, string>> = {
  checksum: "its checksum does not fit",
  encryption: "its encrypted body was altered",
  unreadable: "its row cannot be read",
  missing: "its body is gone",
};

function looked<R>(rows: readonly R[], limit: number, keyOf: (row: R) => readonly number[]): Looked {
  const last = rows.at(-1);
  return { rows: rows.length, last: rows.length < limit || last === undefined ? undefined : keyOf(last) };
}

function statements(database: Database) {
  const isDead = "EXISTS (SELECT 1 FROM dead WHERE dead.sequence = place.sequence)";
  return {
    queue: database.prepareTuples<[account: string, region: string, name: string, voidThrough: number]>(
      "SELECT account, region, name, CASE WHEN deleted_ms IS NULL THEN purged_through ELSE 9e15 END FROM queue WHERE id = ?",
    ),
    counts: database.prepareTuples<[id: number, visible: number, inFlight: number, delayed: number]>(`
      SELECT id, visible, in_flight, delayed FROM queue JOIN message_count ON message_count.queue = id
      WHERE id > ? AND deleted_ms IS NULL ORDER BY id LIMIT ?`),
    countVisible: database.prepareTuples<[number]>("SELECT count(*) FROM ready WHERE queue = ? AND sequence > ?"),
    countHidden: database.prepareTuples<[received: number, waiting: number]>(`
      SELECT coalesce(sum(receive_count > 0), 0), coalesce(sum(receive_count = 0), 0) FROM hidden WHERE queue = ? AND sequence > ?`),
    visible: database.prepareTuples<[queue: number, sequence: number, sentMs: number, dead: number]>(`
      SELECT queue, sequence, sent_ms, ${isDead} FROM ready AS place
      WHERE (queue, sequence) > (?, ?) ORDER BY queue, sequence LIMIT ?`),
    hidden: database.prepareTuples<[queue: number, visibleMs: number, sequence: number, sentMs: number, dead: number, visible: number]>(`
      SELECT queue, visible_ms, sequence, sent_ms, ${isDead},
        EXISTS (SELECT 1 FROM ready WHERE ready.queue = place.queue AND ready.sequence = place.sequence)
      FROM hidden AS place WHERE (queue, visible_ms, sequence) > (?, ?, ?) ORDER BY queue, visible_ms, sequence LIMIT ?`),
    quarantined: database.prepareTuples<[sequence: number, queue: number, id: string | null, foundMs: number]>(
      "SELECT sequence, queue, message_id, found_ms FROM quarantine WHERE sequence > ? ORDER BY sequence LIMIT ?",
    ),
    orphans: database.prepareTuples<[number]>(`
      SELECT (SELECT count(*) FROM body) - (SELECT count(*) FROM ready) - (SELECT count(*) FROM hidden)
        - (SELECT count(*) FROM dead) - (SELECT count(*) FROM quarantine WHERE damage <> 'missing')`),
  };
}
