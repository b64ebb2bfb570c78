import { execFileSync } from "node:child_process";
import { closeSync, fdatasyncSync, openSync, readFileSync, writeSync } from "node:fs";
import { cpus, loadavg, release, totalmem, type } from "node:os";
import { join } from "node:path";
import { percentile } from "../statistics.ts";

const ROOT = new URL("../../", import.meta.url);
const APPENDS = 200;

/** What the figures were taken on: its kind, never its name. */
export interface Machine {
  readonly processors: string;
  readonly memoryGb: number;
  readonly system: string;
  readonly fileSystem: string;
  /** One append of 4 KiB with fdatasync, the median. */
  readonly syncMs: number;
  readonly node: string;
  readonly sqlite: string;
  readonly millrace: string;
  /** Of the last minute before the bench began. */
  readonly loadBefore: number;
}

/** @param directory where the servers will keep their data. */
export function describeMachine(directory: string): Machine {
  const all = cpus();
  return {
    processors: `${all.length} × ${(all[0]?.model ?? "unknown").replaceAll(/\s+/g, " ").trim()}`,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}`,
    fileSystem: fileSystemOf(directory),
    syncMs: syncMs(join(directory, "sync-probe")),
    node: process.versions.node,
    sqlite: process.versions["sqlite"] ?? "unknown",
    millrace: `${versionOf()}${commit()}`,
    loadBefore: loadavg()[0] ?? NaN,
  };
}

/** The type of the mount that holds the directory: the one with the longest path. */
function fileSystemOf(directory: string): string {
  try {
    const mounts = readFileSync("/proc/self/mountinfo", "utf8").trim().split("\n");
    const found = mounts
      .map((line) => ({ point: line.split(" ")[4] ?? "", type: line.split(" - ")[1]?.split(" ")[0] ?? "" }))
      .filter(({ point }) => directory === point || directory.startsWith(point.endsWith("/") ? point : `${point}/`));
    // Of two on the same path the later one hides the earlier.
    return found.reduce((best, mount) => (mount.point.length >= best.point.length ? mount : best), { point: "", type: "unknown" }).type;
  } catch {
    return "unknown";
  }
}

function syncMs(path: string): number {
  const file = openSync(path, "w");
  const block = Buffer.alloc(4096, 1);
  const times: number[] = [];
  for (let append = 0; append < APPENDS; append += 1) {
    const startMs = performance.now();
    writeSync(file, block);
    fdatasyncSync(file);
    times.push(performance.now() - startMs);
  }
  closeSync(file);
  return percentile(times, 0.5);
}

function versionOf(): string {
  return (JSON.parse(readFileSync(new URL("package.json", ROOT), "utf8")) as { version: string }).version;
}

/** Empty outside a checkout. */
function commit(): string {
  try {
    const git = (...args: string[]) =>
      execFileSync("git", args, { cwd: ROOT, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
    const changed = git("status", "--porcelain", "--untracked-files=no", "--", "src", "bin", "bench") === "" ? "" : " with changes";
    return `, commit ${git("rev-parse", "--short", "HEAD")}${changed}`;
  } catch {
    return "";
  }
}
