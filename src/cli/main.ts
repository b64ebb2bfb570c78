import { Command, CommanderError } from "commander";
import { version } from "../server/server.ts";
import { backupCommand } from "./backup.ts";
import { envCommand } from "./env.ts";
import { CommandFailed, EXIT } from "./failure.ts";
import { healthcheckCommand } from "./healthcheck.ts";
import { moveCommand } from "./move.ts";
import { endProgress } from "./output.ts";
import { peekCommand } from "./peek.ts";
import { purgeCommand } from "./purge.ts";
import { queuesCommand } from "./queues.ts";
import { receiveCommand } from "./receive.ts";
import { redriveCommand } from "./redrive.ts";
import { restoreCommand } from "./restore.ts";
import { sendCommand } from "./send.ts";
import { serveCommand } from "./serve.ts";
import { tailCommand } from "./tail.ts";

/** The command line: `millrace` alone is `millrace serve`. */
export function program(): Command {
  const millrace = new Command("millrace");
  millrace
    .description("Durable queues, objects and elastic workers that speak the AWS wire protocols, in one process.")
    .version(version())
    .showHelpAfterError("Run millrace --help for what there is.")
    .addHelpText(
      "after",
      `
Examples:
  millrace                                    serve on http://127.0.0.1:4566, data in ./.millrace
  millrace serve --port 9000 --data /srv/mr   elsewhere
  eval "$(millrace env)"                      let AWS SDKs and the AWS CLI in this shell talk to it
  millrace send jobs 'a job' --create         send a message, and make its queue where there is none
  millrace queues                             which queues there are and what is in them
  millrace peek jobs                          look at messages without taking them
  millrace backup /mnt/backups                copy all that the running server holds, as of one moment`,
    );
  millrace.addCommand(serveCommand(), { isDefault: true });
  millrace.addCommand(envCommand());
  millrace.addCommand(healthcheckCommand());
  const ofQueues = [queuesCommand, sendCommand, receiveCommand, peekCommand, tailCommand, moveCommand, redriveCommand, purgeCommand];
  for (const command of ofQueues) millrace.addCommand(command());
  for (const command of [backupCommand, restoreCommand]) millrace.addCommand(command());
  return millrace;
}

/** @returns the exit code, or undefined while something runs on. */
export async function run(argv: readonly string[]): Promise<void> {
  const millrace = program();
  for (const command of [millrace, ...millrace.commands]) command.exitOverride();
  try {
    await millrace.parseAsync([...argv], { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? EXIT.done : EXIT.usage;
    else fail(error);
  }
}

/** One sentence for what a person can mend; the whole story for what only we can. */
function fail(error: unknown): void {
  endProgress();
  if (error instanceof CommandFailed) {
    process.stderr.write(`millrace: ${error.message}\n`);
    process.exitCode = error.exitCode;
    return;
  }
  const known = error instanceof Error && ["BadSetting", "CannotOpen", "PlaceUnusable", "Damaged", "MissingFile"].includes(error.name);
  const inUse = (error as { code?: string }).code === "EADDRINUSE";
  if (inUse)
    process.stderr.write(`millrace: ${(error as Error).message}. Stop what is listening there, or choose another port with --port.\n`);
  else process.stderr.write(known ? `millrace: ${error.message}\n` : `${error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = (error as Error).name === "BadSetting" ? EXIT.usage : EXIT.failed;
}

// Whoever reads us may have enough, as `head` does.
process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? EXIT.done : EXIT.failed));

await run(process.argv.slice(2));
