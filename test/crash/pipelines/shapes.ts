import { randomUUID } from "node:crypto";
import { z } from "zod";
import { definePipeline, type Pipeline } from "../../../src/worker/index.ts";

/** How messages go on, with order kept or not. */
export const SHAPES = ["straight", "fan-out", "join", "straight-fifo", "fan-out-fifo", "join-fifo"] as const;
export type Shape = (typeof SHAPES)[number];

/** A job, or what a stage makes of it. `runs` names every run of a handler that led to it. */
export const Job = z.object({ key: z.string(), group: z.string(), side: z.string(), runs: z.array(z.string()) });
export type Job = z.infer<typeof Job>;

/** What every job comes to in the end: these sides of its key, each once. */
export const SIDES: Readonly<Record<"straight" | "fan-out" | "join", readonly string[]>> = {
  straight: ["even", "odd"],
  "fan-out": ["left", "right"],
  join: ["all"],
};

/** Longer than a busy machine stands still; the server is told when it has passed. */
const LEASE = "20s";

const PARTS = ["1", "2", "3"];

export function kindOf(shape: Shape): keyof typeof SIDES {
  return shape.replace("-fifo", "") as keyof typeof SIDES;
}

/** @param inHandler called in the middle of every run of a handler. */
export function pipelineOf(shape: Shape, inHandler: () => void = () => {}): Pipeline {
  const isFifo = shape.endsWith("-fifo");
  const group = (m: Job): string => m.group;
  const common = {
    input: Job,
    concurrency: 4,
    lease: LEASE,
    // Kills count as receives; none of them is the message's fault.
    maxReceives: 500,
    backoff: { baseMs: 1, capMs: 1000 },
    ...(isFifo ? { fifo: { group } } : {}),
  } as const;
  const once = { idempotency: { key: (m: Job) => `${m.key}/${m.side}` } };
  const ran = (m: Job, side: string): Job => ({ ...m, side, runs: [...m.runs, randomUUID()] });
  const work = async (): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    inHandler();
  };
  return definePipeline(`crash-${shape}`, (p) => {
    // Nobody works on it: what is in it at the end is judged.
    const ledger = p.stage("ledger", { ...common, run: () => undefined });
    const end = (name: string) => {
      const stage = p.stage(name, {
        ...common,
        ...once,
        outputs: { done: Job },
        run: async (m, ctx) => {
          const done = ran(m, kindOf(shape) === "straight" ? m.side : name);
          await work();
          ctx.emit("done", done);
        },
      });
      stage.on.done.to(ledger);
      return stage;
    };
    switch (kindOf(shape)) {
      case "straight": {
        const run = async (m: Job, ctx: { emit(name: "even" | "odd", body: Job): void }) => {
          const own = ran(m, "");
          ctx.emit("even", { ...own, side: "even" });
          await work();
          ctx.emit("odd", { ...own, side: "odd" });
        };
        const first = p.stage("first", { ...common, ...once, outputs: { even: Job, odd: Job }, run });
        first.on.even.to(end("evens"));
        first.on.odd.to(end("odds"));
        break;
      }
      case "fan-out": {
        const first = p.stage("first", {
          ...common,
          ...once,
          outputs: { step: Job },
          run: async (m, ctx) => {
            ctx.emit("step", ran(m, ""));
            await work();
          },
        });
        first.on.step.to(end("left"), end("right"));
        break;
      }
      case "join": {
        const first = p.stage("first", {
          ...common,
          ...once,
          outputs: { part: Job },
          run: async (m, ctx) => {
            const own = ran(m, "");
            for (const side of PARTS) ctx.emit("part", { ...own, side });
            await work();
          },
        });
        const all = p.join("all", {
          ...common,
          outputs: { done: Job },
          key: (m) => m.key,
          distinct: (m) => m.side,
          expect: () => PARTS.length,
          run: async (parts, ctx) => {
            await work();
            // Parts of several runs would show that more than one run was committed.
            const runs = [...new Set(parts.flatMap((part) => part.runs))];
            ctx.emit("done", { ...parts[0], side: "all", runs: [...runs, randomUUID()] });
          },
        });
        first.on.part.to(all);
        all.on.done.to(ledger);
        break;
      }
    }
    return { ledger };
  }) as unknown as Pipeline;
}
