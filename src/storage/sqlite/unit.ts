import type { StoreCall, Unfinished, Wait } from "../storage.ts";

/** What was asked, and who is to be told. */
export interface Unit {
  readonly calls: readonly StoreCall[];
  readonly resolve: (results: unknown[]) => void;
  readonly reject: (reason: unknown) => void;
}

export type Outcome = { readonly results: unknown[] } | { readonly refused: unknown } | Pending;

/** What is not answered yet: it waits for others, or has more to do itself. */
type Pending = { readonly wait: Wait<unknown> } | { readonly unfinished: Unfinished };

export function refuseAll(units: readonly Unit[], reason: unknown): void {
  for (const unit of units) unit.reject(reason);
}

export function isPending(outcome: Outcome): outcome is Pending {
  return "wait" in outcome || "unfinished" in outcome;
}
