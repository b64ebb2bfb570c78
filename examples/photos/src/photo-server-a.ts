import { counted } from "./runs.ts";
import type { RunRecord } from "./runs.ts";
import { respond, runsOf, tellerOf } from "./job.ts";
import type { JobContext, ServerParts, Teller } from "./job.ts";
import type { LongRequest, Operations, PhotoRequest } from "./jobs.ts";
import { workKey } from "./keys.ts";
import { TooLarge } from "./objects.ts";
import { UPLOAD_BYTES_MAX, Unusable, openPhoto } from "./operations/check.ts";
import { workingCopyOf } from "./operations/picture.ts";
import { planOf, without } from "./plan.ts";
import { process } from "./process.ts";
import type { Work } from "./process.ts";
import { saveResults } from "./results.ts";

/**
 * Photo Processing Server A: checks what was uploaded, does the short operations, and passes on what needs long ones. Nothing
 * that it has not decoded reaches the next server.
 *
 * Running it twice for the same message does no harm: the same bytes go to the same keys.
 */
export async function processShort(request: PhotoRequest, context: JobContext<"long" | "responses">, parts: ServerParts): Promise<void> {
  const { batchId, photoId } = request;
  const run = { photoId, server: "a", messageId: context.id, receive: context.receiveCount } as const;
  await counted(runsOf(parts), run, async () => {
    try {
      return await work(request, context, parts);
    } catch (failure) {
      if (!(failure instanceof Unusable)) throw failure;
      respond(context, { kind: "unusable", batchId, photoId, text: failure.message });
      return "unusable";
    }
  });
}

async function work(
  request: PhotoRequest,
  context: JobContext<"long" | "responses">,
  parts: ServerParts,
): Promise<NonNullable<RunRecord["outcome"]>> {
  const { batchId, photoId, operations } = request;
  const teller = tellerOf(parts, context, { batchId, photoId, stage: "server-a" });
  const { now, later } = planOf(operations);
  // Besides the steps, checking and saving are each counted as one.
  const fractionAfter = (steps: number) => (1 + steps) / (now.length + later.length + 2);
  teller.tell(0, "Checking the photo");
  const picture = await openPhoto(await uploadOf(request, parts));
  const onStep = (done: number, step: string) => teller.tell(fractionAfter(done), step);
  const cut = await process({ picture, operations }, now, { onStep, signal: context.signal });
  const left = without(cut.operations, now);
  if (planOf(left).later.length > 0)
    return passOn({ picture: cut.picture, operations: left }, fractionAfter(now.length), { request, context, parts });
  // A cut may have left nothing of the marked regions; then what is left is short, and done here.
  const finished = await process({ picture: cut.picture, operations: left }, planOf(left).now, { onStep, signal: context.signal });
  return finish({ finished, asked: operations, teller }, { request, context, parts });
}

async function uploadOf({ uploadKey }: PhotoRequest, { objects, names }: ServerParts): Promise<Buffer> {
  try {
    const bytes = await objects.read(names.uploads, uploadKey, UPLOAD_BYTES_MAX);
    if (bytes === undefined) throw new Unusable("The file was never uploaded. Please upload it again.");
    return bytes;
  } catch (failure) {
    if (failure instanceof TooLarge) throw new Unusable(`The file is larger than ${UPLOAD_BYTES_MAX / 1024 / 1024} MB.`);
    throw failure;
  }
}

interface Job {
  readonly request: PhotoRequest;
  readonly context: JobContext<"long" | "responses">;
  readonly parts: ServerParts;
}

async function passOn({ picture, operations }: Work, fraction: number, { request, context, parts }: Job): Promise<"passed on"> {
  const { batchId, photoId } = request;
  const key = workKey(photoId);
  await parts.objects.write(parts.names.results, key, { bytes: await workingCopyOf(picture), contentType: "image/png" });
  const next: LongRequest = { batchId, photoId, workKey: key, operations, fraction };
  context.emit("long", next);
  respond(context, { kind: "progress", batchId, photoId, stage: "waiting", fraction, step: "Waiting for the second server" });
  return "passed on";
}

interface Finished {
  readonly finished: Work;
  readonly asked: Operations;
  readonly teller: Teller;
}

async function finish({ finished, asked, teller }: Finished, { request, context, parts }: Job): Promise<"done"> {
  const { batchId, photoId } = request;
  teller.tell(0.95, "Saving");
  const place = { objects: parts.objects, bucket: parts.names.results };
  const results = await saveResults(place, photoId, { picture: finished.picture, asked });
  respond(context, { kind: "done", batchId, photoId, results });
  return "done";
}
