import { z } from "zod";
import { Result } from "../jobs.ts";
import type { PhotoResponse } from "../jobs.ts";
import { statusKey, statusPrefix, workKey } from "../keys.ts";
import type { Objects } from "../objects.ts";
import type { Names } from "../settings.ts";
import { QUEUED, advance, fail, isFinal } from "../state.ts";
import type { PhotoStatus } from "../state.ts";
import { batchIdOf, viewOf } from "./batch.ts";
import type { Batch, BatchView, OrderedPhoto, PhotoView } from "./batch.ts";

/** Batches kept in memory, besides those that somebody watches. The store has all. */
const BATCHES_KEPT = 100;
/** Readers of status objects at a time. */
const READS_AT_ONCE = 16;
/** More meetings of writers than this on one small object are no coincidence; the message then comes back later. */
const CHANGE_ATTEMPTS_MAX = 20;

const StoredStatus = z.object({
  stage: z.enum(["queued", "server-a", "waiting", "server-b", "failed", "unusable", "done"]),
  fraction: z.number(),
  step: z.string(),
  text: z.string().exactOptional(),
  results: z.array(Result).exactOptional(),
});

export interface BookParts {
  readonly objects: Objects;
  readonly names: Names;
  readonly batchOf: (batchId: string) => Promise<Batch | undefined>;
}

type Listener = (changed: readonly PhotoView[]) => void;

interface Held {
  readonly status: PhotoStatus;
  /** Of the object as we know it; `"none"` where there is none. */
  readonly etag: string;
}

interface Entry {
  readonly batch: Batch;
  readonly ordered: ReadonlyMap<string, OrderedPhoto>;
  readonly held: Map<string, Held>;
}

/**
 * How far every photo is. The truth lies in the object store, one small object for each photo, written on condition that
 * nobody else has changed it; so any number of web tiers share it, and one that starts again knows all. Between two
 * stages the progress is kept in memory only: losing it costs a moment of a bar.
 */
export class Book {
  readonly #parts: BookParts;
  /** In the order of last use. */
  readonly #entries = new Map<string, Promise<Entry | undefined>>();
  /** By batch; apart from the entries, which may be forgotten and read again. */
  readonly #listeners = new Map<string, Set<Listener>>();

  constructor(parts: BookParts) {
    this.#parts = parts;
  }

  async view(batchId: string): Promise<BatchView | undefined> {
    const entry = await this.#entry(batchId);
    if (entry === undefined) return undefined;
    await this.#refresh(entry);
    return this.#viewOf(entry);
  }

  /** Takes in what a processing server says. Safe to repeat; when it resolves, a new stage is in the store. */
  async apply(response: PhotoResponse): Promise<void> {
    const status = await this.#change(response.photoId, (current) => advance(current, response));
    // Nobody needs the working copy once the photo has come to its end.
    const { objects, names } = this.#parts;
    if (response.kind === "done" && status !== undefined) await objects.remove(names.results, workKey(response.photoId));
  }

  /** A photo's job has ended in the dead-letter queue. */
  async fail(photoId: string, text: string): Promise<void> {
    await this.#change(photoId, (current) => fail(current, text));
  }

