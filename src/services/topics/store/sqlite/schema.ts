/**
 * What is on disk about topics. A topic that was deleted is out of sight at once, and its subscriptions with it; they
 * are swept in pieces.
 */
export const TOPIC_MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE topic (
    id INTEGER PRIMARY KEY AUTOINCREMENT, -- Never used again, so that nothing of a deleted topic belongs to another.
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    name TEXT NOT NULL,
    fifo INTEGER NOT NULL,
    attributes TEXT NOT NULL,             -- JSON object of those that were set
    tags TEXT NOT NULL,                   -- JSON object
    confirmed INTEGER NOT NULL,           -- subscriptions
    pending INTEGER NOT NULL,
    ended INTEGER NOT NULL,
    sequence INTEGER NOT NULL,            -- the last one given; FIFO topics
    deleted INTEGER NOT NULL
  );
  CREATE UNIQUE INDEX topic_by_name ON topic (account, region, name) WHERE deleted = 0;
  CREATE INDEX topic_by_kind ON topic (account, region, fifo) WHERE deleted = 0;
  CREATE INDEX topic_deleted ON topic (id) WHERE deleted = 1;

  CREATE TABLE subscription (
    id INTEGER PRIMARY KEY AUTOINCREMENT, -- the order of making, in which pages are listed
    topic INTEGER NOT NULL,
    uuid TEXT NOT NULL UNIQUE,
    account TEXT NOT NULL,                -- the topic's, and its region
    region TEXT NOT NULL,
    owner TEXT NOT NULL,
    principal TEXT NOT NULL,
    protocol TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    attributes TEXT NOT NULL,             -- JSON object of those that were set
    filtered INTEGER NOT NULL,            -- 1: it has a filter policy
    base_url TEXT NOT NULL,
    confirmed INTEGER NOT NULL,
    authenticated INTEGER NOT NULL
  );
  CREATE UNIQUE INDEX subscription_by_endpoint ON subscription (topic, protocol, endpoint);
  CREATE INDEX subscription_by_topic ON subscription (topic, id);
  CREATE INDEX subscription_by_account ON subscription (account, region, id);
  CREATE INDEX subscription_filtered ON subscription (topic) WHERE filtered = 1;

  -- What FIFO topics have taken in the last five minutes.
  CREATE TABLE publication (
    topic INTEGER NOT NULL,
    key TEXT NOT NULL,
    published_ms INTEGER NOT NULL,
    message_id TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    PRIMARY KEY (topic, key)
  ) WITHOUT ROWID;
  CREATE INDEX publication_by_age ON publication (published_ms);
  `,
  `
  ALTER TABLE subscription ADD COLUMN made_ms INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE subscription ADD COLUMN signed_end INTEGER NOT NULL DEFAULT 0; -- 1: only who says who it is may end it
  CREATE INDEX subscription_pending ON subscription (made_ms) WHERE confirmed = 0;

  -- By what an endpoint that was asked says yes: to a subscription, or to have back one that was ended.
  CREATE TABLE token (
    token TEXT PRIMARY KEY,
    subscription TEXT NOT NULL,           -- its UUID
    made_ms INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE INDEX token_by_age ON token (made_ms);

  CREATE TABLE ended_subscription (
    uuid TEXT PRIMARY KEY,
    topic INTEGER NOT NULL,
    subscription TEXT NOT NULL,           -- JSON: what it was, to be made again
    ended_ms INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE INDEX ended_by_age ON ended_subscription (ended_ms);
  `,
  `
  -- What waits to be sent to HTTP endpoints.
  CREATE TABLE outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT, -- Never used again, so that nobody settles another message than he has sent.
    subscription TEXT NOT NULL,           -- its UUID
    due_ms INTEGER NOT NULL,
    taken INTEGER NOT NULL,               -- 1: it is being sent
    tries INTEGER NOT NULL,               -- that have failed
    message TEXT NOT NULL                 -- JSON
  );
  CREATE INDEX outbox_due ON outbox (subscription, taken, due_ms);
  CREATE INDEX outbox_taken ON outbox (id) WHERE taken = 1;

  -- When each subscription with something in the outbox wants something sent next, and from when on it may be.
  CREATE TABLE outbox_turn (
    subscription TEXT PRIMARY KEY,
    turn_ms INTEGER NOT NULL,
    from_ms INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE INDEX outbox_turn_next ON outbox_turn (turn_ms);
  `,
  `
  -- How many topics an account has in a region: to count them would take longer the more there are.
  CREATE TABLE topic_count (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    fifo INTEGER NOT NULL,
    topics INTEGER NOT NULL,
    PRIMARY KEY (account, region, fifo)
  ) WITHOUT ROWID;
  INSERT INTO topic_count SELECT account, region, fifo, count(*) FROM topic WHERE deleted = 0 GROUP BY account, region, fifo;
  DROP INDEX topic_by_kind;
  `,
  `
  -- ListSubscriptions: an account's own, whosever topics they are to.
  DROP INDEX subscription_by_account;
  CREATE INDEX subscription_by_owner ON subscription (owner, region, id);
  `,
];
