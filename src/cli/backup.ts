import { Command, Option } from "commander";
import { backUp, type BackedUp, type BackUpProgress } from "../backup/back-up.ts";
import { DirectorySource } from "../backup/directory-source.ts";
import type { Place } from "../backup/place.ts";
import type { Source } from "../backup/source.ts";
import { systemClock } from "../kernel/clock.ts";
import { systemRandom } from "../kernel/random.ts";
import { version } from "../server/version.ts";
import { openPlace, PLACE, type PlaceOptions, withPlaceOptions } from "./backup-place.ts";
import { EXIT, explained } from "./failure.ts";
import { interruption, pause } from "./interruption.ts";
import { endProgress, note, plural, print, printJson, progress, size } from "./output.ts";
import { seconds, wholeNumber } from "./queue-command.ts";
import { ServerSource } from "./server-source.ts";
import { connect } from "./sqs.ts";

interface BackupOptions extends PlaceOptions {
  readonly server?: string;
  readonly data?: string;
  readonly region?: string;
  readonly profile?: string;
  readonly keep?: number;
  readonly every?: number;
  readonly json?: true;
}

/** `millrace backup`: all that a server holds, as of one moment, into a directory or a bucket. */
export function backupCommand(): Command {
  const command = new Command("backup")
    .description(
      "Copy all that a running server holds, as of one moment, without stopping it; or a data directory whose server is stopped.",
    )
    .argument("<place>", PLACE)
    .addOption(new Option("--server <url>", "The running server; else AWS_ENDPOINT_URL or http://127.0.0.1:4566.").conflicts("data"))
    .addOption(new Option("--data <dir>", "A data directory, instead of a server: its server must be stopped."))
    .addOption(new Option("--keep <number>", "Remove older backups beyond so many.").argParser(wholeNumber(1, 1_000_000)))
    .addOption(new Option("--every <time>", "Make one so often, until Ctrl-C: 90s, 15m, 2h, 1d.").argParser(seconds))
    .addOption(new Option("--json", "Print one JSON object a line."))
    .addOption(
      new Option("--region <region>", "Region to sign for; else that of the AWS environment or us-east-1.").helpGroup("Connection:"),
    )
    .addOption(new Option("--profile <name>", "Profile with the server's credentials; else AWS_PROFILE.").helpGroup("Connection:"));
  return withPlaceOptions(command)
    .action(backup)
    .addHelpText(
      "after",
      `
A backup holds queues, messages and objects. Files of objects that the place has from an earlier backup are not copied
again. Where the server has credentials, the root of its own account is needed (--account of \`millrace serve\`).
\`millrace restore\` makes a data directory of it.

Examples:
  millrace backup /mnt/backups
  millrace backup /mnt/backups --every 15m --keep 96
  millrace backup s3://backups/millrace --s3-endpoint aws --s3-profile backups
  millrace backup /mnt/backups --data /srv/millrace`,
    );
}

async function backup(placeText: string, options: BackupOptions): Promise<void> {
  const signal = interruption("Giving the backup up; again to leave at once.");
  do {
    try {
      await backupOnce(placeText, options, signal);
    } catch (error) {
      endProgress();
      if (signal.aborted) return interrupted();
      if (options.every === undefined) throw error;
      note(`millrace: ${(error as Error).message}`);
    }
    if (options.every !== undefined) await pause(options.every * 1000, signal);
  } while (options.every !== undefined && !signal.aborted);
}

function interrupted(): void {
  note("No backup was made.");
  process.exitCode = EXIT.interrupted;
}

async function backupOnce(placeText: string, options: BackupOptions, signal: AbortSignal): Promise<void> {
  const { data, keep, json } = options;
  const clock = systemClock();
  const sqs =
    data === undefined ? await connect({ ...options, ...(options.server === undefined ? {} : { endpoint: options.server }) }) : undefined;
  const place = await openPlace(placeText, options, sqs?.where);
  try {
    const source: Source = sqs === undefined ? new DirectorySource(data ?? "", { clock, version: version() }) : new ServerSource(sqs);
    const made = await backUp({ source, place, random: systemRandom, keep, nowMs: () => clock.nowMs(), signal, onProgress: watching() });
    endProgress();
    if (json === true) printJson(summary(made, place));
    else tell(made, place);
  } catch (error) {
    throw sqs === undefined || (error as { $metadata?: object }).$metadata === undefined
      ? error
      : explained(error, { where: sqs.where, queues: [] });
  } finally {
    sqs?.close();
    place.close();
  }
}

/** Says how far it is, where somebody watches. */
function watching(): (progress: BackUpProgress) => void {
  let [phase, bytes] = ["", 0];
  return (step) => {
    bytes = step.phase === phase && step.phase !== "snapshot" ? bytes + step.bytes : step.bytes;
    ({ phase } = step);
    progress(`${phase}: ${size(bytes)}`);
  };
}

function summary({ manifest, copiedBlobs, copiedBlobBytes, removed }: BackedUp, place: Place): object {
  const { id, from, to, server, database, rows, blobs } = manifest;
  const objects = { files: blobs.count, bytes: blobs.blobBytes, newFiles: copiedBlobs, newBytes: copiedBlobBytes };
  return { id, place: place.name, from, to, server, databaseBytes: database.bytes, rows, objects, removed };
}

function tell({ manifest, copiedBlobs, copiedBlobBytes, removed }: BackedUp, place: Place): void {
  const { database, blobs } = manifest;
  const files = `${plural(blobs.count, "file")} of objects`;
  const objects =
    blobs.count === 0 ? files : `${files} with ${size(blobs.blobBytes)}, new of them ${copiedBlobs} with ${size(copiedBlobBytes)}`;
  note(`Made a backup of ${manifest.to}: database ${size(database.bytes)}, ${objects}.`);
  if (removed.length > 0) note(`Removed ${plural(removed.length, "older backup")}.`);
  note(`To restore it: millrace restore ${place.name} --at ${manifest.to} --data DIR`);
  print(manifest.id);
}
