import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { page } from "./markdown.ts";

const BIN = join(import.meta.dirname, "../../bin/millrace.js");

/** `docs/reference/command-line.md`: what each command says of itself. */
export function commandLinePage(): string {
  const overview = help([]);
  const commands = [...overview.matchAll(/^ {2}(\w+) \[options\]/gm)].map(([, name = ""]) => name);
  return page("Command line", "npm run reference", [
    "Exit codes: 0 done, 1 failed, 2 the command line or a setting cannot be understood, 130 left at once by a second Ctrl-C.",
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
