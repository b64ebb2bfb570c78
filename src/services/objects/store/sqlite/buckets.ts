import type { Database } from "../../../../storage/sqlite/database.ts";
import { bucketAlreadyExists, bucketAlreadyOwnedByYou, bucketNotEmpty } from "../../rules/errors.ts";
import type { BucketDescription, BucketSetting, BucketSummary, NewBucket } from "../store.ts";
import type { Contents } from "./contents.ts";

interface BucketRow {
  readonly id: number;
  readonly name: string;
  readonly account: string;
  readonly region: string;
  readonly created_ms: number;
}

export class Buckets {
  readonly #statements;
  readonly #contents: Contents;

  constructor(database: Database, contents: Contents) {
    this.#statements = prepare(database);
    this.#contents = contents;
  }

  create(bucket: NewBucket, nowMs: number): { created: boolean } {
    const existing = this.#statements.find.get(bucket.name);
    if (existing !== undefined) {
      if (existing.account !== bucket.account) throw bucketAlreadyExists(bucket.name);
      if (existing.region !== bucket.region) throw bucketAlreadyOwnedByYou(bucket.name);
      return { created: false };
    }
    this.#statements.add.run(bucket.name, bucket.account, bucket.region, nowMs);
    const id = this.#statements.find.get(bucket.name)?.id ?? 0;
    if (Object.keys(bucket.tags).length > 0) this.set(id, "tags", JSON.stringify(bucket.tags));
    return { created: true };
  }

  find(name: string): BucketDescription | undefined {
    const row = this.#statements.find.get(name);
    if (row === undefined) return undefined;
    const settings = Object.fromEntries(this.#statements.settings.all(row.id).map(({ setting, value }) => [setting, value]));
    return { ...summaryOf(row), id: row.id, account: row.account, settings };
  }

  exists(id: number): boolean {
    return this.#statements.exists.get(id) !== undefined;
  }

  delete(id: number): void {
    if (this.#statements.anyObject.get(id) !== undefined) throw bucketNotEmpty(this.#statements.exists.get(id)?.name ?? "");
    this.#contents.releaseUploads(id);
    this.#statements.removeUploads.run(id);
    this.#statements.removeSettings.run(id);
    this.#statements.remove.run(id);
  }

  list(page: { account: string; prefix: string; after: string; limit: number }): { buckets: BucketSummary[]; more: boolean } {
    const { account, prefix, after, limit } = page;
    const rows = this.#statements.list.all(account, after, prefix, prefix, limit + 1);
    return { buckets: rows.slice(0, limit).map(summaryOf), more: rows.length > limit };
  }

  set(id: number, setting: BucketSetting, value: string | null): void {
    if (value === null) this.#statements.removeSetting.run(id, setting);
    else this.#statements.set.run(id, setting, value);
  }
}

function summaryOf(row: BucketRow): BucketSummary {
  return { name: row.name, region: row.region, createdMs: row.created_ms };
}

function prepare(database: Database) {
  return {
    find: database.prepare<BucketRow>("SELECT * FROM bucket WHERE name = ?"),
    exists: database.prepare<{ name: string }>("SELECT name FROM bucket WHERE id = ?"),
    add: database.prepare("INSERT INTO bucket (name, account, region, created_ms) VALUES (?, ?, ?, ?)"),
    remove: database.prepare("DELETE FROM bucket WHERE id = ?"),
    // Names are ASCII, so that SQLite's length is that of the prefix.
    list: database.prepare<BucketRow>(
      "SELECT * FROM bucket WHERE account = ? AND name > ? AND substr(name, 1, length(?)) = ? ORDER BY name LIMIT ?",
    ),
    settings: database.prepare<{ setting: string; value: string }>("SELECT setting, value FROM bucket_setting WHERE bucket = ?"),
    set: database.prepare("INSERT INTO bucket_setting VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value"),
    removeSetting: database.prepare("DELETE FROM bucket_setting WHERE bucket = ? AND setting = ?"),
    removeSettings: database.prepare("DELETE FROM bucket_setting WHERE bucket = ?"),
    anyObject: database.prepare("SELECT 1 FROM object WHERE bucket = ? LIMIT 1"),
    removeUploads: database.prepare("DELETE FROM upload WHERE bucket = ?"),
  };
}
