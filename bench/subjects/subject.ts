import type { ReplyBytes } from "../job.ts";

/** What the load is put on, so that a scenario is written once for all. */
export interface Subject {
  /** The process whose processor time and memory are read. */
  readonly pid: number;
  /** Bytes of the last answers' bodies; empty where there are no replies in bytes. */
  readonly replyBytes: ReplyBytes;
  /** One connection, or one place for an outstanding unit. */
  open(): Promise<Session>;
  close(): Promise<void>;
}

/** One request at a time. Anything but the expected answer throws. */
export interface Session {
  send(messages: number): Promise<void>;
  /** @param waitSeconds how long an empty queue is waited at; 0 where left out. */
  receive(messagesMax: number, waitSeconds?: number): Promise<readonly ReceivedHandle[]>;
  delete(handles: readonly ReceivedHandle[]): Promise<void>;
}

/** Whatever the subject deletes by. */
export type ReceivedHandle = unknown;

/** The queue that all load is put on. */
export const BENCH_QUEUE = { account: "000000000000", region: "us-east-1", name: "bench" };

export const BODY_BYTES = 1024;

/** Text without anything to escape: the same for all, and the cheapest for everybody's parser. */
export const BODY = bodyOf(BODY_BYTES);

export function bodyOf(bytes: number): string {
  const sentence = "photo 4711: crop, recolour, watermark; ";
  return sentence.repeat(Math.ceil(bytes / sentence.length)).slice(0, bytes);
}
