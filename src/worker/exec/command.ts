import { spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { assert } from "../../kernel/assert.ts";
import type { Clock, Timer } from "../../kernel/clock.ts";
import { MIB } from "../../kernel/units.ts";
import { ABORT_MS } from "../rules/drain.ts";
import { tailOf, type CommandEnd } from "../rules/exec.ts";
import type { Guard } from "./guard.ts";
import { Lines } from "./lines.ts";

/** From SIGTERM to SIGKILL: within the time that a handler has to obey its signal. */
const TERMINATE_MS = ABORT_MS - 500;

/** How long output is waited for that something which has left the group may still write. */
const CLOSE_MS = 1000;

/** More than the longest message; only what is longer is cut. */
const LINE_CHARACTERS_MAX = 2 * MIB;

export type CommandStream = "stdout" | "stderr" | "channel";

export interface CommandRun {
  readonly input: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly directory: string | undefined;
  /** Ends the command and all that it has started. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly guard: Guard;
  /** Each line that it writes to standard output, standard error or descriptor 3. */
  readonly onLine: (stream: CommandStream, line: string, isCut: boolean) => void;
}

/**
 * Runs a command in a process group of its own. When the signal is aborted the group gets SIGTERM, and SIGKILL a little later;
 * what the command leaves behind when it ends is killed at once.
 * @throws what keeps the command from being started.
 */
export async function runCommand(command: readonly string[], run: CommandRun): Promise<CommandEnd> {
  const [file = "", ...args] = command;
  assert(process.platform !== "win32", "commands need process groups, which Windows does not have");
  const { clock, guard, signal } = run;
  const child = spawn(file, args, { cwd: run.directory, env: run.environment, detached: true, stdio: ["pipe", "pipe", "pipe", "pipe"] });
  const ended = Promise.withResolvers<CommandEnd>();
  // A process that could not be started has no pid, and one that was has emitted no error yet.
  child.once("error", (error) => ended.reject(error));
  const group = child.pid;
  if (group === undefined) return await ended.promise;
  guard.watch(group);

  let stderr = "";
  const streams: readonly [CommandStream, Readable][] = [
    ["stdout", child.stdout],
    ["stderr", child.stderr],
    ["channel", child.stdio[3] as Readable],
  ];
  for (const [name, stream] of streams) {
    readLines(stream, (line, isCut) => {
      if (name === "stderr") stderr = tailOf(stderr === "" ? line : `${stderr}\n${line}`);
      run.onLine(name, line, isCut);
    });
  }
  // A command need not read what it is given.
  child.stdin.on("error", () => {});
  child.stdin.end(run.input);

  const timers: Timer[] = [];
  const terminate = () => {
    signalGroup(group, "SIGTERM");
    timers.push(clock.after(TERMINATE_MS, () => signalGroup(group, "SIGKILL")));
  };
  signal.addEventListener("abort", terminate);
  if (signal.aborted) terminate();
  child.once("exit", () => {
    // One that was told to end may have children that are still at it.
    if (!signal.aborted) signalGroup(group, "SIGKILL");
    timers.push(clock.after(signal.aborted ? TERMINATE_MS + CLOSE_MS : CLOSE_MS, () => streams.forEach(([, stream]) => stream.destroy())));
  });
  child.once("close", (code, signalName) => ended.resolve({ code, signal: signalName, stderr }));
  try {
    return await ended.promise;
  } finally {
    signal.removeEventListener("abort", terminate);
    for (const timer of timers) timer.cancel();
    signalGroup(group, "SIGKILL");
    guard.forget(group);
  }
}

function readLines(stream: Readable, onLine: (line: string, isCut: boolean) => void): void {
  const lines = new Lines(LINE_CHARACTERS_MAX, onLine);
  stream.setEncoding("utf8");
  stream.on("data", (text: string) => lines.add(text));
  stream.once("end", () => lines.end());
  stream.on("error", () => {});
}

/** A group that has ended is no error: that is what was wanted. */
function signalGroup(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal);
  } catch {
    return;
  }
}
