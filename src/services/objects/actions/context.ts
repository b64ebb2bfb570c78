import type { Clock } from "../../../kernel/clock.ts";
import type { Random } from "../../../kernel/random.ts";
import { ServiceError } from "../../../kernel/service-error.ts";
import type { Storage, StoreClient } from "../../../storage/storage.ts";
import type { Action, Call } from "../../../wire/api.ts";
import type { InputOf, Operation, OutputOf } from "../../../wire/shapes.ts";
import type { Readers } from "../content/readers.ts";
import type { BlobStore } from "../drivers/blob-store.ts";
import type { EventTargets, IncomingBody } from "../needs.ts";
import type { ObjectOperations } from "../store/store.ts";

/** What every action works with. */
export interface Context {
  readonly store: StoreClient<ObjectOperations>;
  readonly storage: Storage;
  readonly blobs: BlobStore;
  readonly readers: Readers;
  readonly clock: Clock;
  readonly random: Random;
  readonly events: EventTargets;
  /** An id that no blob has had. */
  newBlobId(this: void): string;
  /** Grows with each call, beyond a restart too. */
  newSequencer(this: void): bigint;
  /** Whether others of the same server number changes, too. */
  readonly severalThreads: boolean;
}

/** A call as the actions of this service get it. */
export interface ObjectCall extends Call {
  /** Those of a presigned URL's query string included. */
  readonly headers: Call["headers"];
  readonly body: IncomingBody;
}

export function objectAction<T extends Operation>(
  operation: T,
  handle: (input: InputOf<T>, call: ObjectCall) => Promise<OutputOf<T>>,
): Action<T> {
  return { operation, handle: (input, call) => handle(input, call as ObjectCall) };
}

const ATTEMPTS_MAX = 10;

/** Begins again when what was read has changed before it could be acted on. @throws OperationAborted after ten times */
export async function retried<T>(attempt: () => Promise<T>): Promise<T> {
  for (let attempts = 1; ; attempts += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof ServiceError) || error.code !== "OperationAborted" || attempts === ATTEMPTS_MAX) throw error;
    }
  }
}
