/** Bytes as they come. */
export type Bytes = AsyncIterable<Uint8Array>;

/** A file of a place. */
export interface Stored {
  /** `blobs/ab/ab12…`, with `/` wherever the place is. */
  readonly path: string;
  readonly bytes: number;
  readonly modifiedMs: number;
}

/** The port of places where backups are kept. `place.suite.ts` is the meaning of this page. */
export interface Place {
  /** As a person would name it. */
  readonly name: string;
  /**
   * Keeps others from writing until the returned function is called or the process ends. Undefined where the place has
   * nothing for that: two backups at once are then the caller's mistake, and what is young is left alone.
   * @throws {PlaceUnusable} another process has it.
   */
  lock(): Promise<(() => void) | undefined>;
  /** Whole files below a folder, in pieces, in the order of their paths. */
  list(folder: string): AsyncIterable<readonly Stored[]>;
  /** @throws {MissingFile} */
  read(path: string): Promise<Bytes>;
  /**
   * Puts a file in place of the one that is there. It is seen whole or not at all, and is on stable storage when this
   * resolves. @param bytesExpected where that is known.
   */
  write(path: string, bytes: Bytes, bytesExpected?: number): Promise<void>;
  /** What is gone already is no mistake. When this resolves nothing of it comes back, whatever dies. */
  remove(paths: readonly string[]): Promise<void>;
  close(): void;
}

export class MissingFile extends Error {
  override readonly name = "MissingFile";
}

/** The place cannot be used as it is; the message says what to do. */
export class PlaceUnusable extends Error {
  override readonly name = "PlaceUnusable";
}
