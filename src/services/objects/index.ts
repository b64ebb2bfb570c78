import { assert } from "../../kernel/assert.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { Logger } from "../../kernel/logger.ts";
import type { Random } from "../../kernel/random.ts";
import type { ServiceError } from "../../kernel/service-error.ts";
import { storeClient, type Storage } from "../../storage/storage.ts";
import type { Api, Call } from "../../wire/api.ts";
import type { HttpRequest, HttpResponse } from "../../wire/http.ts";
import { newBlobId } from "./content/blob-id.ts";
import { watchedBlobs } from "./content/damage.ts";
import { Readers } from "./content/readers.ts";
import type { BlobStore } from "./drivers/blob-store.ts";
import type { EventTargets, IncomingBody } from "./needs.ts";
import { bucketOfHost } from "./rules/address.ts";
import { Requests } from "./requests/requests.ts";
import { sequenceCell, sequencers } from "./content/sequencer.ts";
import { OBJECT_OPERATIONS, type ObjectOperations } from "./store/store.ts";
import { Upkeep } from "./upkeep.ts";

export { blobFiles } from "./drivers/blob-files.ts";
export { blobMemory } from "./drivers/blob-memory.ts";
export { BlobDamaged, type BlobStore } from "./drivers/blob-store.ts";
export type { CheckedContent, ObjectOperations } from "./store/store.ts";
export type { CheckedBody, EventMessage, EventSource, EventTargets, FormSender, IncomingBody } from "./needs.ts";

export interface ObjectsOptions {
  /** Has the object store open among its modules. */
  readonly storage: Storage;
  readonly blobs: BlobStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Is told a figure for health and metrics when it changes: `objects.damaged_reads_total`. */
  readonly report: (name: string, value: number) => void;
  readonly events: EventTargets;
  /** Names, in lower case and without a port, under which buckets are hosts: `s3.localhost` for `photos.s3.localhost`. */
  readonly baseHosts: readonly string[];
  /** Whether further threads of the server answer requests. */
  readonly severalThreads?: boolean;
  /** On a further thread: what the first one has started. */
  readonly joins?: StartedObjects;
  /** `heldOf` on all other threads of the server; absent where there are none, or on one of them. */
  readonly heldElsewhere?: (blobs: readonly string[]) => Promise<readonly string[]>;
}

/** What all threads of a server know of its start; plain data. */
export interface StartedObjects {
  /** For the ids of blobs. */
  readonly generation: number;
  /** For the numbers of events. */
  readonly sequence: SharedArrayBuffer;
}

/** The object service, as the server sees it. */
export interface ObjectService {
  readonly api: Api;
  /**
   * To be awaited before the first request, on the first thread of a server alone.
   * @returns what its other threads join by.
   */
  start(): Promise<StartedObjects>;
  stop(): Promise<void>;
  /** Of blobs to which nothing refers any more those that are being read on this thread. */
  heldOf(blobs: readonly string[]): Promise<readonly string[]>;
  /** Keeps the bytes of all objects that there are from now on, also of those that are deleted, until it is called back. */
  holdBlobs(): () => void;
  /**
   * Answers an S3 request, its own errors included. A preflight (OPTIONS) needs no verified caller.
   * @param body without its transfer coding and checked on the way.
   * @throws what is no {ServiceError}: a bug, or a failure of the machine.
   */
  handle(request: HttpRequest, call: Call, body: IncomingBody): Promise<HttpResponse>;
  /** An error that came up before the service was reached, in S3's form. */
  error(error: ServiceError, of: { readonly requestId: string; readonly method: string }): HttpResponse;
  /** Adds what lets a page of the request's Origin read the answer, if the bucket's rules do. `handle` has done so already. */
  withCors(request: HttpRequest, response: HttpResponse): Promise<HttpResponse>;
  /** Whether the bucket's rules let a page of the request's Origin send it. */
  allowsOrigin(request: HttpRequest): Promise<boolean>;
  /** The name of the action that a request asks for, for counting and logs; undefined where there is none. */
  actionOf(request: HttpRequest): string | undefined;
  /** The bucket that a Host names; undefined: the first segment of the path does. */
  bucketOfHost(host: string): string | undefined;
}

export function createObjects(options: ObjectsOptions): ObjectService {
  const { storage, clock, random, logger, report, events, baseHosts } = options;
  const blobs = watchedBlobs(options.blobs, { logger, report });
  const store = storeClient<ObjectOperations>(storage, "objects", OBJECT_OPERATIONS);
  const readers = new Readers();
  const { heldElsewhere = async () => [] } = options;
  const heldOf = async (dead: readonly string[]) => (await Promise.all([readers.heldOf(dead), heldElsewhere(dead)])).flat();
  const upkeep = new Upkeep({ store, blobs, heldOf, clock, logger });
  let generation = options.joins?.generation;
  const nextBlobId = () => {
    assert(generation !== undefined, "the object service is started before the first request");
    return newBlobId(random, generation);
  };
  const sequence = options.joins?.sequence ?? sequenceCell();
  const { severalThreads = false } = options;
  const numbering = { newBlobId: nextBlobId, newSequencer: sequencers(clock, sequence), severalThreads };
  const context = { store, storage, blobs, readers, clock, random, events, ...numbering };
  const requests = new Requests(context, baseHosts);
  return {
    api: requests.api,
    async start() {
      await blobs.open();
      generation = await store.startGeneration({});
      upkeep.start(generation);
      return { generation, sequence };
    },
    heldOf: (dead) => readers.heldOf(dead),
    stop: () => upkeep.stop(),
    holdBlobs: () => upkeep.hold(),
    handle: (request, call, body) => requests.handle(request, call, body),
    error: (error, of) => requests.error(error, of),
    withCors: (request, response) => requests.withCors(request, response),
    allowsOrigin: (request) => requests.allowsOrigin(request),
    actionOf: (request) => requests.actionOf(request),
    bucketOfHost: (host) => bucketOfHost(host, baseHosts),
  };
}
