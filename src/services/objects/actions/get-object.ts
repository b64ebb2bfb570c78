import { operation, optional, stream, structure } from "../../../wire/shapes.ts";
import type { Reader } from "../content/readers.ts";
import { begun, bodyOf, bytesOf } from "../content/send.ts";
import { operationAborted } from "../rules/errors.ts";
import { cut, totalBytes, type Segment } from "../rules/segments.ts";
import { objectAction, retried, type Context } from "./context.ts";
import { readAnswer, readInput, readOutput, select, type Selection } from "./read.ts";

const getObjectOperation = operation("GetObject", {
  input: structure(readInput),
  output: structure({ ...readOutput, Body: optional(stream, { payload: true }) }),
});

/** An object's bytes with all that is stored beside them. A reader keeps what it began to read, whatever happens to the key. */
export const getObject = (context: Context) =>
  objectAction(getObjectOperation, async (input, call) => {
    const reader = context.readers.enter();
    try {
      const { selection, segments } = await retried(async () => {
        const selection = await select(context, input, call);
        return { selection, segments: await segmentsOf(context, selection, reader) };
      });
      return { ...readAnswer(selection, input), Body: await begun(bodyOf(bytesOf(context.blobs, segments), reader, call.signal)) };
    } catch (error) {
      reader.leave();
      throw error;
    }
  });

/**
 * The segments of what is asked for, which stay until the reader leaves.
 * @throws OperationAborted the object was replaced in the meantime, and its segments are gone
 */
export async function segmentsOf({ store }: Context, { object, range }: Omit<Selection, "partial">, reader: Reader): Promise<Segment[]> {
  const segments =
    object.segments === undefined ? await store.readSegments({ contentId: object.contentId, range }) : cut(object.segments, range);
  if (totalBytes(segments) < range.end - range.start) throw operationAborted();
  reader.name(segments.map(({ blob }) => blob));
  return segments;
}
