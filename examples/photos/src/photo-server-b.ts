import { Reject } from "millrace/worker";
import { respond, runsOf, tellerOf } from "./job.ts";
import type { JobContext, ServerParts } from "./job.ts";
import type { LongRequest } from "./jobs.ts";
import { resultKey } from "./keys.ts";
import { WORKING_COPY_BYTES_MAX, openWorkingCopy } from "./operations/picture.ts";
import { planOf, resultsOf } from "./plan.ts";
import { process } from "./process.ts";
import { saveResults } from "./results.ts";
import { counted } from "./runs.ts";
import type { RunRecord } from "./runs.ts";

/**
 * Server B: the long-running operations, and whatever of the job comes after them.
 *
 * Running it twice for the same message does no harm: the same bytes go to the same keys.
 */
export async function processLong(request: LongRequest, context: JobContext<"responses">, parts: ServerParts): Promise<void> {
  const run = { photoId: request.photoId, server: "b", messageId: context.id, receive: context.receiveCount } as const;
  await counted(runsOf(parts), run, () => work(request, context, parts));
}

async function work(
  request: LongRequest,
  context: JobContext<"responses">,
  parts: ServerParts,
): Promise<NonNullable<RunRecord["outcome"]>> {
  const { batchId, photoId, operations, fraction } = request;
  const { objects, names } = parts;
  const { now, later } = planOf(operations);
  const steps = [...now, ...later];
  const teller = tellerOf(parts, context, { batchId, photoId, stage: "server-b" });
  const tell = (done: number, text: string) => teller.tell(fraction + ((1 - fraction) * done) / (steps.length + 1), text);
  tell(0, "Fetching the photo");
  const bytes = await objects.read(names.results, request.workKey, WORKING_COPY_BYTES_MAX);
  if (bytes === undefined) return withoutWorkingCopy(request, parts);
  const start = { picture: await openWorkingCopy(bytes), operations };
  const finished = await process(start, steps, { onStep: tell, signal: context.signal });
  tell(steps.length, "Saving");
  const results = await saveResults({ objects, bucket: names.results }, photoId, { picture: finished.picture, asked: operations });
  respond(context, { kind: "done", batchId, photoId, results });
  return "done";
}

/**
 * The web tier removes the working copy once it has recorded the results. So a message that comes after that is a second
 * copy of one that is done, and there is nothing left to do.
 * @throws {Reject} when there are no results either: somebody has removed the copy, and no further try will find it.
 */
async function withoutWorkingCopy({ photoId, operations }: LongRequest, { objects, names }: ServerParts): Promise<"done"> {
  for (const name of resultsOf(operations))
    if (!(await objects.exists(names.results, resultKey(photoId, name))))
      throw new Reject("the working copy is gone and there is no result");
  return "done";
}
