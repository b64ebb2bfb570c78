import { atMost, type Question } from "../answer.ts";
import type { Measurement } from "../job.ts";
import { startMillrace } from "../servers/start.ts";
import { SINGLES_CONNECTIONS, singles } from "../singles.ts";
import { SlowClients } from "../slow-clients.ts";
import { ranged, spread } from "../statistics.ts";
import { whole } from "../throughput.ts";

const SLOW = 8000;
const P99_MS_MAX = 20;

export const whatDoSlowClientsDoToOthers: Question = {
  name: "slow",
  asks: "What do eight thousand clients that never end their requests do to others?",
  async answer(bench) {
    const without: Measurement[] = [];
    const beside: Measurement[] = [];
    let cutOff = 0;
    for (let round = 1; round <= bench.plan.rounds; round += 1) {
      bench.progress.doing(`round ${round} of ${bench.plan.rounds}`);
      const server = await startMillrace(bench.children, { directory: bench.children.freshDirectory() });
      without.push(await singles(bench, server));
      const slow = new SlowClients(server.port);
      await slow.open(SLOW);
      beside.push(await singles(bench, server));
      cutOff += slow.cutOff;
      slow.close();
      await server.stop();
    }
    const slower = spread(beside.map((one, round) => one.overall.p99Ms / (without[round]?.overall.p99Ms ?? NaN) - 1));
    const p99 = spread(beside.map((one) => one.overall.p99Ms));
    const row = (name: string, all: readonly Measurement[]): string[] => [
      name,
      whole(spread(all.map((one) => one.messagesPerSecond)).median),
      spread(all.map((one) => one.overall.p50Ms)).median.toFixed(2),
      spread(all.map((one) => one.overall.p99Ms)).median.toFixed(2),
    ];
    return {
      verdicts: [
        atMost(`p99 beside ${whole(SLOW)} slow clients`, { measured: p99, most: P99_MS_MAX, text: (value) => `${value.toFixed(1)} ms` }),
      ],
      ratios: [
        {
          against: "itself without slow clients: p99",
          text: ranged(slower, (share) => `${share < 0 ? "−" : "+"}${Math.round(Math.abs(share) * 100)} %`),
        },
      ],
      table: {
        head: ["", "cycles/s", "p50 ms", "p99 ms"],
        rows: [row("alone", without), row(`beside ${whole(SLOW)} slow clients`, beside)],
      },
      notes: [
        `${SINGLES_CONNECTIONS} connections send, receive and delete one message at a time. Each slow client sends a byte of a header every two seconds; the server cuts it off after ten, and it comes again: ${whole(cutOff)} times in all.`,
      ],
      measurements: { Millrace: without, "Millrace beside slow clients": beside },
    };
  },
};
