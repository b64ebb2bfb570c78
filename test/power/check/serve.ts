import { hash } from "node:crypto";
import type { ManualClock } from "../../../src/kernel/clock.ts";
import { silentLogger } from "../../../src/kernel/logger.ts";
import { seededRandom } from "../../../src/kernel/random.ts";
import { createObjects } from "../../../src/services/objects/index.ts";
import type { SendResult } from "../../../src/services/queues/store/store.ts";
import type { Database } from "../../../src/storage/sqlite/database.ts";
import type { Engine } from "../../../src/storage/sqlite/engine.ts";
import type { Journal, Remembered } from "../load/journal.ts";
import { linesOf } from "../model/shown.ts";
import { blobsIn, contentsOf } from "./contents.ts";
import { showOf } from "./show.ts";

/** A recovered directory, opened. */
export interface Opened {
  readonly engine: Engine;
  readonly database: Database;
  readonly clock: ManualClock;
  readonly directory: string;
}

/** What a server had told when the power failed. */
export interface Told {
  readonly journal: Journal;
  /** The last unit that was answered. */
  readonly answered: number;
}

const REMEMBERED_TRIED_MAX = 5;
/** Turns of the event loop that the removal of orphans may take. */
const TURNS_MAX = 20_000;

/**
 * Whether a recovered server goes on from where it was: what was accepted is a duplicate, sequence numbers rise, files to
 * which nothing refers are removed, and what was there is there afterwards.
 * @returns what is wrong.
 */
export async function serve(opened: Opened, { told, lines }: { told: Told; lines: readonly string[] }): Promise<string | undefined> {
  return (await sendsAgain(opened, told)) ?? (await tidiesUp(opened)) ?? (await isStillThere(opened, lines));
}

async function sendsAgain({ engine }: Opened, { journal, answered }: Told): Promise<string | undefined> {
  const known = journal.remembered.filter(({ sinceUnit }) => sinceUnit <= answered).slice(-REMEMBERED_TRIED_MAX);
  const [queue] = known;
  if (queue === undefined) return undefined;
  const again = known.filter((one) => one.queue === queue.queue);
  const sent = [...again, { ...queue, deduplicationId: "never before", groupId: "after" }];
  const ref = { account: "000000000000", region: "us-east-1", name: queue.queue };
  const [results] = (await engine.unit([{ operation: "queues.send", args: { queue: ref, messages: sent.map(messageOf) } }])) as [
    SendResult[],
  ];
  for (const [index, { id, deduplicationId }] of again.entries()) {
    const result = results[index];
    const accepted = result?.sent === true ? result.accepted?.id : undefined;
    if (accepted !== id) return `${deduplicationId} was accepted as ${String(accepted)}, and before as ${id}`;
  }
  const last = results.at(-1);
  const sequence = last?.sent === true ? (last.accepted?.sequence ?? 0) : 0;
  const before = journal.sequences[answered] ?? 0;
  return sequence > before ? undefined : `the sequence number ${sequence} was given again, or before ${before}`;
}

function messageOf({ deduplicationId, groupId }: Remembered) {
  const body = `sent again: ${deduplicationId}`;
  return {
    id: "00000000-0000-4000-8000-000000000000",
    body,
    bodyMd5: hash("md5", body),
    attributes: null,
    traceHeader: null,
    groupId,
    deduplication: { id: deduplicationId, ofContent: false },
    sizeBytes: body.length,
    senderId: "AIDA",
  };
}

/** The object service starts, and removes what nothing refers to. */
async function tidiesUp({ engine, database, clock, directory }: Opened): Promise<string | undefined> {
  const blobs = blobsIn(directory);
  const events = { validate: () => Promise.resolve(true), deliver: () => undefined, delivered: () => {} };
  const parts = { storage: engine, blobs, clock, random: seededRandom(1), logger: silentLogger, report: () => {}, events, baseHosts: [] };
  const objects = createObjects(parts);
  await objects.start();
  const statement = database.prepare<{ blob: string }>("SELECT DISTINCT lower(hex(blob)) AS blob FROM segment");
  for (let turn = 0; turn < TURNS_MAX; turn += 1) {
    if (turn % 200 === 199) {
      const wanted = new Set(statement.all().map(({ blob }) => blob));
      const there: string[] = [];
      for await (const page of blobs.list()) there.push(...page);
      if (there.every((blob) => wanted.has(blob))) {
        await objects.stop();
        return undefined;
      }
      clock.advance(5000);
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  return "files to which nothing refers stay for ever";
}

async function isStillThere({ engine, directory }: Opened, lines: readonly string[]): Promise<string | undefined> {
  const after = new Set(linesOf(await showOf(engine, contentsOf(blobsIn(directory)))));
  // The counts of a queue have one more now.
  const gone = lines.filter((line) => !line.startsWith("queue ") && !after.has(line));
  return gone.length === 0 ? undefined : `was there, and is not after the server has gone on: ${gone.join("; ")}`;
}
