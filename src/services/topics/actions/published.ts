import type { Call } from "../../../wire/api.ts";
import type { Publication } from "../rules/publication.ts";
import type { AcceptedPublication, NewPublication, TopicRef } from "../store/store.ts";
import type { Context } from "./context.ts";

/**
 * Publishes messages, and has said aloud what their subscriptions did not take. @throws {ServiceError}
 */
export async function published(
  context: Context,
  call: Call,
  { topic, publications, batch }: { topic: TopicRef; publications: readonly Publication[]; batch: boolean },
): Promise<readonly AcceptedPublication[]> {
  const { store, reports } = context;
  const messages = publications.map((publication) => newPublication(context, call, publication));
  const answer = await store.publish({ topic, messages, batch, unsigned: true });
  if (answer.accepted === null) return [];
  if (answer.delivered > 0) reports.delivered(answer.delivered);
  for (const failed of answer.failed) reports.failed(failed);
  return answer.accepted;
}

function newPublication({ random, clock }: Context, call: Call, publication: Publication): NewPublication {
  return {
    ...publication,
    id: random.uuid(),
    timestamp: new Date(clock.nowMs()).toISOString(),
    traceHeader: call.headers["x-amzn-trace-id"] ?? null,
    signatures: [],
  };
}
