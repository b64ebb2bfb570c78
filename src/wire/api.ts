import type { Departure } from "../kernel/departure.ts";
import type { ServiceError } from "../kernel/service-error.ts";
import type { InputOf, Operation, OutputOf } from "./shapes.ts";

/** Who is asking, as the verifier in front of all services found out. Nothing else makes one. */
export interface Principal {
  /** Twelve digits. */
  readonly accountId: string;
  /** `arn:aws:iam::<account>:root` or `…:user/<name>`. */
  readonly arn: string;
  /** What SenderId and owner fields show: a unique id such as `AIDA…`. */
  readonly uniqueId: string;
  readonly accessKeyId: string;
  /** False for a caller without credentials where those are allowed. */
  readonly authenticated: boolean;
  /** Whether it has proved who it is; false in `dev` mode, where callers are believed. */
  readonly verified: boolean;
}

/** What a handler knows of its request beside the input. */
export interface Call {
  readonly requestId: string;
  /** The action that is asked for, by its AWS name. */
  readonly action: string;
  readonly principal: Principal;
  /** From the signing scope; the configured default where there is none. */
  readonly region: string;
  /** `http://localhost:4566`: where the caller reached us, without a slash at the end. URLs that we hand out start so. */
  readonly baseUrl: string;
  /** The path that was asked, as received, with its query string. */
  readonly target: string;
  /** Request headers in lower case; of repeated ones the first. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Where the request came from: the other end of the socket, or whom a trusted proxy names. */
  readonly remoteAddress: string;
  /** Whether it came over TLS, as a trusted proxy says. */
  readonly secure: boolean;
  /** Aborts when the caller has gone. */
  readonly signal: Departure;
  /**
   * Said before a wait that may be long: who waits needs no headers, `baseUrl`, `remoteAddress`, `principal` or `region` any more, and ten
   * thousand that wait should not keep them.
   */
  forgetRequest?(): void;
}

/** An action that is offered: its shapes and what answers it. */
export interface Action<T extends Operation> {
  readonly operation: T;
  handle(input: InputOf<T>, call: Call): Promise<OutputOf<T>>;
}

/** An action whose shapes are known at run time only: its `operation` decodes what `handle` takes. */
export interface AnyAction {
  readonly operation: Operation;
  // oxlint-disable-next-line typescript/no-explicit-any -- A list of actions with different inputs has no tighter type; `action()` checked each.
  handle(input: any, call: Call): Promise<unknown>;
}

/** Binds a handler to its shapes, checked by the compiler. */
export function action<T extends Operation>(operation: T, handle: (input: InputOf<T>, call: Call) => Promise<OutputOf<T>>): Action<T> {
  return { operation, handle };
}

/**
 * A service as the request steps see it: the contents page of its actions. An action that AWS has and we do not stands
 * in `notOffered` and is refused by name.
 */
export interface Api {
  /** The service's name in our own words: `queues`. */
  readonly service: string;
  /** The name in the signing scope: `sqs`. */
  readonly signingName: string;
  /** What stands before the dot in `X-Amz-Target`; absent where the service has no JSON protocol. */
  readonly jsonTarget?: string;
  /** What stands before `#` in `__type`: `com.amazonaws.sqs`. */
  readonly errorNamespace: string;
  /** The Query protocol's version and XML namespace, and whether its errors have an empty `Detail`; absent where the service does not speak it. */
  readonly query?: { readonly version: string; readonly xmlNamespace: string; readonly errorDetail?: true };
  readonly actions: Readonly<Record<string, AnyAction>>;
  readonly notOffered: readonly string[];
  /** Actions that the Query protocol does not take on the path of a resource. */
  readonly notOnResourcePath?: readonly string[];
  /** Actions that a plain GET without a signature may ask for: what it names is a secret that whoever asks was sent. */
  readonly unsignedActions?: readonly string[];
  readonly errors: ApiErrors;
}

/** What the protocol layer itself may have to say, in the service's own words. */
export interface ApiErrors {
  /** A required member is absent. */
  missingParameter(name: string): ServiceError;
  /** The body cannot be read: not JSON, not XML, or a member of the wrong type. */
  malformedInput(message: string): ServiceError;
  /** REST: a header or parameter of the wrong type, by its name on the wire; `malformedInput` where the service has no such words. */
  invalidArgument?(name: string, value: string): ServiceError;
  /** No such action; `onPath` when a Query request named it on a resource's path. */
  unknownAction(name: string, onPath: boolean): ServiceError;
  /** An action or feature of AWS that this release does not have. */
  notOffered(name: string): ServiceError;
}
