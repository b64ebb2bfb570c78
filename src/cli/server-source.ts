import { PlaceUnusable, type Bytes } from "../backup/place.ts";
import type { Snapshot, Source } from "../backup/source.ts";
import type { SnapshotState } from "../server/snapshots.ts";
import { MIB } from "../kernel/units.ts";
import { pause } from "./interruption.ts";
import { askOwnPage, type OwnPageRequest } from "./own-page.ts";
import type { Sqs } from "./sqs.ts";

const PAGES = "/_millrace/snapshots";

/** Between two looks at a snapshot that is being taken. */
const LOOK_EVERY_MS = 200;

/** So often the server is told that the snapshot is still wanted, also while nothing of it is read. */
const WANT_EVERY_MS = 5000;

const ELSEWHERE = "only Millrace can be asked for a snapshot of all that it holds.";

/** Read at once, whatever becomes of the bytes: the server does not wait for long for who takes an answer slowly. */
const READ_AT_ONCE_BYTES = 8 * MIB;

type Told = SnapshotState & { readonly version: string };

/** A server that runs: it is asked for a snapshot, which is then read from it. */
export class ServerSource implements Source {
  readonly #sqs: Sqs;
  readonly #ended = new AbortController();
  #id: string | undefined;

  constructor(sqs: Sqs) {
    this.#sqs = sqs;
  }

  async begin({ onProgress, signal }: { onProgress: (copiedBytes: number) => void; signal: AbortSignal }): Promise<Snapshot> {
    let told = (await this.#asJson({ method: "POST", path: PAGES, elsewhere: ELSEWHERE })) as Told;
    this.#id = told.id;
    while (told.state === "copying") {
      onProgress(told.copiedBytes);
      await pause(LOOK_EVERY_MS, signal);
      signal.throwIfAborted();
      told = (await this.#asJson({ path: this.#path(), elsewhere: ELSEWHERE })) as Told;
    }
    void this.#stayWanted();
    const { fromMs, toMs, database, version } = told;
    if (database === null || toMs === null)
      throw new PlaceUnusable(`${this.#sqs.where} could not take a snapshot: ${told.failure ?? "its log says why"}.`);
    return {
      fromMs,
      toMs,
      server: version,
      database,
      readDatabase: async () => this.#read(`${this.#path()}/database`, database.bytes),
      listBlobs: () => this.#listBlobs(),
      readBlob: async ({ id, bytes }) => this.#read(`${this.#path()}/blobs/${id}`, bytes),
    };
  }

  async end(): Promise<void> {
    this.#ended.abort();
    if (this.#id === undefined) return;
    // Else the server drops it by itself when nobody asks for it.
    await askOwnPage(this.#sqs, { method: "DELETE", path: this.#path(), elsewhere: ELSEWHERE }).catch(() => {});
  }

  async #stayWanted(): Promise<void> {
    const { signal } = this.#ended;
    for (;;) {
      await pause(WANT_EVERY_MS, signal);
      if (signal.aborted) return;
      // Should it be gone, whoever reads it next is told.
      await this.#asJson({ path: this.#path(), elsewhere: ELSEWHERE }).catch(() => {});
    }
  }

  #path(): string {
    return `${PAGES}/${this.#id}`;
  }

  async *#listBlobs(): AsyncIterable<readonly { id: string; bytes: number }[]> {
    for (let after = ""; ;) {
      const { blobs } = (await this.#asJson({ path: `${this.#path()}/blobs`, query: { after }, elsewhere: ELSEWHERE })) as {
        blobs: { id: string; bytes: number }[];
      };
      const last = blobs.at(-1);
      if (last === undefined) return;
      yield blobs;
      after = last.id;
    }
  }

  /** A whole file, piece by piece. */
  async *#read(path: string, bytes: number): Bytes {
    for (let start = 0; start < bytes;) {
      const piece = await this.#asked({ path, query: { start: String(start), bytes: String(READ_AT_ONCE_BYTES) }, elsewhere: ELSEWHERE });
      if (piece.length === 0) return; // It is shorter than was said; who reads it compares.
      start += piece.length;
      yield piece;
    }
  }

  async #asJson(request: OwnPageRequest): Promise<unknown> {
    return JSON.parse((await this.#asked(request)).toString()) as unknown;
  }

  async #asked(request: OwnPageRequest): Promise<Buffer> {
    const pieces: Uint8Array[] = [];
    for await (const piece of await askOwnPage(this.#sqs, request)) pieces.push(piece);
    return Buffer.concat(pieces);
  }
}
