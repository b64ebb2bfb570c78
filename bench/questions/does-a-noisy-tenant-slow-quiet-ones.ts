import type { Question } from "../answer.ts";
import type { Measurement } from "../job.ts";
import { dwellOfQuiet } from "../neighbours.ts";
import type { Bench } from "../plan.ts";
import { startMillrace } from "../servers/start.ts";
import { median, ranged, spread } from "../statistics.ts";

const MORE_MS_MAX = 50;
/** Messages of the noisy tenant that wait when the quiet ones begin. */
const BACKLOG_MAX = 20_000;

type Dwell = Measurement & { readonly unreceived: number };

export const doesANoisyTenantSlowQuietOnes: Question = {
  name: "fair",
  asks: "How long do messages of quiet tenants wait beside a noisy one?",
  async answer(bench) {
    const backlog = Math.min(bench.plan.backlog, BACKLOG_MAX);
    const [alone, fair, unfair]: [Dwell[], Dwell[], Dwell[]] = [[], [], []];
    for (let round = 1; round <= bench.plan.rounds; round += 1) {
      bench.progress.doing(`round ${round} of ${bench.plan.rounds}`);
      alone.push(await neighbourhood(bench, { backlog: 0, groups: true }));
      fair.push(await neighbourhood(bench, { backlog, groups: true }));
      unfair.push(await neighbourhood(bench, { backlog, groups: false }));
    }
    const more = spread(fair.map(({ overall }, round) => overall.p50Ms - (alone[round]?.overall.p50Ms ?? NaN)));
    const ms = (value: number) => `${value.toFixed(1)} ms`;
    bench.progress.say(`  p50 ${p50(alone)} ms alone, ${p50(fair)} ms beside a noisy tenant, ${p50(unfair)} ms without groups`);
    const row = (name: string, all: readonly Dwell[]): string[] => [
      name,
      p50(all),
      median(all.map(({ overall }) => overall.p99Ms)).toFixed(1),
      all.map(({ unreceived, overall }) => `${unreceived} of ${overall.count}`).join(", "),
      median(all.map(({ messagesPerSecond }) => messagesPerSecond)).toFixed(0),
    ];
    return {
      verdicts: [
        {
          what: "dwell time of a quiet tenant's message, p50, a noisy tenant beside it",
          required: false,
          target: `≤ +${MORE_MS_MAX} ms`,
          measured: ranged(more, (value) => `${value < 0 ? "−" : "+"}${ms(Math.abs(value))}`),
          met: more.median <= MORE_MS_MAX,
        },
      ],
      ratios: [],
      table: {
        head: ["quiet tenants", "dwell p50 ms", "dwell p99 ms", "not received in the run", "messages/s consumed"],
        rows: [row("alone", alone), row("beside a noisy tenant", fair), row("the same without MessageGroupId", unfair)],
      },
      notes: [
        `Forty consumers work 20 ms on each message. Ten quiet tenants send a message every 50 ms in all. The noisy one has ${backlog.toLocaleString("en")} messages waiting before they begin and goes on sending as fast as two connections can.`,
        "Dwell time is from the first byte of the send to the answer of the receive that brings the message; a message that was not received in the run counts with the time until its end, so such figures are lower bounds.",
      ],
      measurements: { "Millrace, quiet alone": alone, "Millrace, fair": fair, "Millrace, without groups": unfair },
    };
  },
};

async function neighbourhood({ children, plan }: Bench, who: { backlog: number; groups: boolean }): Promise<Dwell> {
  const server = await startMillrace(children, { directory: children.freshDirectory() });
  const dwell = await dwellOfQuiet({ port: server.port, seconds: plan.seconds, ...who });
  await server.stop();
  return dwell;
}

function p50(all: readonly Dwell[]): string {
  return median(all.map(({ overall }) => overall.p50Ms)).toFixed(1);
}
