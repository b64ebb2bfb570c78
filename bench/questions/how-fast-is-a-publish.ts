import type { Question } from "../answer.ts";
import { millrace, millracePublishing } from "../contenders.ts";
import { throughput } from "../throughput.ts";

const BATCHES = "SendMessageBatch ×10";
const RATIO_MIN = 0.6;
const NOTE = "A message counts when it is in a queue: ten for each publish, ten for each batch. Both bodies are of 1 KB as they are sent.";

export const howFastIsAPublish: Question = {
  name: "publish",
  asks: "How fast is Publish to a topic with ten queues, against sending ten messages in a batch?",
  answer: (bench) =>
    throughput(bench, {
      scenario: "batch",
      ours: millracePublishing(bench, "enveloped"),
      others: [millrace(bench, BATCHES)],
      targets: [{ what: "Publish to ten queues, signed", required: true, least: { against: BATCHES, ratio: RATIO_MIN } }],
      notes: [NOTE, "Each publish is signed once, with RSA of 2,048 bits; an envelope is 1.8 KB long."],
    }),
};

export const howFastIsARawPublish: Question = {
  name: "publish-raw",
  asks: "How fast is the same with raw message delivery, which is not signed?",
  answer: (bench) =>
    throughput(bench, {
      scenario: "batch",
      ours: millracePublishing(bench, "raw"),
      others: [millrace(bench, BATCHES)],
      targets: [{ what: "Publish to ten queues, raw delivery", required: true, least: { against: BATCHES, ratio: RATIO_MIN } }],
      notes: [NOTE],
    }),
};
