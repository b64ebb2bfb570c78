import { existsSync } from "node:fs";
import { join } from "node:path";
import { Command, Option } from "commander";
import { checkDirectory, type CheckOptions } from "../backup/check-directory.ts";
import { checkPlace } from "../backup/check-place.ts";
import { readMasterKeys } from "../server/master-keys.ts";
import { openPlace, type PlaceOptions, withPlaceOptions } from "./backup-place.ts";
import { CommandFailed, EXIT } from "./failure.ts";
import { interruption } from "./interruption.ts";
import { isModule, loadPipeline } from "./pipeline-file.ts";
import { counted, endProgress, note, plural, print, printJson, progress, size } from "./output.ts";

interface Options extends PlaceOptions {
  readonly masterKey?: string;
  readonly json?: true;
}

/** `millrace check`: whether a data directory, or the backups of a place, are what was written. */
export function checkCommand(): Command {
  const command = new Command("check")
    .description(
      "Look whether a data directory, or all backups of a place, are whole (the directory's server must be stopped); or whether a pipeline's module can be loaded and its wiring works.",
    )
    .argument("<place>", "data directory; place of backups: directory, or s3://bucket/prefix; or a pipeline's module, pipeline.ts")
    .addOption(new Option("--master-key <file>", "Master keys of the server, to look into encrypted messages, too."))
    .addOption(new Option("--json", "Print one JSON object a line."));
  return withPlaceOptions(command)
    .action(check)
    .addHelpText(
      "after",
      `
Of a data directory: the database file, its tables, the checksum of every message, every byte of every object. Of backups:
every file against its digest. Prints what is wrong, and what can be done about it, and exits with 1; with 0 where all is
well. Nothing is changed. Of a pipeline: that its module loads, and everything about its wiring that the compiler cannot see;
prints its stages and where their outputs go. Nothing is started and nobody is asked.

Examples:
  millrace check /srv/millrace
  millrace check /mnt/backups --json
  millrace check s3://backups/millrace --s3-endpoint aws
  millrace check pipeline.ts`,
    );
}

async function check(placeText: string, options: Options): Promise<void> {
  if (isModule(placeText) && !placeText.includes("://")) return await checkPipeline(placeText, options.json === true);
  const signal = interruption("Giving the check up; again to leave at once.");
  const json = options.json === true;
  const seen = { rows: 0, bytes: 0, problems: 0 };
  const looking: CheckOptions = {
    signal,
    onProblem({ what, remedy }) {
      endProgress();
      seen.problems += 1;
      if (json) printJson({ problem: what, remedy });
      else print(`${what}\n  ${remedy}`);
    },
    onProgress({ rows = 0, bytes = 0 }) {
      seen.rows += rows;
      seen.bytes += bytes;
      progress(`${counted(seen.rows)} rows, ${size(seen.bytes)}`);
    },
  };
  try {
    const found = await (isDataDirectory(placeText)
      ? lookAtDirectory(placeText, options, looking)
      : lookAtPlace(placeText, options, looking));
    endProgress();
    if (json) printJson({ ...seen, ...found.json });
    else
      note(
        `${seen.problems === 0 ? "All is well" : plural(seen.problems, "problem")}: ${found.what}, ${size(seen.bytes)} read.${found.more}`,
      );
  } catch (error) {
    endProgress();
    if (!signal.aborted) throw error;
    note("The check was given up.");
    process.exitCode = EXIT.interrupted;
    return;
  }
  if (seen.problems > 0) process.exitCode = EXIT.failed;
}

async function checkPipeline(file: string, json: boolean): Promise<void> {
  const graph = (await loadPipeline(file)).graph();
  if (json) return printJson(graph);
  for (const { name, kind, queue, lanes } of graph.stages) {
    print(`${name}  ${kind} on ${[queue, ...lanes.map((lane) => `${lane.queue} (${lane.weight})`)].join(", ")}`);
    for (const { output, to, topic, filter } of graph.edges.filter(({ from }) => from === name)) {
      const way = `${topic === null ? "" : ` by topic ${topic}`}${filter === null ? "" : ` where ${JSON.stringify(filter)}`}`;
      print(`  ${output} → ${to ?? "whoever subscribes"}${way}`);
    }
  }
  note(`All is well: ${graph.name} has ${plural(graph.stages.length, "stage")}.`);
}

interface Found {
  readonly what: string;
  readonly more: string;
  readonly json: object;
}

function isDataDirectory(text: string): boolean {
  return !text.includes("://") && existsSync(join(text, "millrace.db"));
}

async function lookAtDirectory(directory: string, { masterKey }: Options, looking: CheckOptions): Promise<Found> {
  let rows = 0;
  const onProgress: CheckOptions["onProgress"] = (step) => {
    rows += step.rows ?? 0;
    looking.onProgress(step);
  };
  const masterKeys = masterKey === undefined ? [] : readMasterKeys(masterKey);
  const orphans = await checkDirectory(directory, { ...looking, onProgress, masterKeys });
  const more =
    orphans.files === 0
      ? ""
      : ` ${plural(orphans.files, "file")} of objects with ${size(orphans.bytes)} belong to nothing: a crash has left them, and the server will remove them when it starts.`;
  return { what: `${counted(rows)} rows of ${directory}`, more, json: { orphanFiles: orphans.files, orphanBytes: orphans.bytes } };
}

async function lookAtPlace(placeText: string, options: Options, looking: CheckOptions): Promise<Found> {
  const place = await openPlace(placeText, options);
  try {
    const { backups, unfinished } = await checkPlace(place, looking);
    if (backups + unfinished === 0) throw new CommandFailed(`${placeText} is neither a data directory nor a place with backups.`);
    const more = unfinished === 0 ? "" : ` ${plural(unfinished, "file")} of a backup that is being made, or was never finished.`;
    return { what: `${plural(backups, "backup")} in ${place.name}`, more, json: { backups, unfinishedFiles: unfinished } };
  } finally {
    place.close();
  }
}