  /** One photo, without looking at the others of its batch; `undefined` where there is none. */
  async photo(batchId: string, photoId: string): Promise<{ order: OrderedPhoto; status: PhotoStatus } | undefined> {
    const entry = await this.#entry(batchId);
    const order = entry?.ordered.get(photoId);
    if (entry === undefined || order === undefined) return undefined;
    if (!isFinal(this.#statusOf(entry, photoId))) await this.#reload(entry, photoId);
    return { order, status: this.#statusOf(entry, photoId) };
  }

  /** Calls back with photos that changed, until the returned function is called. */
  watch(batchId: string, listener: Listener): () => void {
    const listeners = this.#listeners.get(batchId) ?? new Set();
    this.#listeners.set(batchId, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.#listeners.get(batchId) === listeners) this.#listeners.delete(batchId);
    };
  }

  /** Looks for what other web tiers have written of a batch that somebody watches here. */
  async catchUp(batchId: string): Promise<void> {
    const entry = await this.#entry(batchId);
    const isOver = entry?.batch.photos.every(({ photoId }) => isFinal(this.#statusOf(entry, photoId))) ?? true;
    if (entry !== undefined && !isOver) await this.#refresh(entry);
  }

  async #change(photoId: string, decide: (current: PhotoStatus) => PhotoStatus): Promise<PhotoStatus | undefined> {
    const entry = await this.#entry(batchIdOf(photoId));
    // Of a batch that is not ours nothing is kept.
    if (entry === undefined || !entry.ordered.has(photoId)) return undefined;
    for (let attempt = 0; attempt < CHANGE_ATTEMPTS_MAX; attempt += 1) {
      const held = entry.held.get(photoId) ?? { status: QUEUED, etag: "none" };
      const status = decide(held.status);
      if (status === held.status) return status;
      if (status.stage === held.status.stage) return this.#keep(entry, photoId, { status, etag: held.etag });
      const key = statusKey(entry.batch.batchId, photoId);
      const etag = await this.#parts.objects.writeJson(this.#parts.names.results, key, { value: status, expected: held.etag });
      if (etag !== undefined) return this.#keep(entry, photoId, { status, etag });
      // Somebody else was faster: look at what it is now, and decide again.
      await this.#reload(entry, photoId);
    }
    throw new Error(`the status of ${photoId} changed ${CHANGE_ATTEMPTS_MAX} times under our hands`);
  }

  #keep(entry: Entry, photoId: string, held: Held): PhotoStatus {
    entry.held.set(photoId, held);
    const photo = entry.ordered.get(photoId);
    const listeners = this.#listeners.get(entry.batch.batchId) ?? [];
    if (photo !== undefined) for (const listener of listeners) listener([viewOf(photo, held.status)]);
    return held.status;
  }

  async #reload(entry: Entry, photoId: string): Promise<void> {
    const key = statusKey(entry.batch.batchId, photoId);
    const found = await this.#parts.objects.readJson(this.#parts.names.results, key);
    if (found === undefined) entry.held.delete(photoId);
    else this.#keep(entry, photoId, { status: StoredStatus.parse(found.value), etag: found.etag });
  }

  /** Reads again what has another ETag than the one known here. */
  async #refresh(entry: Entry): Promise<void> {
    const { batchId } = entry.batch;
    const changed: string[] = [];
    for await (const { key, etag } of this.#parts.objects.list(this.#parts.names.results, statusPrefix(batchId))) {
      const photoId = key.slice(statusPrefix(batchId).length, -".json".length);
      if (entry.held.get(photoId)?.etag !== etag) changed.push(photoId);
    }
    for (let from = 0; from < changed.length; from += READS_AT_ONCE)
      await Promise.all(changed.slice(from, from + READS_AT_ONCE).map((photoId) => this.#reload(entry, photoId)));
  }

  #statusOf(entry: Entry, photoId: string): PhotoStatus {
    return entry.held.get(photoId)?.status ?? QUEUED;
  }

  #viewOf(entry: Entry): BatchView {
    const { batchId, createdMs, photos } = entry.batch;
    return { batchId, createdMs, photos: photos.map((photo) => viewOf(photo, this.#statusOf(entry, photo.photoId))) };
  }

  async #entry(batchId: string): Promise<Entry | undefined> {
    const known = this.#entries.get(batchId) ?? this.#load(batchId);
    this.#entries.delete(batchId);
    this.#entries.set(batchId, known);
    const entry = await known.catch((failure: unknown) => {
      this.#entries.delete(batchId);
      throw failure;
    });
    if (entry === undefined) this.#entries.delete(batchId);
    this.#forget();
    return entry;
  }

  async #load(batchId: string): Promise<Entry | undefined> {
    const batch = await this.#parts.batchOf(batchId);
    if (batch === undefined) return undefined;
    const ordered = new Map(batch.photos.map((photo) => [photo.photoId, photo]));
    const entry: Entry = { batch, ordered, held: new Map() };
    await this.#refresh(entry);
    return entry;
  }

  #forget(): void {
    for (const batchId of this.#entries.keys()) {
      if (this.#entries.size <= BATCHES_KEPT) return;
      if (!this.#listeners.has(batchId)) this.#entries.delete(batchId);
    }
  }
}
