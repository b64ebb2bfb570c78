import { assert } from "../../../../kernel/assert.ts";
import type { Database } from "../../../../storage/sqlite/database.ts";
import type { ByteRange } from "../../rules/range.ts";
import { cut, type Segment } from "../../rules/segments.ts";
import type { NewPart, PartDescription } from "../store.ts";

interface SegmentRow {
  readonly blob: string;
  readonly start: number;
  readonly length: number;
}
interface PartRow {
  readonly number: number;
  readonly size: number;
  readonly etag: string;
  readonly checksum: string;
  readonly modified_ms: number;
}

/** Contents, their segments and parts, and what is left of them when nothing refers to them any more. */
export class Contents {
  readonly #statements;

  constructor(database: Database) {
    this.#statements = prepare(database);
  }

  /** The number of a content that has no segments yet. */
  create(): number {
    const [row] = this.#statements.count.writeReturning("content");
    assert(row !== undefined, "the counter of contents exists");
    return row.value;
  }

  /** @param part 0 where the object was not uploaded in parts. */
  addSegments(content: number, part: number, segments: readonly Segment[]): void {
    for (const [position, { blob, startByte, bytes }] of segments.entries()) {
      this.#statements.addSegment.run(content, part, position, blob, startByte, bytes);
    }
  }

  /** All segments in order; undefined where they are more than `most`. */
  segments(content: number, most: number): Segment[] | undefined {
    const rows = this.#statements.segments.all(content, most + 1);
    return rows.length > most ? undefined : rows.map(segmentOf);
  }

  /** The segments that hold those bytes, cut to them. */
  overlapping(content: number, range: ByteRange): Segment[] {
    return cut(this.#statements.segments.all(content, -1).map(segmentOf), range);
  }

  // Parts

  /** In place of the one of the same number. */
  putPart(content: number, part: NewPart, put: { segments: readonly Segment[]; nowMs: number }): void {
    this.removePart(content, part.number);
    this.#statements.addPart.run(content, part.number, part.sizeBytes, part.etag, part.checksum, put.nowMs);
    this.addSegments(content, part.number, put.segments);
  }

  removePart(content: number, number: number): void {
    if (this.#statements.removePart.run(content, number) === 0) return;
    const blobs = this.#statements.removeSegmentsOfPart.writeReturning(content, number);
    this.#noteDead(blobs);
  }

  parts(content: number, page: { after: number; limit: number }): { parts: PartDescription[]; more: boolean } {
    const rows = this.#statements.parts.all(content, page.after, page.limit + 1);
    return { parts: rows.slice(0, page.limit).map(partOf), more: rows.length > page.limit };
  }

  // What is no longer wanted

  /** To be called when an object or upload has let go of its content: it is dead unless another object has it. */
  release(content: number): void {
    if (this.#statements.isUsed.get(content) === undefined) this.#statements.addDeadContent.run(content);
  }

  /** The same for all open uploads of a bucket. */
  releaseUploads(bucket: number): void {
    this.#statements.addDeadContents.run(bucket);
  }

  /** Takes dead contents apart, `limit` segments or parts at most. True: there is more. */
  tidy(limit: number): boolean {
    const dead = this.#statements.deadContent.get();
    if (dead === undefined) return false;
    const blobs = this.#statements.removeSegments.writeReturning(dead.content, dead.content, limit);
    this.#noteDead(blobs);
    if (blobs.length === limit) return true;
    if (this.#statements.removeParts.run(dead.content, dead.content, limit) < limit) this.#statements.removeDeadContent.run(dead.content);
    return true;
  }

  listDeadBlobs(after: string, limit: number): string[] {
    return this.#statements.deadBlobs.all(after, limit).map((row) => row.blob);
  }

  forgetDeadBlobs(blobs: readonly string[]): void {
    for (const blob of blobs) this.#statements.removeDeadBlob.run(blob);
  }

  /** @returns how many of the blobs nothing refers to and were not known as dead. */
  adopt(blobs: readonly string[]): number {
    return this.#noteDead(blobs.map((blob) => ({ blob })));
  }

  startGeneration(): number {
    const [row] = this.#statements.count.writeReturning("generation");
    assert(row !== undefined, "the counter of generations exists");
    return row.value;
  }

  #noteDead(blobs: readonly { blob: string }[]): number {
    let noted = 0;
    for (const { blob } of blobs) noted += this.#statements.addDeadBlob.run(blob, blob);
    return noted;
  }
}

function segmentOf({ blob, start, length }: SegmentRow): Segment {
  return { blob, startByte: start, bytes: length };
}

function partOf(row: PartRow): PartDescription {
  return { number: row.number, sizeBytes: row.size, etag: row.etag, checksum: row.checksum, modifiedMs: row.modified_ms };
}

function prepare(database: Database) {
  const dead = database.prepare<{ blob: string }>(
    "SELECT lower(hex(blob)) AS blob FROM dead_blob WHERE blob > unhex(?) ORDER BY blob LIMIT ?",
  );
  const removeSegments = "DELETE FROM segment WHERE content = ?";
  return {
    count: database.prepare<{ value: number }>("UPDATE object_counter SET value = value + 1 WHERE name = ? RETURNING value"),
    addSegment: database.prepare("INSERT INTO segment VALUES (?, ?, ?, unhex(?), ?, ?)"),
    segments: database.prepare<SegmentRow>(
      "SELECT lower(hex(blob)) AS blob, start, length FROM segment WHERE content = ? ORDER BY part, position LIMIT ?",
    ),
    addPart: database.prepare("INSERT INTO part VALUES (?, ?, ?, ?, ?, ?)"),
    removePart: database.prepare("DELETE FROM part WHERE content = ? AND number = ?"),
    parts: database.prepare<PartRow>("SELECT * FROM part WHERE content = ? AND number > ? ORDER BY number LIMIT ?"),
    removeSegmentsOfPart: database.prepare<{ blob: string }>(`${removeSegments} AND part = ? RETURNING lower(hex(blob)) AS blob`),
    removeSegments: database.prepare<{ blob: string }>(
      `${removeSegments} AND (part, position) IN (SELECT part, position FROM segment WHERE content = ? LIMIT ?)
       RETURNING lower(hex(blob)) AS blob`,
    ),
    removeParts: database.prepare("DELETE FROM part WHERE content = ? AND number IN (SELECT number FROM part WHERE content = ? LIMIT ?)"),
    isUsed: database.prepare("SELECT 1 FROM object WHERE content = ? LIMIT 1"),
    deadContent: database.prepare<{ content: number }>("SELECT content FROM dead_content LIMIT 1"),
    addDeadContent: database.prepare("INSERT INTO dead_content VALUES (?)"),
    addDeadContents: database.prepare("INSERT INTO dead_content SELECT content FROM upload WHERE bucket = ? AND completed_ms IS NULL"),
    removeDeadContent: database.prepare("DELETE FROM dead_content WHERE content = ?"),
    deadBlobs: dead,
    addDeadBlob: database.prepare(
      "INSERT INTO dead_blob SELECT unhex(?) WHERE NOT EXISTS (SELECT 1 FROM segment WHERE blob = unhex(?)) ON CONFLICT DO NOTHING",
    ),
    removeDeadBlob: database.prepare("DELETE FROM dead_blob WHERE blob = unhex(?)"),
  };
}
