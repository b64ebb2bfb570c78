import type { Question } from "../answer.ts";
import { echo, millrace, millraceSigned } from "../contenders.ts";
import { throughput } from "../throughput.ts";

export const whatDoesASignatureCost: Question = {
  name: "signature",
  asks: "What does it cost to verify the SigV4 signature of every SendMessage?",
  answer: (bench) =>
    throughput(bench, {
      scenario: "send",
      ours: millraceSigned(bench),
      others: [echo(bench), millrace(bench, "Millrace in dev mode")],
      targets: [{ what: "SendMessage ×1, SigV4 verified", required: false, least: { against: "bare echo", ratio: 0.45 } }],
      notes: [
        "The load generator signs 64 requests with the AWS SDK's own signer before the run and repeats them; each is verified in full each time.",
      ],
    }),
};
