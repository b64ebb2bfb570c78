import type { Operations, Result, ResultName } from "./jobs.ts";
import { resultKey } from "./keys.ts";
import type { Objects } from "./objects.ts";
import { jpegOf } from "./operations/picture.ts";
import type { Picture } from "./operations/picture.ts";
import { thumbnail } from "./operations/thumbnail.ts";
import { resultsOf } from "./plan.ts";

/** Makes and stores the files that were asked for, under keys that follow from the photo's id. */
export async function saveResults(
  { objects, bucket }: { readonly objects: Objects; readonly bucket: string },
  photoId: string,
  finished: { readonly picture: Picture; readonly asked: Operations },
): Promise<Result[]> {
  const save = async (name: ResultName): Promise<Result> => {
    const picture = name === "thumbnail" ? await thumbnail(finished.picture) : finished.picture;
    const bytes = await jpegOf(picture);
    const key = resultKey(photoId, name);
    await objects.write(bucket, key, { bytes, contentType: "image/jpeg" });
    return { name, key, width: picture.width, height: picture.height, bytes: bytes.length };
  };
  const saved: Result[] = [];
  // One after the other: two pictures encoded at once would need twice the memory.
  for (const name of resultsOf(finished.asked)) saved.push(await save(name));
  return saved;
}
