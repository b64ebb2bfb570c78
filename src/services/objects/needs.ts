import type { ServiceError } from "../../kernel/service-error.ts";
import type { StoreCall } from "../../storage/storage.ts";
import type { Principal } from "../../wire/api.ts";
import type { ByteStream } from "../../wire/shapes.ts";

/** What the object service asks of others; `server/links.ts` supplies it. */

/** Where events of buckets can be sent: the queues. */
export interface EventTargets {
  /** Whether the queue exists and takes messages of that account. FIFO queues do not. */
  validate(queueArn: string, accountId: string): Promise<boolean>;
  /**
   * The sending of a message as a store operation, so that it is committed with what it tells of.
   * @returns undefined where the ARN names nothing that could take it.
   */
  deliver(event: { readonly queueArn: string; readonly body: string; readonly accountId: string }): StoreCall | undefined;
}

/** The body of a request, without its transfer coding and checked against the request's signature. */
export interface CheckedBody {
  /** Decoded bytes. Until it has ended without an error nothing may be made of them. */
  readonly stream: ByteStream;
  /** By lower-case name; complete once the stream has ended. */
  trailers(): Readonly<Record<string, string>>;
}

export interface IncomingBody extends CheckedBody {
  /** Present where the request names no caller itself but is a form, whose fields may: a browser's upload. */
  readonly form?: FormSender | undefined;
}

export interface FormSender {
  /**
   * Who sends the form: the signer of its policy, or whoever may send forms without one.
   * @param fields those before the file, by name as received. @throws {ServiceError}
   */
  principalOf(fields: Readonly<Record<string, string>>): Principal;
  /** What everything but an upload is refused with; undefined where callers need no credentials. */
  readonly refusal: ServiceError | undefined;
}
