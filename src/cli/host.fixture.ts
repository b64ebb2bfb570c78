/** What a command has said, and its exit code. */
export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/**
 * A process that runs one command line after the other, as its parent sends them: most of what a short command takes is to
 * start a process and load the AWS SDK.
 */
async function command(run: (args: readonly string[]) => Promise<void>, args: readonly string[]): Promise<Ended> {
  const said = { out: "", err: "" };
  process.stdout.write = (text: string | Uint8Array) => (said.out += String(text)).length > 0;
  process.stderr.write = (text: string | Uint8Array) => (said.err += String(text)).length > 0;
  process.exitCode = 0;
  await run(args);
  // They would be told of the end of later ones.
  process.removeAllListeners("SIGINT").removeAllListeners("SIGTERM");
  return { code: exitCode(), ...said };
}

function exitCode(): number {
  return Number(process.exitCode);
}

if (process.send !== undefined) {
  // The program runs what its process was started with as soon as it is loaded.
  process.argv.splice(2, Infinity, "--version");
  const { run } = await import("./main.ts");
  process.on("message", (args: readonly string[]) => void command(run, args).then((ended) => process.send?.(ended)));
}
