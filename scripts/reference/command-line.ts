import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { page } from "./markdown.ts";

const BIN = join(import.meta.dirname, "../../bin/millrace.js");

/** `docs/reference/command-line.md`: what each command says of itself. */
export function commandLinePage(): string {
  const overview = help([]);
  const commands = [...overview.matchAll(/^ {2}(\w+) \[options\]/gm)].map(([, name = ""]) => name);
  return page("Command line", "npm run reference", [
    "Exit codes: 0 done, 1 failed, 2 the command line or a setting cannot be understood, 3 nothing was there (`receive`, `peek`, `redrive --cancel`) or messages were given back unfinished (`worker`, `exec`, `push`), 4 there is something to do (`plan --detailed-exit-code`), 130 ended by Ctrl-C before it was done.",
    "Results are on standard output, everything else that is said on standard error. With `--json` each result is one JSON object on a line of its own. The first Ctrl-C ends what is at hand, the second leaves at once.",
    "The commands about queues speak to any server with the API of Amazon SQS, with credentials, region and profiles as every AWS tool finds them; without `--endpoint` or a variable that names one they speak to `http://127.0.0.1:4566` and never to Amazon. `peek` and `tail` need a Millrace server, since Amazon SQS has no such thing.",
    "`backup`, `restore` and the `check` of data are explained in [Backup and restore](../backup.md).",
    fenced(overview),
    ...commands.flatMap((name) => [`## millrace ${name}`, fenced(help([name]))]),
  ]);
}

function help(command: readonly string[]): string {
  const { stdout, stderr, status } = spawnSync(process.execPath, [BIN, ...command, "--help"], { encoding: "utf8", env: { NO_COLOR: "1" } });
  if (status !== 0) throw new Error(`millrace ${command.join(" ")} --help ended with ${status}: ${stderr}`);
  return stdout.trimEnd();
}

function fenced(text: string): string {
  return `\`\`\`text\n${text}\n\`\`\``;
}
