import { existsSync, rmSync } from "node:fs";
import { checkPlace } from "../../../src/backup/check-place.ts";
import { listBackups } from "../../../src/backup/backups.ts";
import { DirectoryPlace } from "../../../src/backup/directory-place.ts";
import { restore } from "../../../src/backup/restore.ts";
import type { Journal } from "../load/journal.ts";
import { blobsIn, contentsOf } from "./contents.ts";
import { recover } from "./recover.ts";

const GOES_ON = new AbortController().signal;

/** Ids of the backups that are at a place, or what is wrong with one. */
export type PlaceSeen = { readonly ids: readonly string[] } | { readonly damaged: string };

/** Backups that a power cut has left at their place: all that say that they are whole must be. */
export class BackupCheck {
  readonly #journal: Journal;
  readonly #scratch: string;
  /** What is wrong with what a backup restores to, by its id: every byte of it is compared with its digests each time. */
  readonly #restored = new Map<string, string | undefined>();

  /** @param scratch a directory that may be made and removed. */
  constructor(journal: Journal, scratch: string) {
    this.#journal = journal;
    this.#scratch = scratch;
  }

  async look(directory: string): Promise<PlaceSeen> {
    if (!existsSync(directory)) return { ids: [] };
    const place = new DirectoryPlace(directory);
    const problems: string[] = [];
    await checkPlace(place, { signal: GOES_ON, onProblem: ({ what }) => problems.push(what), onProgress: () => {} });
    const [first] = problems;
    if (first !== undefined) return { damaged: `a backup is not as it was written: ${first}` };
    const { whole } = await listBackups(place);
    for (const manifest of whole) {
      const { id } = manifest;
      if (!this.#restored.has(id)) this.#restored.set(id, await this.#restore(id, () => restore({ place, manifest, ...this.#target })));
      const wrong = this.#restored.get(id);
      if (wrong !== undefined) return { damaged: wrong };
    }
    return { ids: whole.map(({ id }) => id) };
  }

  get #target() {
    return { directory: this.#scratch, signal: GOES_ON, onProgress: () => {} };
  }

  /** It must show what was so at some time while it was made. */
  async #restore(id: string, make: () => Promise<void>): Promise<string | undefined> {
    const { states, timesMs, backups } = this.#journal;
    const made = backups.find((backup) => backup.id === id);
    if (made === undefined) return `nobody has made the backup ${id}`;
    rmSync(this.#scratch, { recursive: true, force: true });
    await make();
    const nowMs = timesMs[made.toUnit] ?? 0;
    const recovered = await recover(this.#scratch, { nowMs, contents: contentsOf(blobsIn(this.#scratch)), told: undefined });
    if ("corrupt" in recovered) return `what the backup ${id} restores to: ${recovered.corrupt}`;
    if (states.slice(made.fromUnit, made.toUnit + 1).includes(recovered.shown)) return undefined;
    return `what the backup ${id} restores to was never so between unit ${made.fromUnit} and unit ${made.toUnit}`;
  }
}
