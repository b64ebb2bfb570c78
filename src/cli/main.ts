import { Command, CommanderError } from "commander";
import { version } from "../server/server.ts";
import { envCommand } from "./env.ts";
import { healthcheckCommand } from "./healthcheck.ts";
import { serveCommand } from "./serve.ts";

/** The exit code of a command line that cannot be understood, as shells and `getopt` have it. */
const USAGE = 2;

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
  millrace healthcheck                        exit 0 when it serves, 1 when it does not`,
    );
  millrace.addCommand(serveCommand(), { isDefault: true });
  millrace.addCommand(envCommand());
  millrace.addCommand(healthcheckCommand());
  return millrace;
}

/** @returns the exit code, or undefined while something runs on. */
export async function run(argv: readonly string[]): Promise<void> {
  const millrace = program();
  for (const command of [millrace, ...millrace.commands]) command.exitOverride();
  try {
    await millrace.parseAsync([...argv], { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : USAGE;
    else fail(error);
  }
}

/** One sentence for what a person can mend; the whole story for what only we can. */
function fail(error: unknown): void {
  const known = error instanceof Error && ["BadSetting", "CannotOpen"].includes(error.name);
  const inUse = (error as { code?: string }).code === "EADDRINUSE";
  if (inUse)
    process.stderr.write(`millrace: ${(error as Error).message}. Stop what is listening there, or choose another port with --port.\n`);
  else process.stderr.write(known ? `millrace: ${error.message}\n` : `${error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = (error as Error).name === "BadSetting" ? USAGE : 1;
}

await run(process.argv.slice(2));
