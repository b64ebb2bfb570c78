import { readFileSync } from "node:fs";
import type { Server } from "node:http";
import type { Clock } from "../kernel/clock.ts";
import type { Logger } from "../kernel/logger.ts";
import { SECOND_MS } from "../kernel/units.ts";

/** Of the descriptors that the process may have; the rest is for the database, its log and objects' files. */
const SHARE_FOR_CONNECTIONS = 0.8;

/** Between two lines about connections that were refused. */
export const SAY_EVERY_MS: number = 10 * SECOND_MS;

/** Connections that the process may have open at once, by the limit on its descriptors. */
export function connectionsMax(descriptors: number = descriptorLimit()): number {
  return Math.max(1, Math.floor(descriptors * SHARE_FOR_CONNECTIONS));
}

/** Node raises the soft limit to the hard one when it starts, so this is the limit that its parent has set. */
export function descriptorLimit(): number {
  try {
    return asNumber(/^Max open files +(\S+)/m.exec(readFileSync("/proc/self/limits", "utf8"))?.[1]);
  } catch {
    return reportedDescriptorLimit(); // No Linux.
  }
}

/** The same wherever Node runs, but some milliseconds slower: everything else that it knows stands in the report, too. */
export function reportedDescriptorLimit(): number {
  const report: NodeJS.ProcessReport & { excludeNetwork?: boolean } = process.report;
  const { excludeNetwork = false } = report;
  report.excludeNetwork = true; // Else it looks up the names of all peers.
  const limits = (report.getReport() as { userLimits?: { open_files?: { soft: number | string } } }).userLimits;
  report.excludeNetwork = excludeNetwork;
  return asNumber(limits?.open_files?.soft);
}

function asNumber(limit: string | number | undefined): number {
  return limit === undefined || limit === "unlimited" ? Infinity : Number(limit);
}

export function sayRefused(logger: Logger, numbers: { readonly refused: number; readonly open: number }): void {
  logger.warn("connections refused", {
    ...numbers,
    reason: "As many are open as four fifths of the process's open files allow; raise its limit (ulimit -n) or lower the number of clients",
  });
}

/** Closes connections beyond a number as soon as they come, and says so. */
export function limitConnections(server: Server, options: { max: number; logger: Logger; clock: Clock }): void {
  const { max, logger, clock } = options;
  if (max === Infinity) return;
  server.maxConnections = max;
  let refused = 0;
  let saidMs = -Infinity;
  server.on("drop", () => {
    refused += 1;
    const nowMs = clock.monotonicMs();
    if (nowMs - saidMs < SAY_EVERY_MS) return;
    sayRefused(logger, { refused, open: max });
    refused = 0;
    saidMs = nowMs;
  });
}
