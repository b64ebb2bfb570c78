import type { Question } from "../answer.ts";
import { echo, engine, fauxqsDurable, fauxqsInMemory, millrace } from "../contenders.ts";
import { throughput } from "../throughput.ts";

const NOTE = "A message counts when it has been sent, received and deleted; p50 and p99 are of a single request of the three.";

export const howFastIsACycleOfTens: Question = {
  name: "cycle",
  asks: "How fast do messages go all their way, sent, received and deleted in tens, durable?",
  answer: (bench) =>
    throughput(bench, {
      scenario: "cycle",
      ours: millrace(bench),
      others: [echo(bench), engine(bench), fauxqsInMemory(bench), fauxqsDurable(bench)],
      targets: [
        { what: "cycle ×10", required: false, least: { against: "raw engine", ratio: 0.4 } },
        { what: "cycle ×10", required: false, least: { against: "fauxqs in memory", ratio: 4 } },
        { what: "cycle ×10", required: false, least: { against: "fauxqs durable", ratio: 20 } },
      ],
      notes: [NOTE],
    }),
};

export const howFastIsACycleOfSingles: Question = {
  name: "cycle-singles",
  asks: "How fast do messages go all their way, sent, received and deleted one by one, durable?",
  answer: (bench) =>
    throughput(bench, {
      scenario: "cycle-singles",
      ours: millrace(bench),
      others: [echo(bench), engine(bench), fauxqsInMemory(bench), fauxqsDurable(bench)],
      targets: [
        { what: "cycle ×1", required: false, least: { against: "fauxqs in memory", ratio: 4 } },
        { what: "cycle ×1", required: false, least: { against: "fauxqs durable", ratio: 20 } },
      ],
      notes: [NOTE],
    }),
};
