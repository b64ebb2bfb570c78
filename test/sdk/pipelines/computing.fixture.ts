/** Handlers of stages that run on threads and in processes of their own. */
import { existsSync } from "node:fs";
import type { StageContext } from "../../../src/worker/index.ts";

export interface Picture {
  readonly picture: string;
  /** There when the computation may end. */
  readonly enough: string;
}

/** Reads its picture, computes in one go until it may end, stores what came of it and says so. */
export async function computes(
  { picture, enough }: Picture,
  ctx: StageContext<{ readonly card: { readonly key: string } }>,
): Promise<void> {
  const bytes = await ctx.objects.get(picture, { signal: ctx.signal });
  ctx.progress(0.5, "computing");
  // As blocked as a computation, and leaves the processor to the others.
  while (!existsSync(enough)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
  const key = `cards/${picture}`;
  await ctx.objects.put(key, `${Buffer.from(bytes ?? "").toString()} drawn`, { contentType: "text/plain" });
  ctx.emit("card", { key });
}

/** Goes on in a second part; tells where it is by what it stores. */
export async function continues({ picture }: Picture, ctx: StageContext<{ readonly card: { readonly key: string } }>): Promise<void> {
  await ctx.objects.put(`part ${JSON.stringify(ctx.cursor ?? null)}`, ctx.trace.xray ?? "no trace");
  if (ctx.cursor === undefined) ctx.checkpoint({ from: picture });
  else ctx.emit("card", { key: (await ctx.objects.get("none")) === undefined ? "nothing there" : "something" });
}

/** Hands on its picture. */
export function passes({ picture }: Picture, ctx: StageContext<{ readonly card: { readonly key: string } }>): void {
  ctx.emit("card", { key: picture });
}

/** Of a join. */
export function counts(parts: readonly Picture[], ctx: StageContext<{ readonly card: { readonly key: string } }>): void {
  ctx.emit("card", { key: parts.map(({ picture }) => picture).join("+") });
}
