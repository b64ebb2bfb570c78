import { hash } from "node:crypto";
import type { Answer } from "../world/network.ts";
import type { Client } from "./client.ts";
import type { Timed } from "./recorder.ts";

const md5 = (bytes: Uint8Array | string) => hash("md5", bytes);
/** The longest that a PUT may take; what is unsettled then is waited for, since the writes of a key are one after the other. */
const TIMEOUT_MS = 10_000;

/** A bucket in the hands of one client. Nothing is tried again: each attempt has bytes of its own. */
export class BucketClient {
  readonly #client: Client;
  readonly #bucket: string;

  constructor(client: Client, bucket: string) {
    this.#client = client;
    this.#bucket = bucket;
  }

  async put(key: string, body: string, spoilt = false): Promise<void> {
    const headers: Record<string, string> = spoilt ? { "content-md5": Buffer.from(md5("other"), "hex").toString("base64") } : {};
    await this.#write("PUT", key, { body, headers, write: { content: body, etag: md5(body) }, expected: spoilt ? ["BadDigest"] : [] });
  }

  async remove(key: string): Promise<void> {
    await this.#write("DELETE", key, { body: "", headers: {}, write: { content: undefined, etag: undefined }, expected: [] });
  }

  async get(key: string): Promise<Answer | undefined> {
    const shape = (timed: Timed, answer: Answer | undefined) => {
      const there = answer?.status === 200 ? answer : undefined;
      return [{ op: "read" as const, ...timed, key, content: there?.body.toString(), etag: there && etagOf(there) }];
    };
    const exchange = this.#client.once(
      { method: "GET", target: `/${this.#bucket}/${key}`, headers: {}, body: "", timeoutMs: TIMEOUT_MS, once: true },
      { shape, absent: true },
    );
    return await exchange.told;
  }

  /** Keys with their ETags; undefined where nobody answered. */
  async list(): Promise<Map<string, string> | undefined> {
    const answer = await this.#client.ask({ method: "GET", target: `/${this.#bucket}?list-type=2`, headers: {}, body: "" }, {});
    if (answer?.status !== 200) return undefined;
    const items = [...answer.body.toString().matchAll(/<Contents>(.*?)<\/Contents>/gs)].map(([, item = ""]) => item);
    const textOf = (item: string, name: string) => new RegExp(`<${name}>(.*?)</${name}>`).exec(item)?.[1] ?? "";
    return new Map(items.map((item) => [textOf(item, "Key"), textOf(item, "ETag").replaceAll("&quot;", "")]));
  }

  async #write(
    method: string,
    key: string,
    options: {
      body: string;
      headers: Record<string, string>;
      write: { content: string | undefined; etag: string | undefined };
      expected: readonly string[];
    },
  ): Promise<void> {
    const { body, headers, write, expected } = options;
    const shape = (timed: Timed) => [{ op: "write" as const, ...timed, key, ...write }];
    const asked = { method, target: `/${this.#bucket}/${key}`, headers, body, timeoutMs: TIMEOUT_MS, once: true };
    const exchange = this.#client.once(asked, { shape, expected });
    await exchange.told;
    await exchange.settled;
  }
}

function etagOf({ headers }: Answer): string | undefined {
  return headers["etag"]?.replaceAll('"', "");
}
