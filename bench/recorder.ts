import type { Latency, Measurement, ReplyBytes, StepName } from "./job.ts";
import { percentile } from "./statistics.ts";
import { machineUsage, type MachineUsage, type Usage, usageOf } from "./usage.ts";

interface Moment {
  readonly atMs: number;
  readonly server: Usage | undefined;
  readonly ownCpuUs: number;
  readonly machine: MachineUsage | undefined;
}

/** Counts what is answered between two moments: what begins in the warm-up or ends after the end is no part of it. */
export class Recorder {
  readonly #pid: number;
  readonly #latencies: Partial<Record<StepName, number[]>> = {};
  #messages = 0;
  #opened: Moment | undefined;
  #isCounting = false;

  /** @param pid the server whose processor time and memory are read. */
  constructor(pid: number) {
    this.#pid = pid;
  }

  /** Times one request. */
  async timed<T>(step: StepName, action: () => Promise<T>): Promise<T> {
    const startMs = performance.now();
    const result = await action();
    this.took(step, startMs);
    return result;
  }

  took(step: StepName, startMs: number): void {
    if (this.#isCounting) (this.#latencies[step] ??= []).push(performance.now() - startMs);
  }

  /** So many messages have gone all their way. */
  done(messages: number): void {
    if (this.#isCounting) this.#messages += messages;
  }

  open(): void {
    this.#opened = this.#moment();
    this.#isCounting = true;
  }

  close(replyBytes: ReplyBytes): Measurement {
    this.#isCounting = false;
    const [opened, closed] = [this.#opened, this.#moment()];
    if (opened === undefined) throw new Error("closed before it was opened");
    const seconds = (closed.atMs - opened.atMs) / 1000;
    const all = Object.values(this.#latencies).flat();
    const cpuUs = closed.server === undefined || opened.server === undefined ? undefined : closed.server.cpuUs - opened.server.cpuUs;
    return {
      seconds,
      messages: this.#messages,
      messagesPerSecond: this.#messages / seconds,
      requestsPerSecond: all.length / seconds,
      overall: latencyOf(all),
      steps: Object.fromEntries(Object.entries(this.#latencies).map(([step, numbers]) => [step, latencyOf(numbers)])),
      replyBytes,
      cpuUsPerMessage: cpuUs === undefined ? undefined : cpuUs / this.#messages,
      rssBytes: closed.server?.rssBytes,
      othersShare: this.#othersShare(opened, closed),
    };
  }

  #moment(): Moment {
    const { user, system } = process.cpuUsage();
    return { atMs: performance.now(), server: usageOf(this.#pid), ownCpuUs: user + system, machine: machineUsage() };
  }

  #othersShare(opened: Moment, closed: Moment): number | undefined {
    if (!opened.machine || !closed.machine || !opened.server || !closed.server) return undefined;
    const own = this.#pid === process.pid ? 0 : closed.ownCpuUs - opened.ownCpuUs;
    const ours = closed.server.cpuUs - opened.server.cpuUs + own;
    const others = closed.machine.busyUs - opened.machine.busyUs - ours;
    return Math.max(0, others / (closed.machine.totalUs - opened.machine.totalUs));
  }
}

function latencyOf(numbers: number[]): Latency {
  return { count: numbers.length, p50Ms: percentile(numbers, 0.5), p99Ms: percentile(numbers, 0.99) };
}
