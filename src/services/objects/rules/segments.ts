import type { ByteRange } from "./range.ts";

/** Bytes of a blob. */
export interface Segment {
  /** 32 hex digits. */
  readonly blob: string;
  readonly startByte: number;
  readonly bytes: number;
}

/** What of the segments, put together, lies in a range. */
export function cut(segments: Iterable<Segment>, { start, end }: ByteRange): Segment[] {
  const found: Segment[] = [];
  let at = 0;
  for (const segment of segments) {
    const from = Math.max(start, at);
    const to = Math.min(end, at + segment.bytes);
    if (from < to) found.push({ blob: segment.blob, startByte: segment.startByte + from - at, bytes: to - from });
    at += segment.bytes;
    if (at >= end) break;
  }
  return found;
}

export function totalBytes(segments: readonly Segment[]): number {
  return segments.reduce((sum, segment) => sum + segment.bytes, 0);
}
