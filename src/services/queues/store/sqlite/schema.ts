/**
 * What is on disk.
 *
 * What changes often is small, what is large is written once. Who may be received is the order of `ready`, who is
 * hidden (in flight or delayed) is the order of `hidden`, both by integers alone; a message's body is written once and
 * never touched again until it is swept. A body that is no longer wanted is only noted in `dead`: deleting bodies one by
 * one, each on its own page, cost half of all the work of a message (measured with 1 KB bodies, November 2026).
 *
 * A message is in exactly one of `ready` and `hidden`; a delayed one is hidden with a receive count of 0.
 */
export const QUEUE_MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE queue (
    id INTEGER PRIMARY KEY AUTOINCREMENT, -- Never used again, so that a receipt of a deleted queue fits no other.
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    name TEXT NOT NULL,
    attributes TEXT NOT NULL,             -- JSON object of those that were set
    tags TEXT NOT NULL,                   -- JSON object
    created_ms INTEGER NOT NULL,
    modified_ms INTEGER NOT NULL,
    purged_ms INTEGER,                    -- the last PurgeQueue
    deleted_ms INTEGER                    -- a deleted queue is kept while its name rests
  );
  CREATE UNIQUE INDEX queue_by_name ON queue (account, region, name) WHERE deleted_ms IS NULL;
  CREATE INDEX queue_deleted ON queue (account, region, name, deleted_ms) WHERE deleted_ms IS NOT NULL;

  CREATE TABLE message_count (
    queue INTEGER PRIMARY KEY,
    visible INTEGER NOT NULL,
    in_flight INTEGER NOT NULL,
    delayed INTEGER NOT NULL
  );

  CREATE TABLE ready (
    queue INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    sent_ms INTEGER NOT NULL,
    receive_count INTEGER NOT NULL,
    first_received_ms INTEGER,
    PRIMARY KEY (queue, sequence)
  ) WITHOUT ROWID;

  CREATE TABLE hidden (
    queue INTEGER NOT NULL,
    visible_ms INTEGER NOT NULL,          -- until when it is hidden
    sequence INTEGER NOT NULL,
    sent_ms INTEGER NOT NULL,
    receive_count INTEGER NOT NULL,
    first_received_ms INTEGER,
    PRIMARY KEY (queue, visible_ms, sequence)
  ) WITHOUT ROWID;

  -- Where a hidden message is when its receipt no longer says so: after a change of visibility or a second receive.
  CREATE TABLE relocated (sequence INTEGER PRIMARY KEY, visible_ms INTEGER NOT NULL);

  CREATE TABLE body (
    sequence INTEGER PRIMARY KEY,
    message_id TEXT NOT NULL,
    sender_id TEXT NOT NULL,
    body_md5 TEXT NOT NULL,
    attributes TEXT,
    trace_header TEXT,
    group_id TEXT,
    body TEXT NOT NULL
  );

  CREATE TABLE dead (sequence INTEGER PRIMARY KEY);

  -- Messages up to a sequence that are gone, but not yet swept: after PurgeQueue and DeleteQueue.
  CREATE TABLE voided (queue INTEGER PRIMARY KEY, through INTEGER NOT NULL);

  CREATE TABLE last_sequence (value INTEGER NOT NULL);
  INSERT INTO last_sequence VALUES (0);
  `,
  // An encrypted body is a blob, a plain one text; the eight bytes name the master key (src/storage/encryption.ts). The
  // index tells at the start which keys are still needed, and costs nothing where bodies are plain.
  `
  CREATE INDEX body_by_master_key ON body (substr(body, 2, 8)) WHERE typeof(body) = 'blob';
  `,
  `
  -- MessageGroupIds as numbers, for the rows that are written often.
  CREATE TABLE message_group (
    id INTEGER PRIMARY KEY,
    queue INTEGER NOT NULL,
    group_id TEXT NOT NULL,
    turn INTEGER                          -- of FIFO queues: the order in which groups that can be served are served
  );
  CREATE UNIQUE INDEX message_group_by_name ON message_group (queue, group_id);
  CREATE INDEX message_group_by_turn ON message_group (queue, turn) WHERE turn IS NOT NULL;

  -- Of a message with a group its number; messages without one are in neither index and cost nothing.
  ALTER TABLE ready ADD COLUMN message_group INTEGER;
  CREATE INDEX ready_by_group ON ready (message_group, sequence) WHERE message_group IS NOT NULL;
  ALTER TABLE hidden ADD COLUMN message_group INTEGER;
  CREATE INDEX hidden_by_group ON hidden (message_group, sequence) WHERE message_group IS NOT NULL;

  -- FIFO queues
  ALTER TABLE body ADD COLUMN deduplication_id TEXT;
  ALTER TABLE queue ADD COLUMN deduplicates_per_group INTEGER NOT NULL DEFAULT 0; -- as the queue was created
  ALTER TABLE queue ADD COLUMN purged_through INTEGER NOT NULL DEFAULT 0;         -- what was sent up to here is purged
  UPDATE queue SET purged_through = coalesce((SELECT through FROM voided WHERE voided.queue = id), 0);

  -- What a FIFO queue has accepted, for five minutes.
  CREATE TABLE deduplication (
    queue INTEGER NOT NULL,
    key TEXT NOT NULL,                    -- the deduplication id, behind its group where each group has its own
    message_id TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    sent_ms INTEGER NOT NULL,
    PRIMARY KEY (queue, key)
  ) WITHOUT ROWID;

  -- What receives with a ReceiveRequestAttemptId were given, for five minutes.
  CREATE TABLE receive_attempt (
    queue INTEGER NOT NULL,
    attempt_id TEXT NOT NULL,
    asked_ms INTEGER NOT NULL,
    receipts TEXT NOT NULL,               -- JSON array of receipts, each with when its message becomes visible
    PRIMARY KEY (queue, attempt_id)
  ) WITHOUT ROWID;
  `,
  `
  -- The upkeep looks for queues that have messages, and must not pass by all that have none.
  CREATE INDEX message_count_used ON message_count (queue) WHERE visible + in_flight + delayed > 0;
  `,
  `
  -- A DelaySeconds of a FIFO queue that has changed: up to where its delayed messages have the new one.
  CREATE TABLE delay_change (queue INTEGER PRIMARY KEY, visible_ms INTEGER NOT NULL, sequence INTEGER NOT NULL);
  `,
  `
  -- Standard queues that have had a message with a group. From the first of them on every message there has a group;
  -- those without a MessageGroupId share the one whose name is empty.
  CREATE TABLE fair_queue (
    queue INTEGER PRIMARY KEY,
    since INTEGER NOT NULL,               -- sequence of that message
    processing_ms REAL NOT NULL,          -- recent processing time (rules/fairness.ts)
    processing_at_ms INTEGER NOT NULL
  );

  -- Message groups of fair queues while they have messages. Who is served first has the lowest rank, then the lowest head.
  CREATE TABLE tenant (
    message_group INTEGER PRIMARY KEY,
    queue INTEGER NOT NULL,
    rank INTEGER NOT NULL,                -- 0: quiet; else noisy, and one more than it has in flight
    head INTEGER,                         -- sequence of its oldest visible message
    visible INTEGER NOT NULL,
    in_flight INTEGER NOT NULL,
    delayed INTEGER NOT NULL,
    processing_ms REAL NOT NULL,
    processing_at_ms INTEGER NOT NULL,
    last_sent_ms INTEGER NOT NULL,
    purged_through INTEGER NOT NULL       -- as of its queue; where that has changed since, all the rest is void
  );
  CREATE INDEX tenant_by_turn ON tenant (queue, rank, head) WHERE head IS NOT NULL;
  `,
  `
  -- Which queues name a queue as their dead-letter queue. By names, since a policy outlives the queue that it names.
  CREATE TABLE dead_letter_source (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    dead_letter_queue TEXT NOT NULL,
    source TEXT NOT NULL,
    PRIMARY KEY (account, region, dead_letter_queue, source)
  ) WITHOUT ROWID;

  -- Messages that were moved to a dead-letter queue. Their order there, the sequence, says nothing of their age.
  CREATE TABLE dead_letter (
    sequence INTEGER PRIMARY KEY,
    queue INTEGER NOT NULL,               -- the dead-letter queue
    source TEXT NOT NULL,                 -- name of the queue that gave it up, of the same account and region
    sent_ms INTEGER NOT NULL,             -- what its retention counts from
    moved_ms INTEGER NOT NULL
  );
  CREATE INDEX dead_letter_by_age ON dead_letter (queue, sent_ms);

  CREATE TABLE move_task (
    number INTEGER PRIMARY KEY AUTOINCREMENT, -- in the order of their starts
    task_id TEXT NOT NULL,
    queue INTEGER NOT NULL,               -- the source, with its name
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    source TEXT NOT NULL,
    destination TEXT,                     -- a queue's name; null: each message to the queue that it came from
    per_second INTEGER,
    status TEXT NOT NULL,
    failure TEXT,
    started_ms INTEGER NOT NULL,
    through INTEGER NOT NULL,             -- what comes into the source after the start stays there
    passed INTEGER NOT NULL,              -- how far the task has looked, by sequence
    to_move INTEGER NOT NULL,
    moved INTEGER NOT NULL,
    next_ms REAL NOT NULL                 -- when the rate allows the next message
  );
  CREATE INDEX move_task_by_source ON move_task (queue, number);
  CREATE INDEX move_task_running ON move_task (next_ms) WHERE status = 'RUNNING';
  `,
  `
  -- What FIFO queues have accepted, for five minutes, in the order of time: a row is written where the last one was. Which
  -- row may be of a key is known in memory (recent-keys.ts).
  CREATE TABLE deduplication_by_time (
    sequence INTEGER PRIMARY KEY,
    queue INTEGER NOT NULL,
    key TEXT NOT NULL,                    -- the deduplication id, behind its group where each group has its own
    message_id TEXT NOT NULL,
    sent_ms INTEGER NOT NULL
  );
  INSERT INTO deduplication_by_time SELECT sequence, queue, key, message_id, sent_ms FROM deduplication ORDER BY sequence;
  DROP TABLE deduplication;
  ALTER TABLE deduplication_by_time RENAME TO deduplication;
  `,
  `
  -- CRC-32 of the row and of where its message stands (checksum.ts); null in rows of earlier releases.
  ALTER TABLE body ADD COLUMN checksum INTEGER;

  -- Messages that were found damaged; their bodies stay as they are.
  CREATE TABLE quarantine (
    sequence INTEGER PRIMARY KEY,
    queue INTEGER NOT NULL,
    message_id TEXT,                      -- as it was found
    damage TEXT NOT NULL,
    sent_ms INTEGER NOT NULL,
    receive_count INTEGER NOT NULL,
    found_ms INTEGER NOT NULL
  );
  CREATE INDEX quarantine_by_queue ON quarantine (queue, sequence);
  CREATE INDEX quarantine_by_time ON quarantine (found_ms);
  `,
  `
  -- Of groups of FIFO queues that are locked: when their oldest message was sent, where its retention may free them.
  ALTER TABLE message_group ADD COLUMN head_sent_ms INTEGER;
  UPDATE message_group
  SET head_sent_ms = (SELECT sent_ms FROM hidden WHERE hidden.message_group = message_group.id ORDER BY sequence LIMIT 1)
  WHERE turn IS NULL AND queue IN (SELECT id FROM queue WHERE name LIKE '%.fifo');
  CREATE INDEX message_group_by_head ON message_group (queue, head_sent_ms) WHERE head_sent_ms IS NOT NULL;
  `,
  `
  -- One row for all that one send has brought, since most of what a row costs is its insert.
  CREATE TABLE deduplication_by_send (
    sequence INTEGER PRIMARY KEY,         -- that of its first message
    queue INTEGER NOT NULL,
    sent_ms INTEGER NOT NULL,
    messages TEXT NOT NULL                -- a line each: sequence, message id and key (fifo-deduplication.ts)
  );
  INSERT INTO deduplication_by_send
  SELECT sequence, queue, sent_ms, sequence || ' ' || message_id || ' ' || key FROM deduplication ORDER BY sequence;
  DROP TABLE deduplication;
  ALTER TABLE deduplication_by_send RENAME TO deduplication;
  `,
];
