import { batchKey, unsentKey, unsentPrefix } from "../keys.ts";
import type { Objects, SendAll } from "../objects.ts";
import type { PhotoRequest } from "../jobs.ts";
import type { Names } from "../settings.ts";
import { Batch, batchOf } from "./batch.ts";
import type { BatchRequest } from "./batch.ts";

export interface OrdersParts {
  readonly objects: Objects;
  readonly sendAll: SendAll;
  readonly names: Names;
  readonly nowMs: () => number;
}

/** The batch's name is taken by another batch. */
export class BatchDiffers extends Error {
  override readonly name = "BatchDiffers";
}

/**
 * Accepts batches: writes down what is asked for, then sends one job for each photo. Between the two a note stands in the
 * bucket, so that a web tier that died there, or its successor, sends the jobs at its next start.
 */
export class Orders {
  readonly #parts: OrdersParts;

  constructor(parts: OrdersParts) {
    this.#parts = parts;
  }

  /** @throws {BatchDiffers} when there is a batch of that name with other photos. */
  async accept(request: BatchRequest): Promise<Batch> {
    const { objects, names, nowMs } = this.#parts;
    const { batchId } = request;
    const batch = batchOf(request, nowMs());
    await objects.write(names.results, unsentKey(batchId), { bytes: Buffer.from("{}"), contentType: "application/json" });
    const isNew = (await objects.writeJson(names.results, batchKey(batchId), { value: batch, expected: "none" })) !== undefined;
    const accepted = isNew ? batch : await this.read(batchId);
    if (accepted === undefined || JSON.stringify(accepted.photos) !== JSON.stringify(batch.photos)) {
      throw new BatchDiffers("There is another batch with this id.");
    }
    await this.#send(accepted);
    return accepted;
  }

  async read(batchId: string): Promise<Batch | undefined> {
    const found = await this.#parts.objects.readJson(this.#parts.names.results, batchKey(batchId));
    return found === undefined ? undefined : Batch.parse(found.value);
  }

  /** The newest batches first. */
  async recent(count: number): Promise<Batch[]> {
    const keys: { id: string; changedMs: number }[] = [];
    for await (const { key, changedMs } of this.#parts.objects.list(this.#parts.names.results, "batches/"))
      keys.push({ id: key.slice("batches/".length, -".json".length), changedMs });
    const newest = keys.sort((one, other) => other.changedMs - one.changedMs).slice(0, count);
    const batches = await Promise.all(newest.map(({ id }) => this.read(id)));
    return batches.filter((batch) => batch !== undefined);
  }

  /** Sends what an earlier web tier accepted and did not live to send. Jobs that were sent before are sent twice; they bear that. */
  async sendUnsent(): Promise<number> {
    const { objects, names } = this.#parts;
    let count = 0;
    for await (const { key } of objects.list(names.results, unsentPrefix)) {
      const batch = await this.read(key.slice(unsentPrefix.length, -".json".length));
      if (batch === undefined) continue;
      await this.#send(batch);
      count += 1;
    }
    return count;
  }

  async #send({ batchId, photos }: Batch): Promise<void> {
    const { objects, names, sendAll } = this.#parts;
    const jobs = photos.map(({ photoId, uploadKey, operations }): PhotoRequest => ({ batchId, photoId, uploadKey, operations }));
    await sendAll(names.requests, jobs);
    await objects.remove(names.results, unsentKey(batchId));
  }
}
