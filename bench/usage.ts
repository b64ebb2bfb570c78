import { readFileSync } from "node:fs";

/** Linux counts processor time in hundredths of a second for everybody who asks through /proc. */
const TICK_US = 10_000;

export interface Usage {
  readonly cpuUs: number;
  readonly rssBytes: number;
}

/** Processor time of all threads, and resident memory, of a process. Undefined where there is no /proc. */
export function usageOf(pid: number): Usage | undefined {
  const stat = read(`/proc/${pid}/stat`);
  const rss = /^VmRSS:\s+(\d+) kB/m.exec(read(`/proc/${pid}/status`) ?? "")?.[1];
  if (stat === undefined || rss === undefined) return undefined;
  // The name of the command, in brackets, may hold anything; the fields after it are numbers, the 14th and 15th are user and system time.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return { cpuUs: (Number(fields[11]) + Number(fields[12])) * TICK_US, rssBytes: Number(rss) * 1024 };
}

export interface MachineUsage {
  /** Processes' time; interrupts are left out, nobody is charged for them. */
  readonly busyUs: number;
  /** Of all processors. */
  readonly totalUs: number;
}

export function machineUsage(): MachineUsage | undefined {
  const line = /^cpu +(.*)$/m.exec(read("/proc/stat") ?? "")?.[1];
  if (line === undefined) return undefined;
  // Guests' time, after the eighth, is in the first two already.
  const [user = 0, nice = 0, system = 0, idle = 0, wait = 0, irq = 0, softIrq = 0, steal = 0] = line.split(" ").map(Number);
  const total = user + nice + system + idle + wait + irq + softIrq + steal;
  // A processor that the hypervisor gave to another guest was taken by others, too.
  return { busyUs: (user + nice + system + steal) * TICK_US, totalUs: total * TICK_US };
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
