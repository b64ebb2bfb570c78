import type { CheckOptions } from "./check-directory.ts";
import { fileOf, readBlobList, type ListedBlob } from "./blob-list.ts";
import { listBackups } from "./backups.ts";
import { verified } from "./digested.ts";
import { InOrder } from "./in-order.ts";
import { Damaged, type Manifest, type ManifestFile } from "./manifest.ts";
import { MissingFile, type Place } from "./place.ts";

const REMEDY = "That backup cannot be restored. Make a new one now, and remove the folder of the damaged one.";

/** Reads every byte of every backup of a place. @returns how many there are, and files of unfinished ones. */
export async function checkPlace(place: Place, options: CheckOptions): Promise<{ backups: number; unfinished: number }> {
  const { whole, damaged, unfinished } = await listBackups(place);
  for (const { message } of damaged) options.onProblem({ what: message, remedy: REMEDY });
  const checking = new Checking(place, options);
  for (const [index, manifest] of whole.entries()) await checking.run(manifest, whole[index - 1]);
  return { backups: whole.length, unfinished: unfinished.length };
}

class Checking {
  readonly #place: Place;
  readonly #options: CheckOptions;

  constructor(place: Place, options: CheckOptions) {
    this.#place = place;
    this.#options = options;
  }

  /** @param earlier the backup before, whose blobs have been read. */
  async run({ database, blobs }: Manifest, earlier: Manifest | undefined): Promise<void> {
    await this.#told(() => this.#read(database));
    await this.#told(async () => {
      for await (const _ of readBlobList(this.#place, blobs)); // Before anything is looked for on its word.
      const read = new InOrder<ListedBlob>(earlier === undefined ? none() : readBlobList(this.#place, earlier.blobs), ({ id }) => id);
      for await (const blob of readBlobList(this.#place, blobs)) {
        const before = await read.find(blob.id).catch(() => undefined); // Its list is damaged, which was told.
        if (before?.sha256 !== blob.sha256 || before.bytes !== blob.bytes) await this.#told(() => this.#read(fileOf(blob)));
      }
      await read.close();
    });
  }

  async #read(file: ManifestFile): Promise<void> {
    const { signal, onProgress } = this.#options;
    for await (const piece of verified(await this.#place.read(file.path), file)) {
      signal.throwIfAborted();
      onProgress({ bytes: piece.length });
    }
  }

  async #told(look: () => Promise<void>): Promise<void> {
    try {
      await look();
    } catch (error) {
      if (!(error instanceof Damaged) && !(error instanceof MissingFile)) throw error;
      this.#options.onProblem({ what: error.message, remedy: REMEDY });
    }
  }
}

async function* none(): AsyncIterable<never> {}
