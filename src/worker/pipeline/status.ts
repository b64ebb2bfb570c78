import type { Claim } from "../rules/claim.ts";
import { claimKey } from "./claims.ts";
import { stageNamed, type PipelineDefinition } from "./definition.ts";
import type { KeptOutput } from "./kept-output.ts";
import type { PipelineParts } from "./clients.ts";

/**
 * What is known of a key: `open` after an attempt that has failed or whose worker has died, so that its message comes back, or is a
 * dead letter once workers have died of it as often as the queue allows; `dead` after one that has made it a dead letter;
 * `running`, `done`, `cancelled`.
 */
export interface KeyStatus {
  readonly state: Claim<KeptOutput>["state"] | "dead";
  /** From 0 to 1, as its handler said some seconds ago. */
  readonly progress: number | undefined;
  readonly progressText: string | undefined;
}

export async function statusOf(
  definition: PipelineDefinition,
  { clients, clock }: PipelineParts,
  about: { stage: string; key: string },
): Promise<KeyStatus | undefined> {
  const objects = await clients.objects(definition.bucket);
  const found = await objects.read(claimKey(stageNamed(definition, about.stage).names.queue, about.key));
  if (found === undefined) return undefined;
  const claim = JSON.parse(found.text) as Claim<KeptOutput>;
  const state = stateOf(claim, clock.nowMs());
  const progress = claim.state === "running" && state === "running" ? claim.progress : undefined;
  return { state, progress: state === "done" ? 1 : progress?.fraction, progressText: progress?.text };
}

function stateOf(claim: Claim<KeptOutput>, nowMs: number): KeyStatus["state"] {
  if (claim.state === "running") return claim.untilMs > nowMs ? "running" : "open"; // Who works renews it long before.
  return claim.state === "open" && claim.isDead === true ? "dead" : claim.state;
}

/** @returns false where the key has its result. */
export async function cancelKey(
  definition: PipelineDefinition,
  { clients, random }: PipelineParts,
  about: { stage: string; key: string; reason: string },
): Promise<boolean> {
  const objects = await clients.objects(definition.bucket);
  const key = claimKey(stageNamed(definition, about.stage).names.queue, about.key);
  const cancelled = (): string =>
    JSON.stringify({ state: "cancelled", reason: about.reason, run: random.uuid() } satisfies Claim<KeptOutput>);
  for (;;) {
    const found = await objects.read(key);
    if (found !== undefined && (JSON.parse(found.text) as Claim<KeptOutput>).state === "done") return false;
    // A heartbeat may come in between; the next round meets what it has written.
    const condition = found === undefined ? ({ ifNone: true } as const) : { ifMatch: found.etag };
    if ((await objects.write(key, cancelled(), { condition })) !== undefined) return true;
  }
}
