import { DAY_MS } from "../../../../kernel/units.ts";
import type { Database } from "../../../../storage/sqlite/database.ts";
import { conditionalRequestConflict, noSuchBucket, noSuchUpload, operationAborted } from "../../rules/errors.ts";
import type { CompletedUpload, Completion, NewUpload, ObjectOperations, UploadDescription, UploadRef, Written } from "../store.ts";
import type { Buckets } from "./buckets.ts";
import type { Contents } from "./contents.ts";
import { uploadChecksumOf } from "./listing.ts";
import type { Objects } from "./objects.ts";

/** How long the answer of a completed upload can be asked for again. */
const COMPLETED_KEPT_MS = DAY_MS;

interface UploadRow {
  readonly id: number;
  readonly bucket: number;
  readonly key: Uint8Array;
  readonly content: number;
  readonly created_ms: number;
  readonly revision: number;
  readonly disturbed: number;
  readonly checksum_algorithm: string | null;
  readonly checksum_type: string | null;
  readonly storage_class: string;
  readonly headers: string;
  readonly metadata: string;
  readonly tags: string;
  readonly completed: string | null;
}

type Arguments<K extends keyof ObjectOperations> = Parameters<ObjectOperations[K]>[0];
interface Neighbours {
  readonly buckets: Buckets;
  readonly contents: Contents;
  readonly objects: Objects;
  readonly nowMs: () => number;
}

export class Uploads {
  readonly #statements;
  readonly #neighbours: Neighbours;

  constructor(database: Database, neighbours: Neighbours) {
    this.#statements = prepare(database);
    this.#neighbours = neighbours;
  }

  create(upload: NewUpload): { createdMs: number } {
    const { buckets, contents, nowMs } = this.#neighbours;
    if (!buckets.exists(upload.bucketId)) throw noSuchBucket();
    const createdMs = nowMs();
    const { checksum } = upload;
    const texts = [JSON.stringify(upload.headers), JSON.stringify(upload.metadata), JSON.stringify(upload.tags)] as const;
    const named = [upload.uploadId, upload.bucketId, Buffer.from(upload.key), contents.create(), createdMs] as const;
    this.#statements.add.run(...named, checksum?.algorithm ?? null, checksum?.type ?? null, upload.storageClass, ...texts);
    return { createdMs };
  }

  /** Completed ones too. @throws NoSuchUpload */
  find(ref: UploadRef): UploadDescription {
    const row = this.#row(ref);
    return {
      ...ref,
      createdMs: row.created_ms,
      revision: row.revision,
      checksum: uploadChecksumOf(row),
      storageClass: row.storage_class,
      headers: JSON.parse(row.headers) as Record<string, string>,
      metadata: JSON.parse(row.metadata) as Record<string, string>,
      tags: JSON.parse(row.tags) as Record<string, string>,
      completed: row.completed === null ? undefined : (JSON.parse(row.completed) as CompletedUpload),
    };
  }

  putPart({ upload, part, segments }: Arguments<"putPart">): { modifiedMs: number } {
    const row = this.#open(upload);
    const modifiedMs = this.#neighbours.nowMs();
    this.#neighbours.contents.putPart(row.content, part, { segments, nowMs: modifiedMs });
    this.#statements.revise.run(row.id);
    return { modifiedMs };
  }

  copyPart({ upload, part, sourceId, range }: Arguments<"copyPart">): { modifiedMs: number } {
    const { contents, objects } = this.#neighbours;
    this.#open(upload);
    return this.putPart({ upload, part, segments: contents.overlapping(objects.contentOf(sourceId), range) });
  }

  parts({ upload, after, limit }: Arguments<"listParts">): ReturnType<Contents["parts"]> {
    return this.#neighbours.contents.parts(this.#open(upload).content, { after, limit });
  }

  complete({ upload, revision, partNumbers, object, condition, completed }: Completion): Written {
    const { objects, contents, nowMs } = this.#neighbours;
    const row = this.#open(upload);
    if (row.revision !== revision) throw operationAborted();
    const replaced = objects.check(object, condition);
    // What the condition was meant to see may have come and gone since the upload began.
    if (condition !== undefined && row.disturbed === 1) throw conditionalRequestConflict(condition.header, upload.key);
    const listed = new Set(partNumbers);
    for (const { number } of this.#statements.partNumbers.all(row.content))
      if (!listed.has(number)) contents.removePart(row.content, number);
    this.#statements.complete.run(JSON.stringify(completed), nowMs(), row.id);
    return objects.replace(replaced, object, { content: row.content, parts: partNumbers.length });
  }

  abort(ref: UploadRef): void {
    const row = this.#open(ref);
    this.#statements.remove.run(row.id);
    this.#neighbours.contents.release(row.content);
  }

  /** Forgets answers that nobody will ask for any more. True: there may be more. */
  tidy(limit: number): boolean {
    const beforeMs = this.#neighbours.nowMs() - COMPLETED_KEPT_MS;
    const old = this.#statements.oldest.all(beforeMs, limit);
    for (const { id } of old) this.#statements.remove.run(id);
    return old.length === limit;
  }

  #row({ bucketId, key, uploadId }: UploadRef): UploadRow {
    const row = this.#statements.find.get(uploadId);
    if (row === undefined || row.bucket !== bucketId || !Buffer.from(key).equals(row.key)) throw noSuchUpload(uploadId);
    return row;
  }

  #open(ref: UploadRef): UploadRow {
    const row = this.#row(ref);
    if (row.completed !== null) throw noSuchUpload(ref.uploadId);
    return row;
  }
}

function prepare(database: Database) {
  return {
    add: database.prepare(
      `INSERT INTO upload (upload_id, bucket, key, content, created_ms, revision, disturbed, checksum_algorithm, checksum_type, storage_class,
         headers, metadata, tags) VALUES (?, ?, ?, ?, ?, 0, 0, ?, ?, ?, ?, ?, ?)`,
    ),
    find: database.prepare<UploadRow>("SELECT * FROM upload WHERE upload_id = ?"),
    revise: database.prepare("UPDATE upload SET revision = revision + 1 WHERE id = ?"),
    complete: database.prepare("UPDATE upload SET completed = ?, completed_ms = ? WHERE id = ?"),
    remove: database.prepare("DELETE FROM upload WHERE id = ?"),
    oldest: database.prepare<{ id: number }>("SELECT id FROM upload WHERE completed_ms < ? LIMIT ?"),
    partNumbers: database.prepare<{ number: number }>("SELECT number FROM part WHERE content = ?"),
  };
}
