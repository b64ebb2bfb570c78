import { Command, Option } from "commander";
import { systemClock } from "../kernel/clock.ts";

/** `millrace healthcheck`: for container health checks, so that an image needs no other tool. */
export function healthcheckCommand(): Command {
  const command = new Command("healthcheck").description("Exit 0 when the server answers, 1 when it does not.");
  command.addOption(new Option("--endpoint <url>", "Where the server is.").env("AWS_ENDPOINT_URL").default("http://127.0.0.1:4566"));
  command.addOption(new Option("--timeout <seconds>", "How long to wait for the answer.").default(3).argParser(Number));
  command.option("--json", "Print what the server says of itself.");
  command.action(async ({ endpoint, timeout, json }: { endpoint: string; timeout: number; json?: true }) => {
    process.exitCode = await check(endpoint, { timeoutMs: timeout * 1000, json: json === true });
  });
  return command;
}

async function check(endpoint: string, options: { timeoutMs: number; json: boolean }): Promise<0 | 1> {
  const deadline = new AbortController();
  const timer = systemClock().after(options.timeoutMs, () => deadline.abort(new Error(`no answer within ${options.timeoutMs / 1000} s`)));
  try {
    const answer = await fetch(new URL("/_millrace/health", endpoint), { signal: deadline.signal });
    const text = await answer.text();
    process.stdout.write(options.json ? `${text}\n` : `${endpoint} ${answer.ok ? "is healthy" : `answered ${answer.status}`}\n`);
    return answer.ok ? 0 : 1;
  } catch (error) {
    const cause = (error as { cause?: Error }).cause ?? (error as Error);
    process.stderr.write(`millrace: ${endpoint} does not answer: ${cause.message}\n`);
    return 1;
  } finally {
    timer.cancel();
  }
}
