import { ROWS, type RowId } from "../contract/rows.ts";
import type { Actions } from "../sdk/queues/protocols.ts";

/**
 * A request and the answer that is known from Amazon SQS. How it is known, the rows of the contract say that the case
 * shows: `test/contract/row.ts` explains the words.
 */
export interface RecordedCase {
  readonly name: string;
  readonly rows: readonly RowId[];
  /** Attributes of the queue `orders`; without them there is no queue. */
  readonly queue?: Readonly<Record<string, string>>;
  /** What came before: requests, and milliseconds that passed. */
  readonly given?: readonly (Asked | number)[];
  readonly ask: Asked;
  /** The answer, with `ANY` for what differs each time. */
  readonly answer?: object;
  /** What is answered instead. */
  readonly refused?: Refusal;
}

/**
 * An action and its input, to which the queue's URL is added where it has none. `HANDLE` stands for the handle of the
 * message that was received last, `FIRST_HANDLE` for the first.
 */
export type Asked = readonly [action: keyof Actions, input: Readonly<Record<string, unknown>>];

export interface Refusal {
  /** With its namespace: `com.amazonaws.sqs#QueueDoesNotExist`. */
  readonly type: string;
  /** The code of the Query protocol. */
  readonly code: string;
  readonly status: number;
  readonly message: string;
  /** Where the Query protocol has other words. */
  readonly queryMessage?: string;
}

export const ANY = "‹any›";
export const HANDLE = "‹handle›";
export const FIRST_HANDLE = "‹first handle›";

/** Errors that the model of SQS has. */
export function modelled(shape: string, code: string, status: number) {
  return (message: string): Refusal => ({ type: `com.amazonaws.sqs#${shape}`, code, status, message });
}

/** Errors that it has not. */
export function common(shape: string, code: string) {
  return (message: string): Refusal => ({ type: `com.amazon.coral.service#${shape}`, code, status: 400, message });
}

const PREFIX = "AWS.SimpleQueueService.";
export const batchError = (shape: string) => modelled(shape, PREFIX + shape, 400);
export const invalidParameter = common("InvalidParameterValueException", "InvalidParameterValue");
export const missingParameter = common("MissingRequiredParameterException", "MissingParameter");
export const invalidAttributeName = modelled("InvalidAttributeName", "InvalidAttributeName", 400);
export const invalidAttributeValue = modelled("InvalidAttributeValue", "InvalidAttributeValue", 400);
export const noQueue: Refusal = {
  ...modelled("QueueDoesNotExist", `${PREFIX}NonExistentQueue`, 400)("The specified queue does not exist."),
  queryMessage: "The specified queue does not exist for this wsdl version.",
};

/** How the weakest of a case's rows is known. */
export function evidenceOf({ rows }: Pick<RecordedCase, "rows">): string {
  const all = ROWS.filter(({ id }) => rows.includes(id)).map(({ evidence }) => evidence);
  return WEAKEST_FIRST.find((evidence) => all.includes(evidence)) ?? "guess";
}

const WEAKEST_FIRST = ["guess", "emulators", "documented", "model", "reported", "recorded by another", "recorded"] as const;
