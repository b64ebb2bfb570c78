import { spawn } from "node:child_process";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../..");

/** A piece of JavaScript from a page, and the lines that its comments say it prints. */
export interface Snippet {
  readonly code: string;
  readonly prints: readonly string[];
}

/** The blocks marked `js`. What `console.log` prints stands behind it as a comment. */
export function snippetsOf(page: string): Snippet[] {
  return [...page.matchAll(/^```js\n(.*?)^```$/gms)].map(([, code = ""]) => ({
    code,
    prints: [...code.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm)].map((match) => match[1]!),
  }));
}

/**
 * Runs a snippet as a reader would, in a process of its own, with the variables that `millrace env` gives.
 * @returns what it printed. A program that goes on for ever (a worker) is asked to stop once it has printed its lines.
 */
export async function run({ code, prints }: Snippet, endpoint: string): Promise<string[]> {
  const env = {
    PATH: process.env["PATH"],
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
  };
  const child = spawn(process.execPath, ["--conditions=millrace-source", "--input-type=module", "-e", code], { cwd: ROOT, env });
  let printed = "";
  let errors = "";
  child.stdout.on("data", (text: Buffer) => {
    printed += text.toString();
    if (prints.length > 0 && lines(printed).length >= prints.length) child.kill("SIGTERM");
  });
  child.stderr.on("data", (text: Buffer) => (errors += text.toString()));
  const status = await new Promise((resolve) => child.on("close", (code, signal) => resolve(code ?? signal)));
  // A program that is not a worker has printed its last line when it is asked to stop, and may be ended by that.
  if (status !== 0 && !(status === "SIGTERM" && lines(printed).length >= prints.length))
    throw new Error(`the snippet ended with ${String(status)}\n${errors}`);
  return lines(printed);
}

function lines(text: string): string[] {
  return text.split("\n").slice(0, -1);
}
