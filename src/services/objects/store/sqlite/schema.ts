/**
 * What is on disk about objects; their bytes are in the blob store.
 *
 *     object ─┐
 *     object ─┴► content ◄─ upload          a content is a number; a copy shares that of its source
 *                  ├► segment ─► blob        the bytes, in the order of part and position
 *                  └► part                   only where it was uploaded in parts
 *
 * An upload has its content from the beginning, so that completing it moves no rows. A content to which no object and no
 * upload refers any more is noted in `dead_content` and taken apart in bounded pieces; a blob to which no segment refers
 * is noted in `dead_blob` until its bytes are gone.
 */
export const OBJECT_MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE bucket (
    id INTEGER PRIMARY KEY AUTOINCREMENT, -- Never used again, so that nothing lands in a bucket created later.
    name TEXT NOT NULL UNIQUE,
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    created_ms INTEGER NOT NULL
  );
  CREATE INDEX bucket_by_account ON bucket (account, name);

  CREATE TABLE bucket_setting (
    bucket INTEGER NOT NULL,
    setting TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (bucket, setting)
  ) WITHOUT ROWID;

  CREATE TABLE object (
    id INTEGER PRIMARY KEY AUTOINCREMENT, -- Tells whether an object is still the one that was read.
    bucket INTEGER NOT NULL,
    key BLOB NOT NULL,                    -- UTF-8; as BLOB, so that the index has the order of listings
    content INTEGER NOT NULL,
    size INTEGER NOT NULL,
    modified_ms INTEGER NOT NULL,
    etag TEXT NOT NULL,
    checksum_algorithm TEXT NOT NULL,
    checksum_type TEXT NOT NULL,
    checksum TEXT NOT NULL,
    storage_class TEXT NOT NULL,
    parts INTEGER NOT NULL,
    headers TEXT NOT NULL,                -- JSON object
    metadata TEXT NOT NULL,               -- JSON object
    tags TEXT NOT NULL                    -- JSON object
  );
  CREATE UNIQUE INDEX object_by_key ON object (bucket, key);
  CREATE INDEX object_by_content ON object (content);

  CREATE TABLE segment (
    content INTEGER NOT NULL,
    part INTEGER NOT NULL,                -- 0 where the object was not uploaded in parts
    position INTEGER NOT NULL,
    blob BLOB NOT NULL,                   -- 16 bytes
    start INTEGER NOT NULL,
    length INTEGER NOT NULL,
    PRIMARY KEY (content, part, position)
  ) WITHOUT ROWID;
  CREATE INDEX segment_by_blob ON segment (blob);

  CREATE TABLE part (
    content INTEGER NOT NULL,
    number INTEGER NOT NULL,
    size INTEGER NOT NULL,
    etag TEXT NOT NULL,
    checksum TEXT NOT NULL,
    modified_ms INTEGER NOT NULL,
    PRIMARY KEY (content, number)
  ) WITHOUT ROWID;

  CREATE TABLE upload (
    id INTEGER PRIMARY KEY AUTOINCREMENT, -- In the order of their creation.
    upload_id TEXT NOT NULL UNIQUE,
    bucket INTEGER NOT NULL,
    key BLOB NOT NULL,
    content INTEGER NOT NULL,
    created_ms INTEGER NOT NULL,
    revision INTEGER NOT NULL,            -- Grows with each part.
    disturbed INTEGER NOT NULL,           -- 1: the key was written or deleted since
    checksum_algorithm TEXT,
    checksum_type TEXT,
    storage_class TEXT NOT NULL,
    headers TEXT NOT NULL,
    metadata TEXT NOT NULL,
    tags TEXT NOT NULL,
    completed TEXT,                       -- JSON: the answer, kept for a while
    completed_ms INTEGER
  );
  CREATE INDEX upload_open ON upload (bucket, key, id) WHERE completed_ms IS NULL;
  CREATE INDEX upload_completed ON upload (completed_ms) WHERE completed_ms IS NOT NULL;

  CREATE TABLE dead_content (content INTEGER PRIMARY KEY);
  CREATE TABLE dead_blob (blob BLOB PRIMARY KEY) WITHOUT ROWID;

  CREATE TABLE object_counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
  INSERT INTO object_counter VALUES ('content', 0), ('generation', 0);
  `,
];
