import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { type Command, Option } from "commander";
import { awsVariables, EXEC_BODY, execHandler } from "../worker/index.ts";
import { CommandFailed, EXIT } from "./failure.ts";
import { endProgress, print, printJson } from "./output.ts";
import { seconds, withQueues } from "./queue-command.ts";
import { consumeOptions, outputsOption, work, workerCommand, type WorkerOptions } from "./worker-command.ts";

interface Options extends WorkerOptions {
  readonly output: Readonly<Record<string, string>>;
  readonly later: number;
}

/** `millrace exec`: any command as a worker. */
export function execCommand(): Command {
  return workerCommand("exec", "Run a command for each message of a queue, in any language.", { slots: 1, maxReceives: 5 })
    .argument("<command...>", "the command and its arguments, after --")
    .addOption(outputsOption())
    .addOption(
      new Option("--later <time>", "After how long a message comes back whose command ended with 4.").default(60, "60s").argParser(seconds),
    )
    .action(async (command: string[], options: Options) => {
      await withQueues(options, [options.queue], async (sqs) => {
        findProgram(command[0] ?? "");
        const run = execHandler({
          command,
          later: options.later * 1000,
          environment: async () => await awsVariables(sqs.client, options.profile),
          onLine: (line) =>
            options.json === true ? printJson({ event: "line", id: line.messageId, stream: line.stream, text: line.text }) : pass(line),
        });
        await work(sqs, options, { ...consumeOptions(options), body: EXEC_BODY, outputs: options.output, run });
      });
    })
    .addHelpText("after", HELP);
}

const HELP = `
The message's body is the command's standard input. Its environment has MILLRACE_MESSAGE_ID, MILLRACE_RECEIVE_COUNT,
MILLRACE_SENT_AT, MILLRACE_GROUP_ID, MILLRACE_ATTR_<name> for each attribute, and the endpoint and credentials for AWS SDKs
and tools. It ends with

  0   done: the message is deleted
  3   never: the message is dead now, with what was written to standard error as its reason
  4   not now: the message comes back after --later
  …   anything else failed: the message comes back after a delay that grows, and is dead after --max-receives

Lines of its standard output, or of descriptor 3, may say

  ::progress 0.4 decoding        how far it is, from 0 to 1
  ::emit thumbnail {"key": "a"}  a message for --output thumbnail=QUEUE, sent before this one is deleted

While it runs the message is kept by heartbeats. At a timeout, a lost message or the end of --grace it and all that it has
started get SIGTERM, and SIGKILL 2.5 s later. Ctrl-C lets running commands finish; again moves on. The exit code is 0, or
3 where messages were given back unfinished.

Examples:
  millrace exec --queue photos -- ./resize.sh
  millrace exec --queue videos --slots 2 --timeout 2h --output done=videos-done -- python3 encode.py
  millrace exec --queue jobs --until-idle --json -- sh -c 'jq -r .name'`;

function pass({ stream, text }: { stream: "stdout" | "stderr"; text: string }): void {
  endProgress();
  if (stream === "stdout") print(text);
  else process.stderr.write(`${text}\n`);
}

/** A program that is not there would fail every message until it is dead. */
function findProgram(name: string): void {
  const places = name.includes("/") ? [name] : (process.env["PATH"] ?? "").split(delimiter).map((directory) => join(directory, name));
  const isThere = places.some((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
  if (!isThere)
    throw new CommandFailed(`There is no program "${name}" that could be run${name.includes("/") ? "" : " in PATH"}.`, EXIT.usage);
}
