import type { ServiceError } from "../../kernel/service-error.ts";
import type { StoreCall } from "../../storage/storage.ts";
import type { Principal } from "../../wire/api.ts";
import type { ByteStream } from "../../wire/shapes.ts";

/** What the object service asks of others; `server/links.ts` supplies it. */

/** Where events of buckets can be sent: queues and topics. */
export interface EventTargets {
  /** Whether the queue or topic exists and takes messages of that bucket. Those of FIFO do not. */
  validate(arn: string, source: EventSource): Promise<boolean>;
  /**
   * The sending of a message as a store operation, so that it is committed with what it tells of.
   * @returns undefined where the ARN names nothing that could take it.
   */
  deliver(message: EventMessage): StoreCall | undefined;
  /** Is told what `deliver`'s operation answered, once it is committed: a message that was not taken is nobody's error, but is not kept quiet. */
  delivered(message: EventMessage, answer: unknown): void;
}

export interface EventSource {
  /** `arn:aws:s3:::photos` */
  readonly bucketArn: string;
  /** Whose the bucket is, twelve digits. */
  readonly accountId: string;
}

export interface EventMessage {
  /** Of the queue or topic. */
  readonly arn: string;
  readonly body: string;
  readonly source: EventSource;
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
