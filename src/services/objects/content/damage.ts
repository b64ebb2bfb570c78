import type { Logger } from "../../../kernel/logger.ts";
import { BlobDamaged, type BlobStore } from "../drivers/blob-store.ts";
import { damagedObject } from "../rules/errors.ts";

/** Who is told of damage: a log, and a figure for health and metrics. */
export interface DamageListeners {
  readonly logger: Logger;
  readonly report: (name: string, value: number) => void;
}

/** The same blobs, but that what is found damaged is logged and counted, and refused as callers can understand it. */
export function watchedBlobs(blobs: BlobStore, { logger, report }: DamageListeners): BlobStore {
  let found = 0;
  return {
    ...blobs,
    async *read(id, range) {
      try {
        yield* blobs.read(id, range);
      } catch (error) {
        if (!(error instanceof BlobDamaged)) throw error;
        found += 1;
        report("objects.damaged_reads_total", found);
        logger.error("an object is damaged and its bytes are not sent", { blob: id, because: error.message });
        throw damagedObject();
      }
    },
  };
}
