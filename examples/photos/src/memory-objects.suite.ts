import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { TooLarge } from "./objects.ts";
import type { Listed, Objects, Versioned } from "./objects.ts";

interface Stored {
  readonly bytes: Buffer;
  readonly contentType: string;
  readonly changedMs: number;
}

/** Buckets in memory, for tests of what needs only a bucket's behaviour. */
export class MemoryObjects implements Objects {
  readonly stored = new Map<string, Stored>();
  /** Called before each conditional write, so that a test can be the other writer. */
  beforeWrite: (key: string) => void = () => undefined;
  writes = 0;
  #clockMs = 0;

  async read(bucket: string, key: string, bytesMax: number): Promise<Buffer | undefined> {
    const found = this.stored.get(`${bucket}/${key}`);
    if (found !== undefined && found.bytes.length > bytesMax) throw new TooLarge(key);
    return found?.bytes;
  }

  async stream(bucket: string, key: string): Promise<Readable | undefined> {
    const found = this.stored.get(`${bucket}/${key}`);
    return found === undefined ? undefined : Readable.from([found.bytes]);
  }

  async exists(bucket: string, key: string): Promise<boolean> {
    return this.stored.has(`${bucket}/${key}`);
  }

  async write(bucket: string, key: string, { bytes, contentType }: { bytes: Buffer; contentType: string }): Promise<void> {
    this.writes += 1;
    this.stored.set(`${bucket}/${key}`, { bytes, contentType, changedMs: (this.#clockMs += 1000) });
  }

  async remove(bucket: string, key: string): Promise<void> {
    this.stored.delete(`${bucket}/${key}`);
  }

  async readJson(bucket: string, key: string): Promise<Versioned | undefined> {
    const found = this.stored.get(`${bucket}/${key}`);
    return found === undefined ? undefined : { value: JSON.parse(found.bytes.toString()), etag: etagOf(found.bytes) };
  }

  async writeJson(bucket: string, key: string, { value, expected }: { value: unknown; expected: string }): Promise<string | undefined> {
    this.beforeWrite(key);
    const found = this.stored.get(`${bucket}/${key}`);
    if ((found === undefined ? "none" : etagOf(found.bytes)) !== expected) return undefined;
    const bytes = Buffer.from(JSON.stringify(value));
    await this.write(bucket, key, { bytes, contentType: "application/json" });
    return etagOf(bytes);
  }

  async *list(bucket: string, prefix: string): AsyncIterable<Listed> {
    for (const [path, { bytes, changedMs }] of [...this.stored].sort(([one], [other]) => (one < other ? -1 : 1)))
      if (path.startsWith(`${bucket}/${prefix}`)) yield { key: path.slice(bucket.length + 1), etag: etagOf(bytes), changedMs };
  }

  async uploadUrl(bucket: string, key: string): Promise<string> {
    return `http://store.test/${bucket}/${key}?put`;
  }

  async downloadUrl(bucket: string, key: string, fileName?: string): Promise<string> {
    return `http://store.test/${bucket}/${key}?get${fileName === undefined ? "" : `&as=${encodeURIComponent(fileName)}`}`;
  }

  keys(prefix: string): string[] {
    return [...this.stored.keys()].filter((path) => path.startsWith(prefix)).sort();
  }
}

function etagOf(bytes: Buffer): string {
  return `"${createHash("md5").update(bytes).digest("hex")}"`;
}
