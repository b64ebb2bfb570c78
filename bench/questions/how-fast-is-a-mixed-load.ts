import type { Question } from "../answer.ts";
import { echo, engine, fauxqsDurable, fauxqsInMemory, millrace } from "../contenders.ts";
import { throughput } from "../throughput.ts";

export const howFastIsAMixedLoad: Question = {
  name: "mixed",
  asks: "How fast do messages go all their way where singles, batches and receives are mixed, durable?",
  answer: (bench) =>
    throughput(bench, {
      scenario: "mixed",
      ours: millrace(bench),
      others: [echo(bench), engine(bench), fauxqsInMemory(bench), fauxqsDurable(bench)],
      targets: [
        { what: "mixed", required: false, least: { against: "raw engine", ratio: 0.4 } },
        { what: "mixed", required: false, least: { against: "fauxqs in memory", ratio: 4 } },
        { what: "mixed", required: false, least: { against: "fauxqs durable", ratio: 20 } },
      ],
      notes: [
        "Of 15 turns of a client ten send one message, two send ten, and three receive up to ten and delete them in one batch. A message counts when it has been deleted; p50 and p99 are of all requests.",
      ],
    }),
};
