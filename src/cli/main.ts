import { Command, CommanderError } from "commander";
import { version } from "../server/version.ts";
import { CommandFailed, EXIT } from "./failure.ts";
import { endProgress } from "./output.ts";

/** Every command by its name, in the order in which they are shown. Each is loaded when it is asked for: most need little of the rest. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  serve: async () => (await import("./serve.ts")).serveCommand(),
  env: async () => (await import("./env.ts")).envCommand(),
  healthcheck: async () => (await import("./healthcheck.ts")).healthcheckCommand(),
  queues: async () => (await import("./queues.ts")).queuesCommand(),
  send: async () => (await import("./send.ts")).sendCommand(),
  receive: async () => (await import("./receive.ts")).receiveCommand(),
  peek: async () => (await import("./peek.ts")).peekCommand(),
  tail: async () => (await import("./tail.ts")).tailCommand(),
  move: async () => (await import("./move.ts")).moveCommand(),
  redrive: async () => (await import("./redrive.ts")).redriveCommand(),
  purge: async () => (await import("./purge.ts")).purgeCommand(),
  dev: async () => (await import("./dev.ts")).devCommand(),
  worker: async () => (await import("./worker.ts")).workerFileCommand(),
  plan: async () => (await import("./plan.ts")).planCommand(),
  up: async () => (await import("./up.ts")).upCommand(),
  down: async () => (await import("./down.ts")).downCommand(),
  export: async () => (await import("./export.ts")).exportCommand(),
  exec: async () => (await import("./exec.ts")).execCommand(),
  push: async () => (await import("./push.ts")).pushCommand(),
  backup: async () => (await import("./backup.ts")).backupCommand(),
  restore: async () => (await import("./restore.ts")).restoreCommand(),
  check: async () => (await import("./check.ts")).checkCommand(),
};

/** The command line: `millrace` alone is `millrace serve`. @param names of the commands that it has. */
async function program(names: readonly string[]): Promise<Command> {
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
  for (const name of names) {
    const command = await COMMANDS[name]?.();
    if (command !== undefined) millrace.addCommand(command, { isDefault: name === "serve" });
  }
  return millrace;
}

/** @returns the exit code, or undefined while something runs on. */
export async function run(argv: readonly string[]): Promise<void> {
  const [first = "serve"] = argv;
  // Whoever does not name a command may want to be told of all.
  const millrace = await program(Object.hasOwn(COMMANDS, first) ? [first] : Object.keys(COMMANDS));
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
  const known =
    error instanceof Error && ["BadSetting", "CannotOpen", "ThreadFailed", "PlaceUnusable", "Damaged", "MissingFile"].includes(error.name);
  const inUse = (error as { code?: string }).code === "EADDRINUSE";
  if (inUse)
    process.stderr.write(`millrace: ${(error as Error).message}. Stop what is listening there, or choose another port with --port.\n`);
  else process.stderr.write(known ? `millrace: ${error.message}\n` : `${error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = (error as Error).name === "BadSetting" ? EXIT.usage : EXIT.failed;
}

// Whoever reads us may have enough, as `head` does.
process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? EXIT.done : EXIT.failed));

await run(process.argv.slice(2));
