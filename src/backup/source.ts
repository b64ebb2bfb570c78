import type { DatabaseDescription } from "../storage/sqlite/index.ts";
import type { Bytes } from "./place.ts";

/** The data of a server as it was at one moment. */
export interface Snapshot {
  /** Epoch milliseconds: all that was acknowledged before is in it. */
  readonly fromMs: number;
  /** Nothing that was acknowledged after is in it. */
  readonly toMs: number;
  /** Version of the server. */
  readonly server: string;
  readonly database: DatabaseDescription;
  readDatabase(): Promise<Bytes>;
  /** Pages of all blobs to which the database refers, by ascending id. */
  listBlobs(): AsyncIterable<readonly { readonly id: string; readonly bytes: number }[]>;
  readBlob(blob: { readonly id: string; readonly bytes: number }): Promise<Bytes>;
}

/** The port of what a backup can be made of: a server that runs, or a data directory that nobody uses. */
export interface Source {
  /** Takes the snapshot. @param onProgress is told how much of the database is copied. */
  begin(options: { onProgress: (copiedBytes: number) => void; signal: AbortSignal }): Promise<Snapshot>;
  /** Lets go of the snapshot, however far it came. */
  end(): Promise<void>;
}
