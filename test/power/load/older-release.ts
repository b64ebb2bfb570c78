import { hash } from "node:crypto";
import { openDirectory } from "../../../src/storage/sqlite/open.ts";
import { modules, START_MS } from "./modules.ts";
import type { Answered } from "./noted-storage.ts";

const HIDDEN_UNTIL_MS = START_MS + 40_000_000;
const QUEUE = { account: "000000000000", region: "us-east-1", name: "older" };
const SENDER = "AIDAOLDER";

const MESSAGES = Array.from({ length: 12 }, (_, index) => ({
  id: `00000000-0000-4000-8000-${String(index + 1).padStart(12, "0")}`,
  body: `from an older release: ${index + 1}`,
  /** Two of three are visible. */
  received: index % 3 === 2,
}));

/** Makes a data directory as a release left it whose queues had so many migrations, written as that release did. */
export function makeOlderRelease(directory: string, migrations: number): void {
  const older = modules().map((module) => ({
    ...module,
    migrations: module.service === "queues" ? module.migrations.slice(0, migrations) : module.migrations,
  }));
  const opened = openDirectory(directory, older);
  const { database } = opened;
  const { account, region, name } = QUEUE;
  database.exec("BEGIN");
  database
    .prepare(
      "INSERT INTO queue (id, account, region, name, attributes, tags, created_ms, modified_ms) VALUES (1, ?, ?, ?, '{}', '{}', ?, ?)",
    )
    .run(account, region, name, START_MS, START_MS);
  const hidden = MESSAGES.filter(({ received }) => received).length;
  database.prepare("INSERT INTO message_count VALUES (1, ?, ?, 0)").run(MESSAGES.length - hidden, hidden);
  const body = database.prepare("INSERT INTO body (sequence, message_id, sender_id, body_md5, body) VALUES (?, ?, ?, ?, ?)");
  const ready = database.prepare("INSERT INTO ready (queue, sequence, sent_ms, receive_count) VALUES (1, ?, ?, 0)");
  const inFlight = database.prepare(
    "INSERT INTO hidden (queue, visible_ms, sequence, sent_ms, receive_count, first_received_ms) VALUES (1, ?, ?, ?, 1, ?)",
  );
  for (const [index, message] of MESSAGES.entries()) {
    const sequence = index + 1;
    body.run(sequence, message.id, SENDER, hash("md5", message.body), message.body);
    if (message.received) inFlight.run(HIDDEN_UNTIL_MS, sequence, START_MS, START_MS);
    else ready.run(sequence, START_MS);
  }
  database.prepare("UPDATE last_sequence SET value = ?").run(MESSAGES.length);
  database.exec("COMMIT");
  opened.close();
}

/** The same, as it was once asked for and answered. */
export function olderRelease(): Answered[] {
  const message = ({ id, body }: { id: string; body: string }) => ({ id, body, groupId: null, delayMs: undefined });
  const receipt = (sequence: number) => ({ sequence, hiddenUntilMs: HIDDEN_UNTIL_MS });
  const received = MESSAGES.flatMap(({ id, received }, index) => (received ? [{ id, receiveCount: 1, receipt: receipt(index + 1) }] : []));
  return [
    { call: { operation: "queues.createQueue", args: { queue: QUEUE, attributes: {}, tags: {} } }, result: { created: true } },
    {
      call: { operation: "queues.send", args: { queue: QUEUE, messages: MESSAGES.map(message) } },
      result: MESSAGES.map(() => ({ sent: true })),
    },
    { call: { operation: "queues.receive", args: { queue: QUEUE } }, result: received },
  ];
}
