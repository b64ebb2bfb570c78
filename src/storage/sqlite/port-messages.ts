import type { MessagePort } from "node:worker_threads";
import type { SentError } from "../../kernel/sent-error.ts";
import type { StoreCall } from "../storage.ts";

/**
 * What goes through a port to the engine and back. Units cross in batches, and so do their answers, as JSON text: that
 * costs half of what the structured clone of the same small objects does, on both sides (Node 26, November 2026).
 *
 *     to the engine:    [ [unit id, calls] | unit id to give up, … ]
 *     from the engine:  [ batches taken, [ [unit id, results] | [unit id, null, error], … ] ]
 *                       or an object: { report: [name, value] }
 */
export type Item = [id: number, calls: readonly StoreCall[]] | number;
export type Answer = [id: number, results: unknown[] | null, error?: SentError];
export type FromEngine = string | { readonly report: readonly [name: string, value: number] } | FromThread;

/** The first port of a storage thread is also that of whoever owns it. */
export type ToThread = { readonly serve: MessagePort } | { readonly stop: true };
export type FromThread = { readonly ready: ThreadReady } | { readonly failed: SentError } | { readonly fatal: SentError };

/** What the opened directory says about itself. */
export interface ThreadReady {
  readonly highWaterMs: number;
}
