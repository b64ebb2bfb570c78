/** What the load generator's process is asked and what it answers, both as one line of JSON. */

export type ScenarioName = "send" | "batch" | "cycle" | "cycle-singles" | "mixed" | "wake";

export interface Job {
  readonly subject: SubjectOfLoad;
  readonly scenario: ScenarioName;
  /** Connections, or outstanding units where there are none. */
  readonly connections: number;
  readonly warmUpSeconds: number;
  readonly seconds: number;
  /** Of each message; left out, 1 KiB. Not for a FIFO queue. */
  readonly bodyBytes?: number;
  /** Ends as soon as so many messages have been sent, whatever the time. */
  readonly messagesMax?: number;
}

export type SubjectOfLoad =
  /** A server that speaks the SQS protocol. Without keys the requests look the same, signed with keys it does not know. */
  | { readonly kind: "aws"; readonly port: number; readonly pid: number; readonly keys?: Keys; readonly queue?: QueueKind }
  /** The same server, where each batch of ten messages is one publish to a topic with ten queues. */
  | { readonly kind: "topic"; readonly port: number; readonly pid: number; readonly delivered: Delivered }
  /** The bare echo: the same requests, replies of the given size. */
  | { readonly kind: "echo"; readonly port: number; readonly pid: number; readonly replyBytes: ReplyBytes }
  /** The storage engine in the load generator's own process. */
  | { readonly kind: "engine"; readonly directory: string };

/**
 * Left out, the same messages are sent again and again, made before the run. Otherwise each batch is made when it is sent:
 * for a FIFO queue with groups and deduplication ids of its own, for a standard queue at the same cost without them.
 */
export type QueueKind = "standard" | "fifo";

/** In what form queues get the messages of a topic: signed envelopes, or as they were published. */
export type Delivered = "enveloped" | "raw";

export interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export type StepName = "send" | "receive" | "delete" | "wake";

/** Bytes of the last answer's body to each step. */
export type ReplyBytes = Readonly<Partial<Record<StepName, number>>>;

/** Percentiles of the time from a request's first byte out to its answer's last byte in. */
export interface Latency {
  readonly count: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface Measurement {
  readonly seconds: number;
  readonly messages: number;
  readonly messagesPerSecond: number;
  /** Requests, or units of the engine. */
  readonly requestsPerSecond: number;
  readonly overall: Latency;
  readonly steps: Readonly<Partial<Record<StepName, Latency>>>;
  readonly replyBytes: ReplyBytes;
  /** Processor time of the server's process; undefined where the platform does not tell. */
  readonly cpuUsPerMessage: number | undefined;
  /** Resident memory of the server's process at the end. */
  readonly rssBytes: number | undefined;
  /** Share of the machine's processor time that neither the server nor the load generator took, 0 to 1. */
  readonly othersShare: number | undefined;
}
