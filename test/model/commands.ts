import type { SendMessageBatchRequestEntry } from "@aws-sdk/client-sqs";

/** What a caller, an operator or time does. Plain data, so that a run can be printed, shrunk and played again. */
export type Command =
  | { readonly do: "create"; readonly queue: string; readonly attributes: Attributes }
  | { readonly do: "set"; readonly queue: string; readonly attributes: Attributes }
  | { readonly do: "look" | "remove" | "purge"; readonly queue: string }
  | { readonly do: "sources"; readonly queue: string; readonly max: number | undefined }
  | { readonly do: "send"; readonly queue: string; readonly message: Sent }
  | { readonly do: "send batch"; readonly queue: string; readonly messages: readonly Sent[]; readonly ids: BatchIds }
  | ({ readonly do: "receive"; readonly queue: string } & Received)
  | { readonly do: "delete"; readonly queue: string; readonly handle: HandlePick }
  | { readonly do: "delete batch"; readonly queue: string; readonly handles: readonly HandlePick[]; readonly ids: BatchIds }
  | { readonly do: "change"; readonly queue: string; readonly handle: HandlePick; readonly seconds: number }
  | {
      readonly do: "change batch";
      readonly queue: string;
      readonly changes: readonly { readonly handle: HandlePick; readonly seconds: number | undefined }[];
      readonly ids: BatchIds;
    }
  /** Asked while the engine is busy with another group: all of them in one group after it. */
  | { readonly do: "together"; readonly commands: readonly Command[] }
  /** The caller of a receive that waits goes away; which one, counted from the first that waits. */
  | { readonly do: "leave"; readonly which: number }
  | { readonly do: "pass"; readonly ms: number }
  /** Time goes on to something that time brings, the n-th from now, or to a little before or after it. */
  | { readonly do: "pass to event"; readonly nth: number; readonly offsetMs: number }
  | { readonly do: "restart"; readonly killed: boolean; readonly downMs: number }
  /** Killed when a receive was committed and nobody told. */
  | { readonly do: "kill in receive"; readonly queue: string; readonly max: number; readonly hide: number };

export type Attributes = Readonly<Record<string, string>>;

export type Sent = Omit<SendMessageBatchRequestEntry, "Id">;

export interface Received {
  readonly max: number | undefined;
  readonly wait: number | undefined;
  readonly hide: number | undefined;
  /** ReceiveRequestAttemptId. */
  readonly attempt?: string | undefined;
  /** The caller is gone when the answer comes. */
  readonly gone: boolean;
}

/** One of the handles that were given out so far, counted from the newest; or something that never was a handle. */
export type HandlePick = { readonly of: "queue" | "any"; readonly nth: number } | { readonly of: "nothing"; readonly text: string };

/** How the entries of a batch are named: well, or wrong in one of the ways that spoil the whole batch. */
export type BatchIds = "distinct" | "repeated" | "malformed";

export function idOf(ids: BatchIds, index: number): string {
  if (ids === "malformed") return "no id";
  return `e${ids === "repeated" ? index >> 1 : index}`;
}

/** A run: queues that are there at first, and what is done then. */
export interface Run {
  readonly queues: Readonly<Record<string, Attributes>>;
  readonly commands: readonly Command[];
}
