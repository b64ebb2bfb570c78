/** A stretch of time, the end not included. */
export type Span = readonly [fromMs: number, toMs: number];

/** The same time as spans in order that do not touch. */
export function union(spans: readonly Span[]): Span[] {
  const joined: [number, number][] = [];
  for (const [fromMs, toMs] of [...spans].sort((a, b) => a[0] - b[0])) {
    const last = joined.at(-1);
    if (toMs < fromMs) continue;
    if (last !== undefined && fromMs <= last[1]) last[1] = Math.max(last[1], toMs);
    else joined.push([fromMs, toMs]);
  }
  return joined;
}

/** What is left of a span without the holes, which are in order and do not touch. */
export function without([fromMs, toMs]: Span, holes: readonly Span[]): Span[] {
  const left: Span[] = [];
  let atMs = fromMs;
  for (const [holeMs, endMs] of holes) {
    if (endMs <= atMs) continue;
    if (holeMs >= toMs) break;
    if (holeMs > atMs) left.push([atMs, holeMs]);
    atMs = endMs;
  }
  if (atMs < toMs) left.push([atMs, toMs]);
  return left;
}

/** Whether one of the spans has the whole of this one. */
export function covers(spans: readonly Span[], fromMs: number, toMs: number): boolean {
  return spans.some((span) => span[0] <= fromMs && toMs < span[1]);
}

/** How much of a stretch of time the spans have. */
export function overlapMs(spans: readonly Span[], fromMs: number, toMs: number): number {
  return spans.reduce((sum, span) => sum + Math.max(0, Math.min(toMs, span[1]) - Math.max(fromMs, span[0])), 0);
}
