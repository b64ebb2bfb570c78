/** Whose fault an error is, in the words of the AWS error model. */
export type Fault = "client" | "server";

export interface ServiceErrorOptions {
  /** The name of the error's shape in the service's model, for example `QueueDoesNotExist`. */
  readonly code: string;
  readonly httpStatus: number;
  readonly fault: Fault;
  readonly message: string;
  /** The code that older protocols use, where it differs: `AWS.SimpleQueueService.NonExistentQueue`. */
  readonly queryCode?: string;
  /** The text that the Query protocol uses, where it differs. */
  readonly queryMessage?: string;
  /** What stands before `#` in the `__type` of a JSON error; the protocol's default where absent. */
  readonly namespace?: string;
  /** Further elements of an XML error body, in order: `{ BucketName: "b" }`. */
  readonly details?: Readonly<Record<string, string>>;
  /** Further response headers. */
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * An error that a caller is meant to see. Each service makes them in its own `rules/errors.ts`, the one closed table of
 * what that service may say; everything else that is thrown is a bug and is answered as an internal failure.
 */
export class ServiceError extends Error {
  override readonly name = "ServiceError";
  readonly options: ServiceErrorOptions;

  constructor(options: ServiceErrorOptions) {
    super(options.message);
    this.options = options;
  }

  get code(): string {
    return this.options.code;
  }
}
