import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import { Result } from "../../examples/photos/src/jobs.ts";
import type { Order } from "./orders.ts";

const Uploads = z.object({ uploads: z.array(z.object({ uploadId: z.string(), url: z.string() })) });
const Photo = z.object({
  photoId: z.string(),
  name: z.string(),
  stage: z.string(),
  text: z.string().optional(),
  results: z.array(Result).optional(),
});
const Batch = z.object({ batchId: z.string(), photos: z.array(Photo) });
export type SeenPhoto = z.infer<typeof Photo>;
export type SeenBatch = z.infer<typeof Batch>;

const TRIES_MAX = 60;
const PAUSE_MS = 250;

/** What the page does, without a browser. It tries again while something is down, as the page does. */
export class PhotoClient {
  readonly #url: string;

  /** @param url of the web tier. */
  constructor(url: string) {
    this.#url = url;
  }

  async upload({ bytes }: Order): Promise<string> {
    const contentType = "image/jpeg";
    const { uploads } = Uploads.parse(await this.#ask("/api/uploads", { files: [{ bytes: bytes.length, contentType }] }));
    const [upload] = uploads;
    if (upload === undefined) throw new Error("no upload URL was handed out");
    await persist(() => fetch(upload.url, { method: "PUT", body: new Uint8Array(bytes), headers: { "content-type": contentType } }));
    return upload.uploadId;
  }

  async order(batchId: string, photos: readonly { uploadId: string; name: string; operations: Order["operations"] }[]): Promise<SeenBatch> {
    return Batch.parse(await this.#ask("/api/batches", { batchId, photos }));
  }

  async look(batchId: string): Promise<SeenBatch> {
    return Batch.parse(await this.#ask(`/api/batches/${batchId}`));
  }

  async download(batchId: string, photoId: string, result: Result): Promise<Buffer> {
    const response = await persist(() => fetch(`${this.#url}/api/batches/${batchId}/photos/${photoId}/${result.name}.jpg`));
    return Buffer.from(await response.arrayBuffer());
  }

  async #ask(path: string, body?: unknown): Promise<unknown> {
    const request =
      body === undefined ? {} : { method: "POST", body: JSON.stringify(body), headers: { "content-type": "application/json" } };
    const response = await persist(() => fetch(`${this.#url}${path}`, request));
    return await response.json();
  }
}

async function persist(attempt: () => Promise<Response>): Promise<Response> {
  for (let tries = 1; ; tries += 1) {
    const outcome = await attempt().catch((failure: unknown) => failure);
    if (outcome instanceof Response && outcome.ok) return outcome;
    const isRefused = outcome instanceof Response && outcome.status < 500;
    if (isRefused || tries === TRIES_MAX)
      throw new Error(outcome instanceof Response ? `${outcome.status} ${await outcome.text()}` : String(outcome));
    await pause(PAUSE_MS);
  }
}
