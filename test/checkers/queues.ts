import { entriesOf, type Entry, type Purge, type QueueSettings, type Receive, type Send, type Trouble } from "./history.ts";
import type { DeliveredAt } from "./message.ts";
import { union, type Span } from "./spans.ts";

/** What concerns every message of a queue alike. */
export interface QueueFacts {
  readonly retentionMs: number;
  readonly redrive: QueueSettings["redrive"];
  /** Those that may have happened. */
  readonly purges: readonly Purge[];
  /** Receives whose messages nobody knows: they may have counted for any message. */
  readonly lostReceives: readonly Receive[];
  /** While these last, any message may be hidden by a receive without an answer, or by one that was taken back. */
  readonly maybeHidden: readonly Span[];
}

/** The queues of a history. */
export class Queues {
  readonly #byName = new Map<string | undefined, QueueFacts>();
  readonly #deadLetterQueues: ReadonlySet<string>;
  readonly #moved: ReadonlySet<string>;
  readonly #lastMs: number;
  /** Spans in which being late is excused. */
  readonly troubles: readonly Span[];

  constructor(history: readonly Entry[]) {
    const settings = new Map(entriesOf(history, "queue").map((entry) => [entry.queue, entry]));
    const receives = Map.groupBy(entriesOf(history, "receive"), ({ queue }) => queue);
    const purges = Map.groupBy(entriesOf(history, "purge"), ({ queue }) => queue);
    const sends = Map.groupBy(entriesOf(history, "send"), ({ queue }) => queue);
    const shows = entriesOf(history, "change").filter(({ visibilityMs, outcome }) => visibilityMs === 0 && outcome !== "refused");
    const isOver = ({ invokeMs, completeMs, visibilityMs }: Receive) =>
      visibilityMs <= completeMs - invokeMs || shows.some((show) => show.invokeMs <= completeMs && show.completeMs >= invokeMs);
    for (const queue of new Set([...settings.keys(), ...receives.keys(), ...sends.keys(), ...purges.keys()])) {
      const { retentionMs = Infinity, redrive } = settings.get(queue) ?? {};
      const ofQueue = receives.get(queue) ?? [];
      const unknown = ofQueue.filter(({ outcome }) => outcome === "unknown");
      // Of those that were taken back nobody knows what they held until then.
      const undone = ofQueue.filter(({ outcome }) => outcome === "refused");
      this.#byName.set(queue, {
        retentionMs,
        redrive,
        purges: (purges.get(queue) ?? []).filter(({ outcome }) => outcome !== "refused"),
        // One that is taken back stays counted where the message was received again meanwhile: after its time, or shown by a change.
        lostReceives: [...unknown, ...undone.filter(isOver)],
        maybeHidden: union([
          ...unknown.map(({ invokeMs, completeMs, visibilityMs }): Span => [invokeMs, completeMs + visibilityMs]),
          ...undone.map(({ invokeMs, completeMs }): Span => [invokeMs, completeMs + 1]),
        ]),
      });
    }
    this.#deadLetterQueues = new Set([...settings.values()].flatMap(({ redrive }) => redrive?.deadLetterQueue ?? []));
    this.#moved = new Set(entriesOf(history, "move").map(({ queue }) => queue));
    this.#lastMs = history.reduce((last, entry) => ("completeMs" in entry ? Math.max(last, entry.completeMs) : last), -Infinity);
    this.troubles = union(entriesOf(history, "trouble").map(({ atMs, untilMs }: Trouble) => [atMs, untilMs]));
  }

  of(queue: string | undefined): QueueFacts {
    return this.#byName.get(queue) ?? NOTHING_KNOWN;
  }

  /** Whether messages come to the queue by its sends alone. */
  movesNothingTo(queue: string | undefined): boolean {
    return this.#moved.size === 0 && (queue === undefined || !this.#deadLetterQueues.has(queue));
  }

  /** Whether a message may be gone without a delete: purged or expired, in any queue that it may have been in. */
  mayHaveEnded(send: Send, deliveries: readonly DeliveredAt[]): boolean {
    const own = this.of(send.queue);
    const places = [own, ...(own.redrive === undefined ? [] : [this.of(own.redrive.deadLetterQueue)])];
    for (const { receive } of deliveries) places.push(this.of(receive.queue));
    return places.some(
      ({ purges, retentionMs }) =>
        purges.some(({ completeMs }) => completeMs >= send.invokeMs) || send.invokeMs + retentionMs <= this.#lastMs,
    );
  }
}

const NOTHING_KNOWN: QueueFacts = { retentionMs: Infinity, redrive: undefined, purges: [], lostReceives: [], maybeHidden: [] };
