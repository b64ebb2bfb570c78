import type { Question } from "../answer.ts";
import { echo, engine, fauxqsDurable, fauxqsInMemory, millrace } from "../contenders.ts";
import { throughput } from "../throughput.ts";

export const howFastIsABatch: Question = {
  name: "batch",
  asks: "How fast is SendMessageBatch, ten messages of 1 KB at a time, durable?",
  answer: (bench) =>
    throughput(bench, {
      scenario: "batch",
      ours: millrace(bench),
      others: [echo(bench), engine(bench), fauxqsInMemory(bench), fauxqsDurable(bench)],
      targets: [
        { what: "SendMessageBatch ×10", required: true, least: { messagesPerSecond: 40_000 } },
        { what: "SendMessageBatch ×10", required: false, least: { against: "raw engine", ratio: 0.5 } },
        { what: "SendMessageBatch ×10", required: false, least: { against: "fauxqs in memory", ratio: 4 } },
        { what: "SendMessageBatch ×10", required: false, least: { against: "fauxqs durable", ratio: 20 } },
      ],
    }),
};
