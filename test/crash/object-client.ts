import { createHash } from "node:crypto";
import type { Outcome, Read } from "../checkers/history.ts";
import type { Observation, Observer } from "./observer.ts";

export const sha256 = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");
const md5 = (bytes: Buffer): Buffer => createHash("md5").update(bytes).digest();

/** The actions on the objects of a bucket, each written into the history. */
export class ObjectClient {
  readonly #observer: Observer;
  readonly #bucket: string;

  constructor(observer: Observer, bucket: string) {
    this.#observer = observer;
    this.#bucket = bucket;
  }

  async put(key: string, bytes: Buffer): Promise<Outcome> {
    const { timed, answer } = await this.#ask("PUT", key, { body: bytes });
    const etag = md5(bytes).toString("hex");
    const problem =
      timed.outcome === "done" && etagOf(answer) !== etag ? { problem: `the ETag ${etagOf(answer)} for bytes of ${etag}` } : {};
    this.#observer.record({ op: "write", ...timed, ...problem, key, content: sha256(bytes), etag });
    return timed.outcome;
  }

  /** With a digest of other bytes, which must be refused. */
  async putSpoilt(key: string, bytes: Buffer): Promise<void> {
    const headers = { "content-md5": md5(Buffer.from("other")).toString("base64") };
    const { timed, answer } = await this.#ask("PUT", key, { body: bytes, headers, expected: [400] });
    const problem = timed.outcome === "done" ? { problem: `${answer?.status} for bytes that its Content-MD5 does not fit` } : {};
    this.#observer.record({
      op: "write",
      ...timed,
      outcome: "refused",
      ...problem,
      key,
      content: sha256(bytes),
      etag: md5(bytes).toString("hex"),
    });
  }

  /** Cuts the connection in the middle of the bytes: they can never be an object. */
  async putHalf(key: string, bytes: Buffer): Promise<void> {
    const { timed } = await this.#ask("PUT", key, { body: bytes, cutAfterBytes: Math.floor(bytes.length / 2) });
    this.#observer.record({ op: "write", ...timed, outcome: "refused", key, content: sha256(bytes), etag: md5(bytes).toString("hex") });
  }

  /** An upload of one part: its last request decides. */
  async putInParts(key: string, bytes: Buffer): Promise<Outcome> {
    const created = await this.#ask("POST", `${key}?uploads`);
    const upload = /<UploadId>(.*)<\/UploadId>/.exec(created.answer?.body.toString() ?? "")?.[1];
    const part = upload === undefined ? undefined : await this.#ask("PUT", `${key}?partNumber=1&uploadId=${upload}`, { body: bytes });
    const partEtag = etagOf(part?.answer);
    const about = { op: "write", key, content: sha256(bytes), etag: `${md5(md5(bytes)).toString("hex")}-1` } as const;
    if (partEtag === undefined) {
      const { timed } = part ?? created;
      this.#observer.record({ ...about, ...timed, outcome: "refused" });
      return "refused";
    }
    const body = `<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>"${partEtag}"</ETag></Part></CompleteMultipartUpload>`;
    const { timed } = await this.#ask("POST", `${key}?uploadId=${upload}`, { body: Buffer.from(body) });
    this.#observer.record({ ...about, ...timed });
    return timed.outcome;
  }

  async delete(key: string): Promise<Outcome> {
    const { timed } = await this.#ask("DELETE", key);
    this.#observer.record({ op: "write", ...timed, key, content: undefined, etag: undefined });
    return timed.outcome;
  }

  async get(key: string): Promise<Read> {
    const { timed, answer } = await this.#ask("GET", key, { expected: [404] });
    const there = answer?.status === 200;
    // "There is no such object" is an answer as good as any.
    const outcome: Outcome = answer?.status === 404 ? "done" : timed.outcome;
    const read: Read = {
      op: "read",
      ...timed,
      outcome,
      key,
      content: there ? sha256(answer.body) : undefined,
      etag: there ? etagOf(answer) : undefined,
    };
    this.#observer.record(read);
    return read;
  }

  /** Keys with their ETags, of the whole bucket. */
  async list(): Promise<Map<string, string>> {
    const listed = new Map<string, string>();
    let after = "";
    for (;;) {
      const { answer } = await this.#ask("GET", `?list-type=2&start-after=${encodeURIComponent(after)}`);
      const page = answer?.body.toString() ?? "";
      for (const [, item = ""] of page.matchAll(/<Contents>(.*?)<\/Contents>/gs)) {
        after = /<Key>(.*)<\/Key>/.exec(item)?.[1] ?? "";
        listed.set(after, (/<ETag>(.*)<\/ETag>/.exec(item)?.[1] ?? "").replaceAll("&quot;", ""));
      }
      if (!page.includes("<IsTruncated>true</IsTruncated>")) return listed;
    }
  }

  #ask(
    method: string,
    target: string,
    options: { body?: Buffer; headers?: Record<string, string>; cutAfterBytes?: number; expected?: number[] } = {},
  ): Promise<Observation> {
    const { expected = [], ...asked } = options;
    return this.#observer.ask({ method, path: `/${this.#bucket}${target.startsWith("?") ? "" : "/"}${target}`, ...asked }, expected);
  }
}

/** Makes a bucket that tells the queue of everything that happens to its objects. */
export async function createBucket(observer: Observer, bucket: string, queueName: string): Promise<void> {
  await observer.ask({ method: "PUT", path: `/${bucket}` });
  const queue = `arn:aws:sqs:us-east-1:000000000000:${queueName}`;
  const events = ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"].map((event) => `<Event>${event}</Event>`).join("");
  const body = `<NotificationConfiguration><QueueConfiguration><Queue>${queue}</Queue>${events}</QueueConfiguration></NotificationConfiguration>`;
  const { timed } = await observer.ask({ method: "PUT", path: `/${bucket}?notification`, body });
  if (timed.outcome !== "done") throw new Error(`the bucket's notifications were not set: ${timed.problem}`);
}

function etagOf(answer: Observation["answer"]): string | undefined {
  return answer?.headers.etag?.replaceAll('"', "");
}
