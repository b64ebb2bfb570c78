import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Change } from "../disk/change.ts";
import type { Journal } from "../load/journal.ts";
import type { Scenario } from "../load/scenarios.ts";
import { ChangeReader, TRACED } from "./changes.ts";
import { readStraceLog } from "./strace-log.ts";

/** Everything that a process did to its disk, and what it told its users meanwhile. */
export interface Recording {
  readonly name: string;
  /** Path of the data directory on the disk. */
  readonly data: string;
  /** What makes the disk as it was before, all durable. */
  readonly base: readonly Change[];
  readonly changes: readonly Change[];
  readonly journal: Journal;
}

export interface RecordOptions {
  /** A directory for the recording; what is in it is removed. */
  readonly work: string;
  readonly seed: number;
  /** Modules that are loaded before the program. */
  readonly preload?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** Two new directories deep, as where somebody names a place that is not there. */
const DATA = "var/millrace";
const MAIN = join(import.meta.dirname, "../load/main.ts");
const RECORDING_MS_MAX = 120_000;
/** Longer than any write of the program. */
const STRING_BYTES_MAX = 64 * 1024 * 1024;

/** Runs a scenario under strace. @throws where it fails, or its system calls cannot be understood */
export async function record(
  { name, prepare, judged = DATA }: Pick<Scenario, "name" | "prepare" | "judged">,
  { work, seed, preload = [], environment = {} }: RecordOptions,
): Promise<Recording> {
  rmSync(work, { recursive: true, force: true });
  const root = join(work, "disk");
  mkdirSync(root, { recursive: true });
  prepare?.({ root, data: join(root, DATA) });
  const marks = join(work, "marks");
  const journal = join(work, "journal.json");
  const log = join(work, "strace.log");
  const reader = new ChangeReader({ root, marks });
  const base = reader.base();
  const imports = preload.flatMap((module) => ["--import", module]);
  const program = [
    process.execPath,
    "--conditions=millrace-source",
    ...imports,
    MAIN,
    name,
    join(root, DATA),
    marks,
    journal,
    String(seed),
  ];
  await traced(program, { log, environment });
  const changes = reader.read(readStraceLog(readFileSync(log)));
  rmSync(log);
  rmSync(root, { recursive: true });
  const recording = { name, data: judged, base, changes, journal: JSON.parse(readFileSync(journal, "utf8")) as Journal };
  save(recording, work);
  return recording;
}

async function traced(program: readonly string[], { log, environment }: { log: string; environment: Readonly<Record<string, string>> }) {
  // The filter stops the process at these calls alone; threads are followed. All bytes are written as \x00.
  const strace = ["-f", "--seccomp-bpf", "-qq", "-xx", "-s", String(STRING_BYTES_MAX), "-e", `trace=${TRACED.join(",")}`, "-o", log];
  const env = { ...process.env, UV_USE_IO_URING: "0", ...environment };
  const child = spawn("strace", [...strace, ...program], { env, stdio: ["ignore", "inherit", "pipe"], timeout: RECORDING_MS_MAX });
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => (said += String(chunk)));
  const code = await new Promise((resolve, reject) => child.once("error", reject).once("close", resolve));
  if (code !== 0) throw new Error(`the recorded process ended with ${String(code)}: ${said}`);
}

/** Bytes in a file of their own, all else as JSON, where each write says which bytes are its own. */
export function save({ base, changes, ...rest }: Recording, work: string): void {
  const pieces: Buffer[] = [];
  let at = 0;
  const written = (change: Change) => {
    if (change.do !== "write") return change;
    const { bytes, ...write } = change;
    pieces.push(bytes);
    at += bytes.length;
    return { ...write, bytes: [at - bytes.length, at] };
  };
  writeFileSync(join(work, "recording.json"), JSON.stringify({ ...rest, base: base.map(written), changes: changes.map(written) }));
  writeFileSync(join(work, "bytes"), Buffer.concat(pieces));
}

export function load(work: string): Recording {
  const bytes = readFileSync(join(work, "bytes"));
  return JSON.parse(readFileSync(join(work, "recording.json"), "utf8"), (name, value: unknown) =>
    name === "bytes" && Array.isArray(value) ? bytes.subarray(Number(value[0]), Number(value[1])) : value,
  ) as Recording;
}
