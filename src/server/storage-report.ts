import type { Storage } from "../storage/storage.ts";

/** Figures by name: what the engine and the stores tell, and what services tell beside them. */
export class Report {
  readonly #own = new Map<string, number>();
  readonly #storage: Storage["report"];

  constructor(storage: Storage["report"]) {
    this.#storage = storage;
  }

  get(name: string): number {
    return this.#own.get(name) ?? this.#storage.get(name) ?? 0;
  }

  set(name: string, value: number): void {
    this.#own.set(name, value);
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
