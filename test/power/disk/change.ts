/**
 * What a process does to a disk, one after the other. Files and directories have numbers, since names change; 0 is the
 * directory at the top.
 */
export type Change = Make | Write | Truncate | Rename | Remove | Sync | Mark;

export interface Make {
  readonly do: "make";
  readonly file: number;
  readonly kind: "file" | "directory";
  readonly in: number;
  readonly name: string;
}

export interface Write {
  readonly do: "write";
  readonly file: number;
  readonly offset: number;
  readonly bytes: Buffer;
}

export interface Truncate {
  readonly do: "truncate";
  readonly file: number;
  readonly size: number;
}

/** Of a file that another one had the name of, that one has lost it. */
export interface Rename {
  readonly do: "rename";
  readonly file: number;
  readonly from: { readonly in: number; readonly name: string };
  readonly in: number;
  readonly name: string;
}

export interface Remove {
  readonly do: "remove";
  readonly in: number;
  readonly name: string;
}

/** An fsync has returned: of a file, its bytes are durable; of a directory, its entries. */
export interface Sync {
  readonly do: "sync";
  readonly file: number;
  /** Changes before this one had begun when the fsync began. */
  readonly before: number;
  /** Those of them that had not ended by then: the fsync may have missed them. */
  readonly except: readonly number[];
}

/** What the process says about itself: what it was asked, what it has answered. */
export interface Mark {
  readonly do: "mark";
  readonly text: string;
}

export const TOP = 0;
