import type { Logger } from "../kernel/logger.ts";
import { DAY_MS } from "../kernel/units.ts";
import type { Storage } from "../storage/storage.ts";

/** Figures by name: what the engine and the stores tell, and what services tell beside them. */
export class Report {
  /** By thread: each tells of itself. */
  readonly #own = new Map<string, number[]>();
  readonly #storage: Storage["report"];

  constructor(storage: Storage["report"]) {
    this.#storage = storage;
  }

  get(name: string): number {
    const own = this.#own.get(name);
    return own === undefined ? (this.#storage.get(name) ?? 0) : own.reduce((sum, value) => sum + value, 0);
  }

  /** @param thread whose figure it is, from 0; those of all threads are added up. */
  set(name: string, value: number, thread: number): void {
    const own = this.#own.get(name) ?? [];
    for (let other = own.length; other < thread; other += 1) own[other] = 0;
    own[thread] = value;
    this.#own.set(name, own);
  }
}

/** A figure of the storage's report as `/metrics` shows it. */
interface Figure {
  /** As the engine or a store calls it. */
  readonly name: string;
  readonly metric: string;
  readonly type: "gauge" | "counter";
  readonly help: string;
}

const FIGURES: readonly Figure[] = [
  {
    name: "storage.space_short",
    metric: "millrace_disk_space_short",
    type: "gauge",
    help: "1 while sends and uploads are refused because the disk is full.",
  },
  {
    name: "storage.log_held",
    metric: "millrace_log_held",
    type: "gauge",
    help: "1 while sends and uploads are refused because the write-ahead log cannot be shortened.",
  },
  {
    name: "storage.ageing_held",
    metric: "millrace_ageing_held",
    type: "gauge",
    help: "1 while nothing is ended by its age because the clock is in doubt.",
  },
  {
    name: "queues.quarantined",
    metric: "millrace_quarantined_messages",
    type: "gauge",
    help: "Damaged messages that are kept from delivery.",
  },
  {
    name: "queues.quarantined_total",
    metric: "millrace_quarantined_messages_total",
    type: "counter",
    help: "Messages that were found damaged.",
  },
  {
    name: "objects.damaged_reads_total",
    metric: "millrace_damaged_object_reads_total",
    type: "counter",
    help: "Reads that ended at damaged bytes of an object.",
  },
];

/** What somebody should look at, each with what to say of it while its figure is not 0. */
const PROBLEMS: readonly (readonly [name: string, says: (value: number) => string])[] = [
  ["storage.space_short", () => "The disk of the data directory is full: sends and uploads are refused until there is space."],
  [
    "storage.log_held",
    () =>
      "The write-ahead log cannot be shortened: another program reads millrace.db, or the disk is full or slow. Sends and uploads are refused.",
  ],
  [
    "storage.ageing_held",
    () => "The clock is more than a day from where it was: nothing is ended by its age for now. Is the clock set right?",
  ],
  [
    "queues.quarantined",
    (messages) => `${messages} damaged ${messages === 1 ? "message is" : "messages are"} kept from delivery; the disk may be failing.`,
  ],
  ["objects.damaged_reads_total", () => "Bytes of objects were found damaged, and were not sent; the disk may be failing."],
];

/** What `/_millrace/health` tells of the storage: `ok` and no problem, or `degraded` and a sentence for each. */
export function storageHealth(report: Report): { status: "ok" | "degraded"; problems: string[]; quarantinedMessages: number } {
  const problems = PROBLEMS.flatMap(([name, says]) => {
    const value = report.get(name);
    return value === 0 ? [] : [says(value)];
  });
  return { status: problems.length === 0 ? "ok" : "degraded", problems, quarantinedMessages: report.get("queues.quarantined") };
}

/** The figures in the text format of Prometheus. They name nobody. */
export function storageExposition(report: Report): string {
  const lines = FIGURES.flatMap(({ name, metric, type, help }) => [
    `# HELP ${metric} ${help}`,
    `# TYPE ${metric} ${type}`,
    `${metric} ${report.get(name)}`,
  ]);
  return `${lines.join("\n")}\n`;
}

/** What is logged when a figure changes, as it begins and as it ends. */
const EVENTS: Readonly<Record<string, readonly [begins: string, ends: string]>> = {
  "storage.space_short": [
    "the disk is full: sends and uploads are refused, receives and deletes go on",
    "the disk has space again: sends and uploads are taken",
  ],
  "storage.log_held": [
    "the write-ahead log cannot be shortened: sends and uploads are refused; does another program read millrace.db?",
    "the write-ahead log was shortened: sends and uploads are taken",
  ],
  "storage.ageing_held": [
    "the clock is far from where it was when the server last ran: nothing is ended by its age for ten minutes; set the clock if it is wrong",
    "things are ended by their age again",
  ],
};

/** Tells whoever reads the log what has changed about the storage. */
export function logFigure(logger: Logger): (name: string, value: number) => void {
  const begun = new Set<string>();
  let clockGapDays = 0;
  return (name, value) => {
    if (name === "storage.clock_gap_ms") clockGapDays = Math.round(value / DAY_MS);
    const [begins, ends] = EVENTS[name] ?? [];
    if (begins === undefined || ends === undefined || (value === 0) !== begun.has(name)) return;
    if (value === 0) {
      begun.delete(name);
      logger.warn(ends);
    } else {
      begun.add(name);
      logger.warn(begins, name === "storage.ageing_held" ? { clockGapDays } : {});
    }
  };
}
