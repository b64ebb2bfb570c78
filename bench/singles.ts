import type { Measurement } from "./job.ts";
import { type Bench, warmUpSeconds } from "./plan.ts";

/** Few enough not to saturate the processors that the load generator shares: what is asked is how long one request takes. */
export const SINGLES_CONNECTIONS = 4;

/** Messages that are sent, received and deleted one at a time, on a server that was started for it. */
export function singles({ children, plan }: Bench, { port, pid }: { port: number; pid: number }): Promise<Measurement> {
  return children.load({
    subject: { kind: "aws", port, pid },
    scenario: "cycle-singles",
    connections: SINGLES_CONNECTIONS,
    seconds: plan.seconds,
    warmUpSeconds: warmUpSeconds(plan),
  });
}
