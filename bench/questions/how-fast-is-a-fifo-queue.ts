import type { Question } from "../answer.ts";
import { millraceOn } from "../contenders.ts";
import { FIFO_GROUPS } from "../subjects/requests.ts";
import { throughput } from "../throughput.ts";

const NOTE = `Messages of ${FIFO_GROUPS} groups, drawn for each message, each with a UUID as its deduplication id. Both kinds of batch are made when they are sent, which holds the load generator back a little.`;

export const howFastIsAFifoQueue: Question = {
  name: "fifo",
  asks: "How fast is a FIFO queue, ten messages of 1 KB at a time, against a standard one?",
  answer: (bench) =>
    throughput(bench, {
      scenario: "batch",
      ours: millraceOn(bench, "fifo"),
      others: [millraceOn(bench, "standard")],
      targets: [{ what: "SendMessageBatch ×10, FIFO", required: true, least: { against: "Millrace, standard queue", ratio: 0.6 } }],
      notes: [NOTE],
    }),
};

export const howFastIsAFifoCycle: Question = {
  name: "fifo-cycle",
  asks: "How fast do messages go all their way through a FIFO queue, in tens, against a standard one?",
  answer: (bench) =>
    throughput(bench, {
      scenario: "cycle",
      ours: millraceOn(bench, "fifo"),
      others: [millraceOn(bench, "standard")],
      targets: [{ what: "cycle ×10, FIFO", required: false, least: { against: "Millrace, standard queue", ratio: 0.6 } }],
      notes: [NOTE],
    }),
};
