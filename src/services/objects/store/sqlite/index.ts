import type { Database } from "../../../../storage/sqlite/database.ts";
import type { EnginePort, OpenedStore, StoreModule } from "../../../../storage/sqlite/module.ts";
import type { ObjectOperations } from "../store.ts";
import { Buckets } from "./buckets.ts";
import { Check } from "./check.ts";
import { Contents } from "./contents.ts";
import { objectListing, uploadListing } from "./listing.ts";
import { Objects } from "./objects.ts";
import { OBJECT_MIGRATIONS } from "./schema.ts";
import { Sequence } from "./sequence.ts";
import { Uploads } from "./uploads.ts";

/** The object store on SQLite. */
export const objectStore: StoreModule = { service: "objects", migrations: OBJECT_MIGRATIONS, open };

function open(database: Database, engine: EnginePort): OpenedStore {
  const nowMs = () => engine.nowMs();
  const contents = new Contents(database);
  const buckets = new Buckets(database, contents);
  const objects = new Objects(database, { buckets, contents, nowMs });
  const uploads = new Uploads(database, { buckets, contents, objects, nowMs });
  const check = new Check(database);
  const sequence = new Sequence();
  const operations: ObjectOperations = {
    createBucket: (bucket) => buckets.create(bucket, nowMs()),
    findBucket: ({ name }) => buckets.find(name),
    deleteBucket: ({ bucketId }) => buckets.delete(bucketId),
    listBuckets: (page) => buckets.list(page),
    setBucketSetting: ({ bucketId, setting, value }) => buckets.set(bucketId, setting, value),
    findObject: ({ bucket, key }) => objects.find(bucket, key),
    readSegments: ({ contentId, range }) => contents.overlapping(contentId, range),
    listObjectParts: ({ contentId, after, limit }) => contents.parts(contentId, { after, limit }),
    putObject: (args) => objects.put(args),
    copyObject: (args) => objects.copy(args),
    deleteObject: (args) => objects.delete(args),
    setObjectTags: ({ bucketId, key, tags }) => objects.setTags(bucketId, key, tags),
    checkSequence: (args) => sequence.check(args),
    listObjects: objectListing(database),
    createUpload: (upload) => uploads.create(upload),
    findUpload: (ref) => uploads.find(ref),
    putPart: (args) => uploads.putPart(args),
    copyPart: (args) => uploads.copyPart(args),
    listParts: (args) => uploads.parts(args),
    listUploads: uploadListing(database),
    completeUpload: (args) => uploads.complete(args),
    abortUpload: ({ upload }) => uploads.abort(upload),
    startGeneration: () => contents.startGeneration(),
    listGarbage: ({ after, limit }) => contents.listDeadBlobs(after, limit),
    forgetGarbage: ({ blobs }) => contents.forgetDeadBlobs(blobs),
    adoptOrphans: ({ blobs }) => ({ adopted: contents.adopt(blobs) }),
    tidy: ({ limit }) => contents.tidy(limit) || (!engine.ageingHeld() && uploads.tidy(limit)),
    check: (args) => check.piece(args),
  };
  const growing: (keyof ObjectOperations)[] = ["createBucket", "putObject", "copyObject", "createUpload", "putPart", "copyPart"];
  return { operations: { ...operations }, growing };
}
