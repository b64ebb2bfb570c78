/** What can go wrong, by name; the names are counted and printed. */
export const FAULTS = [
  "request lost",
  "request slow",
  "request doubled",
  "request late after its caller left",
  "connection reset",
  "answer lost",
  "answer slow",
  "caller leaves while it waits",
  "worker dies",
  "machine slow",
  "commit slow",
  "disk full",
  "disk error",
  "blobs full",
  "blob error",
  "killed",
  "killed while starting",
  "killed in a commit",
  "killed between commit and answer",
  "power cut in a commit",
  "stopped and started",
  "wall clock set",
] as const;

export type FaultKind = (typeof FAULTS)[number];

/** How often each has happened. */
export class FaultCounts {
  readonly #counts = new Map<FaultKind, number>();

  add(kind: FaultKind, times = 1): void {
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + times);
  }

  get total(): number {
    return [...this.#counts.values()].reduce((sum, count) => sum + count, 0);
  }

  entries(): [FaultKind, number][] {
    return FAULTS.map((kind) => [kind, this.#counts.get(kind) ?? 0]);
  }
}
