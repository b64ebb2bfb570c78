import type { Database } from "../../../../storage/sqlite/index.ts";
import type { CheckArgs, CheckPiece, Problem } from "../../../../storage/storage.ts";
import type { Segment } from "../../rules/segments.ts";
import type { CheckedContent } from "../store.ts";

/** Which table of contents' owners, and behind which row of it. */
type At = readonly [step: number, row: number];

interface OwnerRow {
  readonly id: number;
  readonly bucket: string | null;
  readonly key: string;
  readonly content: number;
  readonly size: number | null;
  readonly etag: string | null;
  readonly parts: number;
}

interface PartRow {
  readonly number: number;
  readonly size: number;
  readonly etag: string;
}

interface SegmentRow {
  readonly part: number;
  readonly blob: string;
  readonly start: number;
  readonly length: number;
}

const IT_IS_A_BUG = "Take it from a backup, or delete it and put it again; and please report it: it is a bug.";

/** Compares objects and open uploads with their parts and segments, and gathers by which digests their bytes can be told. */
export class Check {
  readonly #sql;

  constructor(database: Database) {
    this.#sql = statements(database);
  }

  piece({ after, limit }: CheckArgs): CheckPiece & { contents: CheckedContent[] } {
    const [step, row] = after === "" ? ([0, 0] as const) : (JSON.parse(after) as At);
    const rows = (step === 0 ? this.#sql.objects : this.#sql.uploads).all(row, limit);
    const problems: Problem[] = [];
    const contents = rows.flatMap((owner) => this.#check(owner, problems));
    const last = rows.at(-1);
    const next: At | undefined = last !== undefined && rows.length === limit ? [step, last.id] : step === 0 ? [1, 0] : undefined;
    return { problems, looked: rows.length, contents, next: next === undefined ? null : JSON.stringify(next) };
  }

  #check(owner: OwnerRow, problems: Problem[]): CheckedContent[] {
    const { bucket, key, content, size, etag } = owner;
    const name = `${etag === null ? "the upload of" : "object"} ${key} of ${bucket === null ? "a bucket that is not there" : `bucket ${bucket}`}`;
    const tell = (what: string) => problems.push({ what: `${name}: ${what}`, remedy: IT_IS_A_BUG });
    const segments = this.#sql.segments.all(content);
    const bytes = segments.reduce((sum, { length }) => sum + length, 0);
    if (bucket === null) tell("nobody can ask for it");
    if (size !== null && bytes !== size) tell(`it has ${size} bytes, and its segments have ${bytes}`);
    // Of a copy its own digest is known, whatever parts its source was uploaded in.
    if (etag !== null && owner.parts === 0) return [{ name, segments: segments.map(segmentOf), md5: etag }];
    const parts = this.#sql.parts.all(content);
    if (etag !== null && parts.length !== owner.parts) tell(`it has ${owner.parts} parts, of which ${parts.length} are there`);
    return parts.map(({ number, size, etag }) => {
      const ofPart = segments.filter(({ part }) => part === number);
      const partBytes = ofPart.reduce((sum, { length }) => sum + length, 0);
      if (partBytes !== size) tell(`part ${number} has ${size} bytes, and its segments have ${partBytes}`);
      return { name: `${name}, part ${number}`, segments: ofPart.map(segmentOf), md5: etag };
    });
  }
}

function segmentOf({ blob, start, length }: SegmentRow): Segment {
  return { blob, startByte: start, bytes: length };
}

function statements(database: Database) {
  return {
    objects: database.prepare<OwnerRow>(`
      SELECT object.id, bucket.name AS bucket, CAST(key AS TEXT) AS key, content, size, etag, parts
      FROM object LEFT JOIN bucket ON bucket.id = object.bucket WHERE object.id > ? ORDER BY object.id LIMIT ?`),
    uploads: database.prepare<OwnerRow>(`
      SELECT upload.id, bucket.name AS bucket, CAST(key AS TEXT) AS key, content, NULL AS size, NULL AS etag, 0 AS parts
      FROM upload LEFT JOIN bucket ON bucket.id = upload.bucket
      WHERE upload.id > ? AND completed_ms IS NULL ORDER BY upload.id LIMIT ?`),
    segments: database.prepare<SegmentRow>(
      "SELECT part, lower(hex(blob)) AS blob, start, length FROM segment WHERE content = ? ORDER BY part, position",
    ),
    parts: database.prepare<PartRow>("SELECT number, size, etag FROM part WHERE content = ? ORDER BY number"),
  };
}
