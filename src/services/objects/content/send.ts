import type { Departure } from "../../../kernel/departure.ts";
import type { ByteStream } from "../../../wire/shapes.ts";
import type { BlobStore } from "../drivers/blob-store.ts";
import type { Segment } from "../rules/segments.ts";
import type { Reader } from "./readers.ts";

/** The bytes of segments one after another; nothing is opened before it is read. */
export async function* bytesOf(blobs: BlobStore, segments: readonly Segment[]): ByteStream {
  for (const { blob, startByte, bytes } of segments) yield* blobs.read(blob, { startByte, bytes });
}

/**
 * The same as the body of an answer: its reader leaves when it has been read to the end, when it fails, when it is given
 * up, and when the caller goes, even before the first byte was asked for.
 */
export function bodyOf(source: ByteStream, reader: Reader, signal: Departure): ByteStream {
  const leave = () => {
    signal.removeEventListener("abort", leave);
    reader.leave();
  };
  if (signal.aborted) reader.leave();
  else signal.addEventListener("abort", leave, { once: true });
  return {
    [Symbol.asyncIterator]() {
      const iterator = source[Symbol.asyncIterator]();
      const step = async (next: () => Promise<IteratorResult<Uint8Array>>) => {
        try {
          const result = await next();
          if (result.done === true) leave();
          return result;
        } catch (error) {
          leave();
          throw error;
        }
      };
      return {
        next: () => step(() => iterator.next()),
        return: () => step(async () => (await iterator.return?.()) ?? { done: true, value: undefined }),
      };
    },
  };
}

/** The same with its first bytes read already: what is wrong with them can still be answered as an error. */
export async function begun(stream: ByteStream): Promise<ByteStream> {
  const iterator = stream[Symbol.asyncIterator]();
  let first: IteratorResult<Uint8Array> | undefined = await iterator.next();
  return {
    [Symbol.asyncIterator]: () => ({
      async next() {
        const result = first ?? (await iterator.next());
        first = undefined;
        return result;
      },
      return: async () => (await iterator.return?.()) ?? { done: true, value: undefined },
    }),
  };
}
