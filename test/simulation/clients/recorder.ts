import type { Entry, Outcome } from "../../checkers/history.ts";
import type { Answer, Exchange } from "../world/network.ts";

/** What every entry of an operation says. */
export interface Timed {
  readonly client: string;
  readonly invokeMs: number;
  readonly completeMs: number;
  readonly outcome: Outcome;
  readonly problem?: string;
  readonly failed?: string;
}

/** How an operation looks in the history, once it is settled. @param answer as it left the server, of an operation that is done. */
export type Shape = (timed: Timed, answer: Answer | undefined) => Entry[];

export interface Recorded {
  readonly client: string;
  /** Codes of refusals that may be. */
  readonly expected: readonly string[];
  /** A caller who has gone before the answer has changed nothing: a receive is taken back. */
  readonly undone?: boolean;
  /** "There is no such object" is an answer as good as any. */
  readonly absent?: boolean;
  readonly shape: Shape;
}

/**
 * Writes the history, at the server's door and in engine time: what left the server is true, whether it has arrived or not,
 * so that all that is unknown is what the server was busy with when it died.
 */
export class Recorder {
  history: Entry[] = [];
  readonly #mayFail: boolean;

  /** @param mayFail whether 500 is an answer that somebody has provoked: where the files of objects fail. */
  constructor(mayFail: boolean) {
    this.#mayFail = mayFail;
  }

  mark(entry: Entry): void {
    this.history.push(entry);
  }

  record(exchange: Exchange, recorded: Recorded): void {
    void exchange.settled.then(() => this.history.push(...entriesOf(exchange, { ...recorded, mayFail: this.#mayFail })));
  }

  /**
   * The server has started. What was only looked at after the last write, and is later than the time that the server
   * remembers, is as if it had not been.
   */
  up(entry: Extract<Entry, { op: "up" }>): void {
    this.history = this.history.filter((other) => !isLook(other) || other.completeMs <= entry.atMs);
    this.mark(entry);
  }
}

function isLook(entry: Entry): entry is Extract<Entry, { op: "receive" | "count" | "read" }> {
  // A receive that the server died in shows nothing and may have hidden messages all the same.
  return (
    entry.op === "count" || entry.op === "read" || (entry.op === "receive" && entry.outcome !== "unknown" && entry.deliveries.length === 0)
  );
}

function entriesOf(
  exchange: Exchange,
  { client, expected, undone = false, absent = false, shape, mayFail }: Recorded & { mayFail: boolean },
): Entry[] {
  const { arrivedMs, settledMs, served, cut, gone } = exchange;
  const interval = { client, invokeMs: arrivedMs ?? settledMs, completeMs: settledMs };
  if (arrivedMs === undefined) return shape({ ...interval, outcome: "refused" }, undefined);
  if (cut !== undefined) return shape({ ...interval, outcome: "unknown", problem: `the answer broke off: ${cut}` }, undefined);
  if (served === undefined) return shape({ ...interval, outcome: "unknown" }, undefined);
  const text = () => served.body.toString("utf8", 0, 300);
  if (served.status < 300 || (absent && served.status === 404)) {
    return gone && undone ? shape({ ...interval, outcome: "refused" }, undefined) : shape({ ...interval, outcome: "done" }, served);
  }
  if (served.status === 503) {
    // One that was to be taken back and could not be, since the disk is full or the server stops, stays received.
    const outcome = gone && undone ? "unknown" : "refused";
    return shape({ ...interval, outcome, ...(gone ? {} : { failed: `503 ${text()}` }) }, undefined);
  }
  if (served.status >= 500) {
    const told = `${served.status} ${text()}`;
    return shape({ ...interval, outcome: "unknown", ...(mayFail ? { failed: told } : { problem: told }) }, undefined);
  }
  const isExpected = expected.some((code) => text().includes(code));
  return shape({ ...interval, outcome: "refused", ...(isExpected ? {} : { problem: `${served.status} ${text()}` }) }, undefined);
}
