import { Command, Option } from "commander";
import { resolve } from "node:path";
import { systemClock } from "../kernel/clock.ts";
import { readConfig, SETTINGS } from "../server/config.ts";
import { keepFewParsers } from "../server/http.ts";
import { startServer, type Server } from "../server/server.ts";
import { ThreadFailed } from "../server/threads/http-threads.ts";

/** Time that requests get to end after a signal, before the process leaves all the same. */
const STOP_MS_MAX = 10_000;

/** `millrace serve`: the server in the foreground until a signal. */
export function serveCommand(): Command {
  const command = new Command("serve").description("Run the server (the default command).");
  for (const { flag, kind, variable, fallback, help } of SETTINGS) {
    const takes = kind === "switch" ? (fallback === "true" ? `--no-${flag}` : `--${flag}`) : `--${flag} <${placeholder(flag, kind)}>`;
    const about = fallback === "" || kind === "switch" ? "" : ` (default: ${fallback})`;
    command.addOption(new Option(takes, `${help}${about} [${variable}]`));
  }
  command.option("--json", "Print the banner as one JSON object.");
  command.action(async (_options, invoked: Command) => serve(givenFlags(invoked), invoked.opts()["json"] === true));
  command.addHelpText(
    "after",
    "\nExamples:\n  millrace serve --port 4566 --data ./data\n  millrace serve --memory --port 0\n  millrace serve --host 0.0.0.0 --credentials keys.json",
  );
  return command;
}

/** Only what stands on the command line: environment variables come next, defaults last. */
function givenFlags(command: Command): Record<string, string | boolean> {
  const given = SETTINGS.filter(({ name }) => command.getOptionValueSource(name) === "cli");
  return Object.fromEntries(given.map(({ name }) => [name, command.opts()[name] as string | boolean]));
}

async function serve(flags: Record<string, string | boolean>, asJson: boolean): Promise<void> {
  const config = readConfig(flags, process.env);
  keepFewParsers();
  const server = await startServer(config, { onFatal: dieOf });
  stopOnSignals(server);
  process.stdout.write(asJson ? `${JSON.stringify(described(server))}\n` : banner(server));
  process.stdout.write("Ready.\n");
}

/**
 * After a failed write or fsync nothing is known of the data in memory; what is on disk is found again by a restart. Nor
 * does half a server go on when one of its threads is gone.
 */
function dieOf(reason: Error): void {
  const why =
    reason instanceof ThreadFailed
      ? `${reason.message}. The server has ended; nothing acknowledged is lost. Start it again.`
      : `storage failed (${reason.message}). Nothing was acknowledged after it. Mend the disk and start again.`;
  process.stderr.write(`millrace: ${why}\n`);
  process.exit(1);
}

function stopOnSignals(server: Server): void {
  let stopping = false;
  const stop = (signal: string) => {
    if (stopping) process.exit(130);
    stopping = true;
    process.stderr.write(
      `${signal}: answering what was asked, then stopping. Again to leave at once; nothing acknowledged is lost either way.\n`,
    );
    systemClock().after(STOP_MS_MAX, () => process.exit(0));
    server.stop().then(
      () => process.exit(0),
      (error: unknown) => dieOf(error as Error),
    );
  };
  process.on("SIGINT", () => stop("SIGINT"));
  process.on("SIGTERM", () => stop("SIGTERM"));
}

interface Described {
  readonly version: string;
  readonly endpoint: string;
  readonly console: string;
  readonly data: string | null;
  readonly durability: string;
  readonly authentication: string;
  readonly bodies: string;
}

function described({ endpoint, config, health }: Server): Described {
  const data = config.memory ? null : resolve(config.data);
  return {
    version: health.version,
    endpoint,
    console: `${endpoint}/_console/`,
    data,
    durability: health.durability,
    authentication: health.authentication,
    bodies: health.bodies,
  };
}

function banner(server: Server): string {
  const { version, endpoint, console, data, durability, authentication, bodies } = described(server);
  const lines = [
    `Millrace ${version}`,
    `  endpoint    ${endpoint}`,
    `  console     ${console}`,
    `  data        ${data ?? "none: in memory, nothing survives this process"}`,
    `  durability  ${durability === "durable" ? "durable: every answer waits for its fsync" : "memory"}`,
    `  bodies      ${bodies === "encrypted" ? "encrypted on disk, where a queue has encryption on" : "plain on disk: no master key is given (--master-key)"}`,
    `  callers     ${AUTHENTICATION[authentication] ?? authentication}`,
    "",
    "  Let AWS tools in another shell talk to it:",
    `    export AWS_ENDPOINT_URL=${endpoint} AWS_REGION=${server.config.region} AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test`,
    `    aws sqs create-queue --queue-name jobs`,
    "",
  ];
  return `${lines.join("\n")}\n`;
}

const AUTHENTICATION: Readonly<Record<string, string>> = {
  dev: "dev: any access key, from this machine only",
  keys: "keys: every request must be signed",
  none: "NONE: anybody who reaches the port owns the data (--insecure-no-auth)",
};

const PLACEHOLDERS: Readonly<Record<string, string>> = { data: "dir", credentials: "file", "master-key": "file" };

function placeholder(flag: string, kind: string): string {
  return kind === "list" ? "names" : (PLACEHOLDERS[flag] ?? (kind === "text" ? flag : kind));
}
