import { hostileCases, type Hostile } from "../../src/services/topics/rules/filter-hostile.fixture.ts";
import { parseFilterPolicy, type FilteredMessage } from "../../src/services/topics/rules/filter-policy.ts";
import { FilterReaders } from "../../src/services/topics/rules/filter-readers.ts";
import { atMost, type Question } from "../answer.ts";
import { median, spread } from "../statistics.ts";

const MESSAGE_BYTES = 256 * 1024;
const MS_MAX = 5;
/** Before the compiler has seen enough. */
const WARM_UP_RUNS = 10;
/** Linux tells a thread's processor time in steps of up to 4 ms: many runs together tell that of one. */
const RUNS = 40;
const ROWS = 12;

interface Row {
  readonly name: string;
  readonly matchMs: number;
  readonly parseMs: number;
}

export const whatDoFilterPoliciesCost: Question = {
  name: "filter",
  asks: "What does the worst filter policy cost over the worst message of 256 KiB?",
  async answer(bench) {
    const cases = hostileCases(MESSAGE_BYTES);
    const rounds: Row[][] = [];
    for (let round = 1; round <= bench.plan.rounds; round += 1) {
      bench.progress.doing(`round ${round} of ${bench.plan.rounds}`);
      rounds.push(cases.map(measured));
      await new Promise((resolve) => setImmediate(resolve)); // Ctrl-C is heard between rounds.
    }
    const of = (at: number, value: (row: Row) => number) =>
      median(rounds.map((rows) => value(rows[at] ?? { name: "", matchMs: NaN, parseMs: NaN })));
    const rows = cases
      .map(({ name }, at): Row => ({ name, matchMs: of(at, ({ matchMs }) => matchMs), parseMs: of(at, ({ parseMs }) => parseMs) }))
      .toSorted((one, other) => other.matchMs - one.matchMs);
    const worst = spread(rounds.map((all) => Math.max(...all.map(({ matchMs }) => matchMs))));
    const ms = (value: number) => `${value.toFixed(1)} ms`;
    bench.progress.say(`  ${rows[0]?.name}: ${ms(worst.median)}`);
    return {
      verdicts: [
        atMost("filter policy over a message of 256 KiB, processor time of the worst that we know", {
          measured: worst,
          most: MS_MAX,
          text: ms,
        }),
      ],
      ratios: [],
      table: {
        head: ["policy, message", "processor ms", "JSON.parse of it, ms"],
        rows: rows.slice(0, ROWS).map(({ name, matchMs, parseMs }) => [name, matchMs.toFixed(2), parseMs.toFixed(2)]),
      },
      notes: [
        `Processor time of the thread, the mean of ${RUNS} runs after ${WARM_UP_RUNS}; the ${ROWS} that cost most of ${cases.length}. A policy is made ready once, when it is set or first used, and that is no part of it.`,
      ],
      measurements: {},
    };
  },
};

function measured({ name, scope, policy, message }: Hostile): Row {
  const refuse = (reason: string): never => {
    throw new Error(`${name} is not accepted: ${reason}`);
  };
  const compiled = parseFilterPolicy(JSON.stringify(policy), { scope, refuse });
  const readers = new FilterReaders();
  const match = () => {
    readers.forget(); // So that it is read each time.
    return compiled.matches({ ...message, readers });
  };
  return { name, matchMs: meanMs(match), parseMs: meanMs(() => parsed(message)) };
}

/** Undefined where there is no JSON. */
function parsed({ body, attributes: [attribute] }: FilteredMessage): unknown {
  const text = attribute === undefined ? body : attribute.dataType === "String.Array" ? attribute.value : undefined;
  return text === undefined ? undefined : JSON.parse(text);
}

function meanMs(work: () => unknown): number {
  for (let run = 0; run < WARM_UP_RUNS; run += 1) work();
  const before = process.threadCpuUsage();
  for (let run = 0; run < RUNS; run += 1) work();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / RUNS / 1000;
}
