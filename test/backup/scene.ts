import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { GetObjectCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { backUp, type BackedUp } from "../../src/backup/back-up.ts";
import { chooseBackup } from "../../src/backup/backups.ts";
import { DirectoryPlace } from "../../src/backup/directory-place.ts";
import { DirectorySource } from "../../src/backup/directory-source.ts";
import type { Place } from "../../src/backup/place.ts";
import { restore } from "../../src/backup/restore.ts";
import type { Source } from "../../src/backup/source.ts";
import { manualClock } from "../../src/kernel/clock.ts";
import { systemRandom } from "../../src/kernel/random.ts";
import { startTestServer, type TestServer } from "../../src/testing/index.ts";

/** A test, or what else comes to an end. */
export interface Lasting {
  readonly after: (end: () => Promise<void>) => void;
}

/** A directory that is removed after the test. */
export async function folder(t: Lasting): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "millrace-backup-"));
  t.after(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

export interface Running {
  readonly server: TestServer;
  readonly sqs: SQSClient;
  readonly s3: S3Client;
  readonly stop: () => Promise<void>;
}

/** A server on a data directory, with a clock that the test drives. */
export async function serve(data: string, options: { startMs?: number } = {}): Promise<Running> {
  const server = await startTestServer({ memory: false, data, ...options });
  const sqs = new SQSClient({ ...server.clientConfig(), maxAttempts: 1 });
  const s3 = new S3Client({ ...server.clientConfig(), maxAttempts: 1 });
  const stop = async () => {
    sqs.destroy();
    s3.destroy();
    await server.stop();
  };
  return { server, sqs, s3, stop };
}

export interface Made extends BackedUp {
  readonly place: Place;
}

let made = 0;

/** A backup of a stopped data directory, or of what `from` says; each a minute after the one before. */
export function makeBackup(
  place: Place,
  data: string,
  options: { from?: Source; keep?: number; signal?: AbortSignal } = {},
): Promise<Made> {
  made += 1;
  const clock = manualClock(Date.UTC(2026, 0, 1, 0, made));
  const source = options.from ?? new DirectorySource(data, { clock, version: "1.2.3" });
  const signal = options.signal ?? new AbortController().signal;
  return backUp({ source, place, random: systemRandom, keep: options.keep, nowMs: () => clock.nowMs(), signal, onProgress: () => {} }).then(
    (copied) => ({
      ...copied,
      place,
    }),
  );
}

/** Makes a data directory of the newest backup, or of the newest at a time. */
export async function restoreTo(place: Place, directory: string, at?: string): Promise<void> {
  const manifest = await chooseBackup(place, at === undefined ? undefined : Date.parse(at));
  await restore({ place, manifest, directory, signal: new AbortController().signal, onProgress: () => {} });
}

export function directoryPlace(directory: string): Place {
  return new DirectoryPlace(directory);
}

/** Paths of all files below a directory. */
export async function filesOf(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)))
    .sort();
}

/** The bodies of all messages that can be received. */
export async function bodiesOf(sqs: SQSClient, QueueUrl: string): Promise<string[]> {
  const bodies: string[] = [];
  for (;;) {
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
    if (Messages.length === 0) return bodies.sort();
    bodies.push(...Messages.map(({ Body = "" }) => Body));
  }
}

/** All objects of a bucket with their bytes. */
export async function objectsOf(s3: S3Client, Bucket: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  let ContinuationToken: string | undefined;
  do {
    const page = await s3.send(new ListObjectsV2Command({ Bucket, ContinuationToken }));
    for (const { Key = "" } of page.Contents ?? []) {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
      found[Key] = (await Body?.transformToString()) ?? "";
    }
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken !== undefined);
  return found;
}
