import type { StoreCall } from "../../../src/storage/storage.ts";
import type { BucketDescription, ObjectDescription, ObjectOperations } from "../../../src/services/objects/store/store.ts";
import type { SeenObject, ShownBucket } from "./shown.ts";

type Arguments<K extends keyof ObjectOperations> = Parameters<ObjectOperations[K]>[0];

interface Upload {
  readonly key: string;
  /** By number: MD5 in hex. */
  readonly parts: Map<number, string>;
}

interface Bucket {
  /** Once an answer has told it. */
  id: number | undefined;
  readonly settings: Record<string, string>;
  readonly objects: Map<string, SeenObject>;
  readonly uploads: Map<string, Upload>;
}

/** What notifications of the load's bucket are about. */
const TOLD = new Set(["objects.putObject", "objects.copyObject", "objects.deleteObject", "objects.completeUpload"]);

/** What is known of buckets and objects from what was answered. */
export class ObjectAccount {
  static readonly CHANGES: ReadonlySet<string> = new Set(
    [
      "createBucket",
      "deleteBucket",
      "setBucketSetting",
      "putObject",
      "copyObject",
      "deleteObject",
      "setObjectTags",
      "createUpload",
      "putPart",
    ]
      .concat(["completeUpload", "abortUpload"])
      .map((name) => `objects.${name}`),
  );

  readonly #buckets = new Map<string, Bucket>();
  /** Objects by the number that an answer has told, for copies. */
  readonly #read = new Map<number, SeenObject>();

  apply({ operation, args }: StoreCall, result: unknown): void {
    switch (operation) {
      case "objects.createBucket":
        return this.#create((args as Arguments<"createBucket">).name);
      case "objects.findBucket":
        return this.#found(result as BucketDescription | undefined);
      case "objects.findObject":
        return this.#noteRead(args as Arguments<"findObject">, result as ObjectDescription | undefined);
      case "objects.setBucketSetting":
        return this.#set(args as Arguments<"setBucketSetting">);
      case "objects.putObject": {
        const { object } = args as Arguments<"putObject">;
        return this.#put(object, object.sizeBytes === 0 ? [] : [object.etag]);
      }
      case "objects.copyObject": {
        const { object, sourceId } = args as Arguments<"copyObject">;
        return this.#put(object, this.#read.get(sourceId)?.contents ?? []);
      }
      case "objects.deleteObject": {
        const { bucketId, key } = args as Arguments<"deleteObject">;
        return void this.#bucket(bucketId).objects.delete(key);
      }
      case "objects.setObjectTags":
        return this.#tag(args as Arguments<"setObjectTags">);
      case "objects.createUpload":
      case "objects.putPart":
      case "objects.completeUpload":
      case "objects.abortUpload":
        return this.#upload(operation, args);
      case "objects.deleteBucket":
      case "objects.copyPart":
        throw new TypeError(`the load does not ask for ${operation}`);
      default:
    }
  }

  /** Whether an operation changes an object of a bucket that tells of it: the message must be in the same unit. */
  tells({ operation, args }: StoreCall): boolean {
    if (!TOLD.has(operation)) return false;
    const { object, bucketId = object?.bucketId } = args as { object?: { bucketId: number }; bucketId?: number };
    return this.#bucket(bucketId ?? 0).settings["notifications"] !== undefined;
  }

  shown(): ShownBucket[] {
    return [...this.#buckets].map(([name, { settings, objects, uploads }]) => ({
      name,
      settings,
      objects: [...objects.values()].sort((a, b) => (a.key < b.key ? -1 : 1)),
      uploads: [...uploads]
        .map(([uploadId, { key, parts }]) => ({ key, uploadId, parts: [...parts].sort(([a], [b]) => a - b).map(([, md5]) => md5) }))
        // Of one key in the order in which they were begun, as S3 lists them.
        .sort((a, b) => (a.key < b.key ? -1 : Number(a.key > b.key))),
    }));
  }

  #create(name: string): void {
    if (!this.#buckets.has(name)) this.#buckets.set(name, { id: undefined, settings: {}, objects: new Map(), uploads: new Map() });
  }

  #found(description: BucketDescription | undefined): void {
    const bucket = description === undefined ? undefined : this.#buckets.get(description.name);
    if (bucket !== undefined) bucket.id = description?.id;
  }

  #noteRead({ bucket, key }: Arguments<"findObject">, description: ObjectDescription | undefined): void {
    const object = this.#buckets.get(bucket)?.objects.get(key);
    if (description !== undefined && object !== undefined) this.#read.set(description.id, object);
  }

  #set({ bucketId, setting, value }: Arguments<"setBucketSetting">): void {
    const { settings } = this.#bucket(bucketId);
    if (value === null) delete settings[setting];
    else settings[setting] = value;
  }

  #put({ bucketId, key, etag, sizeBytes, tags }: Arguments<"putObject">["object"], contents: readonly string[]): void {
    this.#bucket(bucketId).objects.set(key, { key, etag, sizeBytes, tags, contents });
  }

  #tag({ bucketId, key, tags }: Arguments<"setObjectTags">): void {
    const { objects } = this.#bucket(bucketId);
    const object = objects.get(key);
    if (object !== undefined) objects.set(key, { ...object, tags });
  }

  #upload(operation: string, args: unknown): void {
    if (operation === "objects.createUpload") {
      const { bucketId, key, uploadId } = args as Arguments<"createUpload">;
      return void this.#bucket(bucketId).uploads.set(uploadId, { key, parts: new Map() });
    }
    const { upload } = args as Arguments<"abortUpload">;
    const { uploads } = this.#bucket(upload.bucketId);
    const found = uploads.get(upload.uploadId);
    if (found === undefined) throw new Error(`the upload ${upload.uploadId} answers, but was not created`);
    if (operation === "objects.putPart") {
      const { part } = args as Arguments<"putPart">;
      return void found.parts.set(part.number, part.etag);
    }
    uploads.delete(upload.uploadId);
    if (operation === "objects.abortUpload") return;
    const { object, partNumbers } = args as Arguments<"completeUpload">;
    this.#put(
      object,
      partNumbers.map((number) => found.parts.get(number) ?? ""),
    );
  }

  #bucket(id: number): Bucket {
    for (const bucket of this.#buckets.values()) if (bucket.id === id) return bucket;
    throw new Error(`bucket ${id} answers, but was not found before`);
  }
}
