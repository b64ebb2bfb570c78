import type { Question } from "../answer.ts";
import type { Latency, Measurement } from "../job.ts";
import { type Bench, warmUpSeconds } from "../plan.ts";
import { startMillrace } from "../servers/start.ts";
import { median } from "../statistics.ts";

const P50_MS_MAX = 5;
const P99_MS_MAX = 20;

export const howSoonDoesALongPollWake: Question = {
  name: "wake",
  asks: "How soon does a message reach a client that waits for it?",
  async answer(bench) {
    const measured: Measurement[] = [];
    for (let round = 1; round <= bench.plan.rounds; round += 1) {
      bench.progress.doing(`round ${round} of ${bench.plan.rounds}`);
      measured.push(await onePair(bench));
    }
    const middle = (step: "wake" | "send", of: (latency: Latency) => number): number =>
      median(measured.map(({ steps }) => of(steps[step] ?? { count: 0, p50Ms: NaN, p99Ms: NaN })));
    const figures = (step: "wake" | "send") => [middle(step, ({ p50Ms }) => p50Ms), middle(step, ({ p99Ms }) => p99Ms)] as const;
    const [wakeP50, wakeP99] = figures("wake");
    const [sendP50, sendP99] = figures("send");
    bench.progress.say(`  p50 ${wakeP50.toFixed(2)} ms, p99 ${wakeP99.toFixed(2)} ms`);
    const verdict = (which: string, { took, max }: { took: number; max: number }) => ({
      what: `long poll, send → waiting client, beyond the send's own answer, ${which}`,
      required: false,
      target: `≤ ${max} ms`,
      measured: `${took.toFixed(2)} ms`,
      met: took <= max,
    });
    return {
      verdicts: [
        verdict("p50", { took: wakeP50 - sendP50, max: P50_MS_MAX }),
        verdict("p99", { took: wakeP99 - sendP99, max: P99_MS_MAX }),
      ],
      ratios: [],
      table: {
        head: ["from the send to", "p50 ms", "p99 ms"],
        rows: [
          ["its own answer, after its fsync", sendP50.toFixed(2), sendP99.toFixed(2)],
          ["the waiting client's answer", wakeP50.toFixed(2), wakeP99.toFixed(2)],
        ],
      },
      notes: [
        "One client waits in ReceiveMessage, another sends; again and again, nothing else going on. The receive is committed before its answer leaves, in the group of the send that wakes it.",
      ],
      measurements: { Millrace: measured },
    };
  },
};

async function onePair({ children, plan }: Bench): Promise<Measurement> {
  const server = await startMillrace(children, { directory: children.freshDirectory() });
  const measurement = await children.load({
    subject: { kind: "aws", port: server.port, pid: server.pid },
    scenario: "wake",
    connections: 1,
    warmUpSeconds: warmUpSeconds(plan),
    seconds: plan.seconds,
  });
  await server.stop();
  return measurement;
}
