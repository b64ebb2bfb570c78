import type { Question } from "../answer.ts";
import { echo, engine, fauxqsDurable, fauxqsInMemory, millrace } from "../contenders.ts";
import { throughput } from "../throughput.ts";

export const howFastIsASend: Question = {
  name: "send",
  asks: "How fast is SendMessage, one message of 1 KB at a time, durable?",
  answer: (bench) =>
    throughput(bench, {
      scenario: "send",
      ours: millrace(bench),
      others: [echo(bench), engine(bench), fauxqsInMemory(bench), fauxqsDurable(bench)],
      targets: [
        { what: "SendMessage ×1", required: true, least: { against: "bare echo", ratio: 0.45 } },
        { what: "SendMessage ×1", required: true, least: { against: "fauxqs in memory", ratio: 4 } },
        { what: "SendMessage ×1", required: false, least: { against: "bare echo", ratio: 0.55 } },
        { what: "SendMessage ×1", required: false, least: { against: "fauxqs durable", ratio: 20 } },
      ],
    }),
};
