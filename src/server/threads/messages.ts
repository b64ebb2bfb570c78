import type { MessagePort } from "node:worker_threads";
import type { Credential } from "../../auth/index.ts";
import type { SentTime } from "../../kernel/clock.ts";
import type { LogFields, LogLevel } from "../../kernel/logger.ts";
import type { SentError } from "../../kernel/sent-error.ts";
import type { StartedObjects } from "../../services/objects/index.ts";
import type { ServerConfig } from "../config.ts";
import type { MeterFigures } from "../meter.ts";
import type { Health } from "../own-pages.ts";
import type { ConnectionCells } from "./shared-connections.ts";

/** What a further HTTP thread is told before it serves. All that was read of files was read once, by the first. */
export interface Beginning {
  readonly config: ServerConfig;
  readonly credentials: readonly Credential[];
  readonly health: Health;
  /** Its way to the storage. */
  readonly storage: MessagePort;
  readonly time: SentTime;
  readonly objects: StartedObjects;
  readonly connections: ConnectionCells;
  /** The one that the first thread listens on. */
  readonly port: number;
}

/** What the first thread asks of each further one. */
export interface OnThread {
  /** Resolves when it listens. */
  begin(beginning: Beginning): Promise<void>;
  /** Of blobs to which nothing refers any more those that are being read there. */
  heldOf(blobs: readonly string[]): Promise<readonly string[]>;
  figures(args: null): MeterFigures;
  /** Another thread was added: those who are connected here come again. */
  shed(args: null): void;
  /** Takes no new connection, and hands over to the storage what was asked so far. */
  quiet(args: null): void;
  /** Once the storage has closed its port: the last answers are written and the connections cut. */
  close(args: null): Promise<void>;
  relayedBody(args: { relay: number; bytesMax: number }): Promise<Uint8Array>;
}

/** A request without its body, which is asked for when somebody wants it. */
export interface RelayedRequest {
  readonly method: string;
  readonly target: string;
  readonly rawHeaders: readonly string[];
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly remoteAddress: string;
}

export interface RelayedResponse {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string | Uint8Array | undefined;
  /** In the place of a body: it is asked for piece by piece. */
  readonly streamed: boolean;
}

/** What each further thread asks of the first. */
export interface OnFirst {
  relay(args: { relay: number; request: RelayedRequest }): Promise<RelayedResponse>;
  /** The next piece of a streamed answer; undefined: that was all. */
  relayNext(args: { relay: number }): Promise<Uint8Array | undefined>;
  /** Nobody wants any more of it. */
  relayGone(args: { relay: number }): void;
  log(args: { level: LogLevel; event: string; fields: LogFields | undefined }): void;
  /** A figure for health and metrics has changed. */
  report(args: { name: string; value: number }): void;
  /** Something waits to be sent to an HTTP endpoint of a topic. */
  wakeDeliveries(args: null): void;
  /** The disk has failed under objects' bytes: nothing is acknowledged any more. */
  fatal(reason: SentError): void;
}
