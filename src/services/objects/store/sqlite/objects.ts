import type { Database } from "../../../../storage/sqlite/database.ts";
import type { ChecksumAlgorithm, ChecksumType } from "../../rules/checksum.ts";
import { checkWrite, type WriteCondition } from "../../rules/conditions.ts";
import { noSuchBucket, noSuchKey, operationAborted } from "../../rules/errors.ts";
import type { NewObject, ObjectDescription, ObjectOperations, Tags, Written } from "../store.ts";
import type { Buckets } from "./buckets.ts";
import type { Contents } from "./contents.ts";

/** Segments that are read along with an object; more are asked for when they are needed. */
const SEGMENTS_AT_ONCE = 16;

interface ObjectRow {
  readonly id: number;
  readonly bucket: number;
  readonly content: number;
  readonly size: number;
  readonly modified_ms: number;
  readonly etag: string;
  readonly checksum_algorithm: string;
  readonly checksum_type: string;
  readonly checksum: string;
  readonly storage_class: string;
  readonly parts: number;
  readonly headers: string;
  readonly metadata: string;
  readonly tags: string;
}

type Arguments<K extends keyof ObjectOperations> = Parameters<ObjectOperations[K]>[0];

export class Objects {
  readonly #statements;
  readonly #buckets: Buckets;
  readonly #contents: Contents;
  readonly #nowMs: () => number;

  constructor(database: Database, parts: { buckets: Buckets; contents: Contents; nowMs: () => number }) {
    this.#statements = prepare(database);
    this.#buckets = parts.buckets;
    this.#contents = parts.contents;
    this.#nowMs = parts.nowMs;
  }

  find(bucket: string, key: string): ObjectDescription | undefined {
    const row = this.#statements.findByName.get(Buffer.from(key), bucket);
    if (row === undefined) return undefined;
    return { ...objectOf(row), bucketId: row.bucket, key, segments: this.#contents.segments(row.content, SEGMENTS_AT_ONCE) };
  }

  put({ object, segments, condition }: Arguments<"putObject">): Written {
    const replaced = this.check(object, condition);
    const content = this.#contents.create();
    this.#contents.addSegments(content, 0, segments);
    return this.replace(replaced, object, { content, parts: 0 });
  }

  copy({ object, sourceId, condition }: Arguments<"copyObject">): Written {
    const replaced = this.check(object, condition);
    return this.replace(replaced, object, { content: this.contentOf(sourceId), parts: 0 });
  }

  /** The content of an object that must not have changed. @throws OperationAborted */
  contentOf(objectId: number): number {
    const source = this.#statements.content.get(objectId);
    if (source === undefined) throw operationAborted();
    return source.content;
  }

  /** Whether a write may happen. @returns the object that it will replace. */
  check({ bucketId, key }: Pick<NewObject, "bucketId" | "key">, condition: WriteCondition | undefined): ObjectRow | undefined {
    if (!this.#buckets.exists(bucketId)) throw noSuchBucket();
    const existing = this.#statements.find.get(bucketId, Buffer.from(key));
    checkWrite(condition, key, existing);
    return existing;
  }

  replace(replaced: ObjectRow | undefined, object: NewObject, made: { content: number; parts: number }): Written {
    const { bucketId, checksum } = object;
    const key = Buffer.from(object.key);
    const modifiedMs = this.#nowMs();
    if (replaced !== undefined) this.#statements.remove.run(replaced.id);
    const shape = [object.sizeBytes, modifiedMs, object.etag, checksum.algorithm, checksum.type, checksum.value] as const;
    const texts = [JSON.stringify(object.headers), JSON.stringify(object.metadata), JSON.stringify(object.tags)] as const;
    this.#statements.add.run(bucketId, key, made.content, ...shape, object.storageClass, made.parts, ...texts);
    this.#statements.disturb.run(bucketId, key);
    // After the new object stands: a copy onto itself keeps its content.
    if (replaced !== undefined) this.#contents.release(replaced.content);
    return { modifiedMs };
  }

  delete({ bucketId, key, condition }: Arguments<"deleteObject">): { existed: boolean } {
    const existing = this.check({ bucketId, key }, condition);
    if (existing === undefined) return { existed: false };
    this.#statements.remove.run(existing.id);
    this.#statements.disturb.run(bucketId, Buffer.from(key));
    this.#contents.release(existing.content);
    return { existed: true };
  }

  setTags(bucketId: number, key: string, tags: Tags): void {
    const changed = this.#statements.setTags.run(JSON.stringify(tags), bucketId, Buffer.from(key));
    if (changed === 0) throw noSuchKey(key);
  }
}

function objectOf(row: ObjectRow): Omit<ObjectDescription, "bucketId" | "key" | "segments"> {
  return {
    id: row.id,
    contentId: row.content,
    partsCount: row.parts,
    sizeBytes: row.size,
    modifiedMs: row.modified_ms,
    etag: row.etag,
    checksum: { algorithm: row.checksum_algorithm as ChecksumAlgorithm, type: row.checksum_type as ChecksumType, value: row.checksum },
    storageClass: row.storage_class,
    headers: JSON.parse(row.headers) as Record<string, string>,
    metadata: JSON.parse(row.metadata) as Record<string, string>,
    tags: JSON.parse(row.tags) as Record<string, string>,
  };
}

function prepare(database: Database) {
  return {
    find: database.prepare<ObjectRow>("SELECT * FROM object WHERE bucket = ? AND key = ?"),
    findByName: database.prepare<ObjectRow>("SELECT * FROM object WHERE key = ? AND bucket = (SELECT id FROM bucket WHERE name = ?)"),
    content: database.prepare<{ content: number }>("SELECT content FROM object WHERE id = ?"),
    remove: database.prepare("DELETE FROM object WHERE id = ?"),
    add: database.prepare(
      `INSERT INTO object (bucket, key, content, size, modified_ms, etag, checksum_algorithm, checksum_type, checksum, storage_class, parts,
         headers, metadata, tags) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    setTags: database.prepare("UPDATE object SET tags = ? WHERE bucket = ? AND key = ?"),
    disturb: database.prepare("UPDATE upload SET disturbed = 1 WHERE bucket = ? AND key = ? AND completed_ms IS NULL AND disturbed = 0"),
  };
}
