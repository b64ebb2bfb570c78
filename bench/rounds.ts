import type { Contender } from "./contenders.ts";
import type { Measurement, ScenarioName } from "./job.ts";
import type { Bench } from "./plan.ts";
import { NotOffered } from "./servers/start.ts";
import { type Spread, spread } from "./statistics.ts";

export interface Compared {
  readonly ours: readonly Measurement[];
  readonly others: readonly ComparedOther[];
}

export interface ComparedOther {
  readonly name: string;
  readonly measurements: readonly Measurement[];
  /** Our messages per second to theirs, each measurement of theirs with ours that followed at once. */
  readonly ratio: Spread;
  /** Why there is no measurement. */
  readonly notOffered: string | undefined;
}

/**
 * Interleaved: another, ours, the next, ours, …, round after round, so that whatever the machine does meanwhile hits both
 * sides of each ratio.
 */
export async function compare(
  bench: Bench,
  sides: { readonly scenario: ScenarioName; readonly ours: Contender; readonly others: readonly Contender[] },
): Promise<Compared> {
  const ours: Measurement[] = [];
  const pairs = sides.others.map((): [other: Measurement, ours: Measurement][] => []);
  const notOffered = new Map<Contender, string>();
  const measure = async (contender: Contender, round: number): Promise<Measurement> => {
    bench.progress.doing(`round ${round} of ${bench.plan.rounds}, ${contender.name}`);
    const measured = await contender.measure(sides.scenario);
    bench.progress.say(`  round ${round}  ${contender.name.padEnd(26)} ${line(measured)}`);
    return measured;
  };
  for (let round = 1; round <= bench.plan.rounds; round += 1) {
    for (const [index, other] of sides.others.entries()) {
      if (notOffered.has(other)) continue;
      try {
        const theirs = await measure(other, round);
        const own = await measure(sides.ours, round);
        ours.push(own);
        pairs[index]?.push([theirs, own]);
      } catch (error) {
        if (!(error instanceof NotOffered)) throw error;
        notOffered.set(other, error.message);
        bench.progress.say(`  ${other.name}: ${error.message}`);
      }
    }
  }
  const others = sides.others.map((contender, index) => ({
    name: contender.name,
    measurements: (pairs[index] ?? []).map(([theirs]) => theirs),
    ratio: spread((pairs[index] ?? []).map(([theirs, own]) => own.messagesPerSecond / theirs.messagesPerSecond)),
    notOffered: notOffered.get(contender),
  }));
  return { ours, others };
}

function line({ messagesPerSecond, overall }: Measurement): string {
  const rate = Math.round(messagesPerSecond).toLocaleString("en").padStart(9);
  return `${rate} messages/s   p50 ${overall.p50Ms.toFixed(2)} ms   p99 ${overall.p99Ms.toFixed(2)} ms`;
}
