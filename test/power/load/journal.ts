/** What must be so after each unit, as the process that was recorded has written it down. */
export interface Journal {
  /** After unit 0, which is before all; after unit 1; … All lines of `linesOf`. */
  readonly states: readonly string[];
  /** Engine time of each. */
  readonly timesMs: readonly number[];
  /** The largest sequence number told by then. */
  readonly sequences: readonly number[];
  readonly remembered: readonly Remembered[];
  readonly backups: readonly Backup[];
  /** What was wrong without any power cut. */
  readonly problems: readonly string[];
}

/** A backup that was made. */
export interface Backup {
  readonly id: string;
  /** Answered when it began, and asked for when it was done: it shows what was so after one of these, or of those between. */
  readonly fromUnit: number;
  readonly toUnit: number;
}

/** A deduplication id that a FIFO queue has accepted. */
export interface Remembered {
  readonly sinceUnit: number;
  readonly queue: string;
  readonly deduplicationId: string;
  readonly groupId: string;
  /** The message's. */
  readonly id: string;
}
