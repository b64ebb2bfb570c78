/** Handlers that tests run on threads and in processes. */
import { existsSync } from "node:fs";
import type { Context } from "../context.ts";
import { Reject, RetryLater } from "../verdicts.ts";
import type { IsolatedContext } from "./protocol.ts";

export async function tells(message: { text: string }, ctx: Context<string>): Promise<void> {
  await Promise.resolve();
  ctx.progress(0.5, "half");
  ctx.log.info("working", { text: message.text });
  ctx.emit("done", { text: message.text, id: ctx.id, kind: ctx.attributes["kind"]?.value }, { key: "k" });
}

export function fails(how: string): void {
  if (how === "reject") throw new Reject("never", { issues: [{ message: "wrong", path: "a.b" }] });
  if (how === "later") throw new RetryLater("10m", "not yet");
  // oxlint-disable-next-line unicorn/no-process-exit -- A handler that does just this is what is tested.
  if (how === "exit") process.exit(7);
  throw new RangeError(how);
}

let leftover = (): void => {};

/** Leaves something running that emits, stores and says how far it is while the next message is worked on. */
export function leaves(text: string, ctx: IsolatedContext): void {
  leftover();
  ctx.emit("done", text);
  leftover = () => {
    ctx.emit("done", `late of ${text}`);
    ctx.progress(1, `late of ${text}`);
    ctx.checkpoint?.(`late of ${text}`);
    void ctx.objects?.put("late", text).catch((error: unknown) => ctx.log.info(String(error)));
  };
}

/** Obeys its signal, or blocks its thread for ever. */
export async function waits(how: "obeys" | "blocks", ctx: Context<string>): Promise<void> {
  ctx.progress(0, "begun");
  // oxlint-disable-next-line eslint/no-unmodified-loop-condition -- It is to go on for ever.
  while (how === "blocks");
  await new Promise((_, reject) => ctx.signal.addEventListener("abort", () => reject(ctx.signal.reason as Error)));
}

/** Computes, in one go, until a file is there. */
export function computesUntilThere(message: { path: string }, ctx: Context<string>): void {
  while (!existsSync(message.path));
  ctx.emit("done", "computed");
}
