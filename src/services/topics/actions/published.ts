import type { Call } from "../../../wire/api.ts";
import type { Publication } from "../rules/publication.ts";
import type { DeliveryReports } from "../needs.ts";
import type { AcceptedPublication, DeliveryCounts, NewPublication, TopicRef } from "../store/store.ts";
import type { Context } from "./context.ts";

/**
 * Publishes messages, and has said aloud what their subscriptions did not take. @throws {ServiceError}
 */
export async function published(
  context: Context,
  call: Call,
  { topic, publications, batch }: { topic: TopicRef; publications: readonly Publication[]; batch: boolean },
): Promise<readonly AcceptedPublication[]> {
  const traceHeader = call.headers["x-amzn-trace-id"] ?? null;
  const messages = publications.map((publication) => ({ ...newPublication(context, publication), traceHeader }));
  const answer = await context.store.publish({ topic, messages, batch, unsigned: true });
  if (answer.accepted === null) return [];
  tell(context.reports, answer);
  return answer.accepted;
}

export function newPublication({ random, clock }: Pick<Context, "random" | "clock">, publication: Publication): NewPublication {
  return { ...publication, id: random.uuid(), timestamp: new Date(clock.nowMs()).toISOString(), traceHeader: null, signatures: [] };
}

/** Says aloud what became of a message at the endpoints. */
export function tell(reports: DeliveryReports, { delivered, failed }: DeliveryCounts): void {
  if (delivered > 0) reports.delivered(delivered);
  for (const one of failed) reports.failed(one);
}
