import { Command, InvalidArgumentError, Option } from "commander";
import { chooseBackup, listBackups } from "../backup/backups.ts";
import type { Place } from "../backup/place.ts";
import { restore } from "../backup/restore.ts";
import { openPlace, PLACE, type PlaceOptions, withPlaceOptions } from "./backup-place.ts";
import { CommandFailed, EXIT } from "./failure.ts";
import { interruption } from "./interruption.ts";
import { endProgress, note, print, printJson, progress, size, table } from "./output.ts";

interface RestoreOptions extends PlaceOptions {
  readonly data?: string;
  readonly at?: number;
  readonly list?: true;
  readonly json?: true;
}

/** `millrace restore`: a data directory from a backup. */
export function restoreCommand(): Command {
  const command = new Command("restore")
    .description("Make a data directory of a backup, verified byte by byte.")
    .argument("<place>", PLACE)
    .addOption(new Option("--data <dir>", "The data directory to make; empty or not there."))
    .addOption(
      new Option("--at <time>", "The newest backup of that time or before: 2026-01-31T12:00:00Z.").argParser(time).conflicts("latest"),
    )
    .addOption(new Option("--latest", "The newest backup, as without --at."))
    .addOption(new Option("--list", "Only list what there is.").conflicts("data"))
    .addOption(new Option("--json", "Print one JSON object a line."));
  return withPlaceOptions(command)
    .action(async (placeText: string, options: RestoreOptions) => {
      const place = await openPlace(placeText, options);
      try {
        if (options.list === true) await list(place, options.json === true);
        else await run(place, options);
      } finally {
        place.close();
      }
    })
    .addHelpText(
      "after",
      `
Until every byte was compared with the backup's digests and is on stable storage, there is no such directory. Nothing is
ever restored over data.

Examples:
  millrace restore /mnt/backups --list
  millrace restore /mnt/backups --data /srv/millrace
  millrace restore s3://backups/millrace --at 2026-01-31T12:00:00Z --data /srv/millrace`,
    );
}

async function run(place: Place, { data, at, json }: RestoreOptions): Promise<void> {
  if (data === undefined) throw new CommandFailed("Say with --data which directory to make, or --list to see what there is.", EXIT.usage);
  const signal = interruption("Giving the restore up; again to leave at once.");
  const manifest = await chooseBackup(place, at);
  let bytes = 0;
  try {
    const onProgress = (step: { bytes: number }) => {
      bytes += step.bytes;
      progress(`restored ${size(bytes)} of ${size(manifest.database.bytes + manifest.blobs.blobBytes)}`);
    };
    await restore({ place, manifest, directory: data, signal, onProgress });
  } catch (error) {
    endProgress();
    if (!signal.aborted) throw error;
    note(`Nothing was restored: ${data} is as it was.`);
    process.exitCode = EXIT.interrupted;
    return;
  }
  endProgress();
  const { id, from, to, server } = manifest;
  if (json === true) printJson({ id, from, to, server, data, bytes });
  else note(`Restored the backup of ${to} to ${data}: ${size(bytes)}, all as it was written. To start: millrace serve --data ${data}`);
}

async function list(place: Place, json: boolean): Promise<void> {
  const { whole, damaged } = await listBackups(place);
  for (const { message } of damaged) note(`millrace: ${message}`);
  if (damaged.length > 0) process.exitCode = EXIT.failed;
  if (json) {
    for (const { id, from, to, server, database, blobs, rows } of whole)
      printJson({ id, from, to, server, databaseBytes: database.bytes, objects: { files: blobs.count, bytes: blobs.blobBytes }, rows });
    return;
  }
  if (whole.length === 0) return note(`There is no backup in ${place.name}.`);
  const rows = whole.map(({ id, to, database, blobs }) => [to, size(database.bytes), blobs.count, size(blobs.blobBytes), id]);
  print(table(["TIME", "DATABASE", "FILES", "OBJECTS", "ID"], rows));
}

function time(text: string): number {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw new InvalidArgumentError("It must be a time such as 2026-01-31T12:00:00Z.");
  return ms;
}
