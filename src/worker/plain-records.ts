import type { S3Client } from "@aws-sdk/client-s3";
import type { WriteCondition } from "./objects.ts";
import { PlainRequests, type PlainParts } from "./plain-requests.ts";
import type { Header } from "./plain-signature.ts";

/** What the keys of a pipeline's own records begin with, and are made of: they are the same in a URL. */
const RECORD = /^millrace\/[\w./-]+$/;

/** Conditional writes of a pipeline's own records as plain requests; see `PlainRequests`. */
export class PlainRecords {
  readonly #requests: PlainRequests;
  /** What stands before the key in a path; known once the client itself has written a record. */
  #prefix = "";

  constructor(client: S3Client, bucket: string, parts: PlainParts) {
    const keyOf = (input: object, { path }: { path: string }) => {
      const { Bucket, Key } = input as { Bucket?: unknown; Key?: unknown };
      if (Bucket !== bucket || typeof Key !== "string" || !RECORD.test(Key) || !path.endsWith(`/${Key}`)) return undefined;
      this.#prefix = path.slice(0, -Key.length);
      return bucket;
    };
    this.#requests = new PlainRequests(client, keyOf, parts);
  }

  /** @returns the new version; `refused` where the condition does not hold; `undefined` where the client is to make the write. */
  async write(
    bucket: string,
    record: { key: string; text: string; condition: WriteCondition | undefined; signal: AbortSignal | undefined },
  ): Promise<{ etag: string } | "refused" | undefined> {
    const { key, text, condition, signal } = record;
    if (!RECORD.test(key) || condition === undefined) return undefined;
    const header: Header = "ifNone" in condition ? ["if-none-match", "*"] : ["if-match", condition.ifMatch];
    const headers: Header[] = [["content-type", "application/json"], header];
    const answer = await this.#requests.send(bucket, { method: "PUT", path: () => this.#prefix + key, headers, body: text, signal });
    if (answer?.status === 200 && answer.etag !== undefined) return { etag: answer.etag };
    return answer?.status === 412 ? "refused" : undefined;
  }
}
