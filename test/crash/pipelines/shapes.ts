import { randomUUID } from "node:crypto";
import { z } from "zod";
import { definePipeline, type Pipeline, type PipelineBuilder, type Stage } from "../../../src/worker/index.ts";

/** How messages go on, with order kept or not. */
export const SHAPES = ["straight", "fan-out", "join", "exec", "straight-fifo", "fan-out-fifo", "join-fifo", "exec-fifo"] as const;
export type Shape = (typeof SHAPES)[number];

/** The same without order. */
export type Kind = "straight" | "fan-out" | "join" | "exec";

/** A job, or what a stage makes of it. `runs` names every run of a handler that led to it. */
export const Job = z.object({ key: z.string(), group: z.string(), side: z.string(), runs: z.array(z.string()) });
export type Job = z.infer<typeof Job>;

/** What every job comes to in the end: these sides of its key, each once. */
export const SIDES: Readonly<Record<Kind, readonly string[]>> = {
  straight: ["even", "odd"],
  "fan-out": ["left", "right"],
  join: ["all"],
  exec: ["kept", "said"],
};

/** Longer than a busy machine stands still; the server is told when it has passed. */
const LEASE = "20s";

const PARTS = ["1", "2", "3"];

/** What a command does with a job, in the words of every shell: says how far it is, and makes two outputs of it. */
const COMMAND = `
IFS= read -r job
half=\${job%'"side"'*}
run=$MILLRACE_MESSAGE_ID-$$
echo '::progress 0.5'
echo "::emit said $half\\"side\\":\\"said\\",\\"runs\\":[\\"$run\\"]}"
echo "::emit done $half\\"side\\":\\"\\",\\"runs\\":[\\"$run\\"]}"
`;

export function kindOf(shape: Shape): Kind {
  return shape.replace("-fifo", "") as Kind;
}

/** The shape that a queue, a topic or a bucket belongs to, by its name. */
export function shapeNamedIn(name: string): Shape | undefined {
  return /\bcrash-((?:straight|fan-out|join|exec)(?:-fifo)?)-/.exec(name)?.[1] as Shape | undefined;
}

/** @param inHandler called in the middle of every run of a handler that is a function. */
export function pipelineOf(shape: Shape, inHandler: () => void = () => {}): Pipeline {
  const shaped = new Shaped(shape, inHandler);
  return definePipeline(`crash-${shape}`, (p) => {
    // Nobody works on it: what is in it at the end is judged.
    const ledger = p.stage("ledger", { ...shaped.common, run: () => undefined });
    shaped[kindOf(shape)](p, ledger);
    return { ledger };
  }) as unknown as Pipeline;
}

type Ledger = Stage<"ledger", Job, Record<never, never>>;

class Shaped {
  readonly common;
  readonly #kind: Kind;
  readonly #inHandler: () => void;

  constructor(shape: Shape, inHandler: () => void) {
    this.#kind = kindOf(shape);
    this.#inHandler = inHandler;
    this.common = {
      input: Job,
      concurrency: 8,
      lease: LEASE,
      // Kills count as receives; none of them is the message's fault.
      maxReceives: 500,
      backoff: { baseMs: 1, capMs: 1000 },
      ...(shape.endsWith("-fifo") ? { fifo: { group: (m: Job): string => m.group } } : {}),
    } as const;
  }

  straight(p: PipelineBuilder, ledger: Ledger): void {
    const run = async (m: Job, ctx: { emit(name: "even" | "odd", body: Job): void }) => {
      const own = ran(m, "");
      ctx.emit("even", { ...own, side: "even" });
      await this.#work();
      ctx.emit("odd", { ...own, side: "odd" });
    };
    const first = p.stage("first", { ...this.common, ...ONCE, outputs: { even: Job, odd: Job }, run });
    first.on.even.to(this.#end(p, ledger, "evens"));
    first.on.odd.to(this.#end(p, ledger, "odds"));
  }

  "fan-out"(p: PipelineBuilder, ledger: Ledger): void {
    const run = async (m: Job, ctx: { emit(name: "step", body: Job): void }) => {
      ctx.emit("step", ran(m, ""));
      await this.#work();
    };
    const first = p.stage("first", { ...this.common, ...ONCE, outputs: { step: Job }, run });
    first.on.step.to(this.#end(p, ledger, "left"), this.#end(p, ledger, "right"));
  }

  join(p: PipelineBuilder, ledger: Ledger): void {
    const run = async (m: Job, ctx: { emit(name: "part", body: Job): void }) => {
      const own = ran(m, "");
      for (const side of PARTS) ctx.emit("part", { ...own, side });
      await this.#work();
    };
    const first = p.stage("first", { ...this.common, ...ONCE, outputs: { part: Job }, run });
    const all = p.join("all", {
      ...this.common,
      outputs: { done: Job },
      key: (m) => m.key,
      distinct: (m) => m.side,
      expect: () => PARTS.length,
      run: async (parts, ctx) => {
        await this.#work();
        // Parts of several runs would show that more than one run was committed.
        const runs = [...new Set(parts.flatMap((part) => part.runs))];
        const side = parts.length === PARTS.length ? "all" : `${parts.length} parts`;
        ctx.emit("done", { ...parts[0], side, runs: [...runs, randomUUID()] });
      },
    });
    first.on.part.to(all);
    all.on.done.to(ledger);
  }

  /** A command has no claim: it may run twice on one message, and its outputs then have the same ids. */
  exec(p: PipelineBuilder, ledger: Ledger): void {
    const command = ["/bin/sh", "-c", COMMAND];
    const first = p.exec("first", { ...this.common, concurrency: 4, outputs: { done: Job, said: Job }, command });
    first.on.done.to(this.#end(p, ledger, "kept"));
    first.on.said.to(ledger);
  }

  #end<const Name extends string>(p: PipelineBuilder, ledger: Ledger, name: Name) {
    const stage = p.stage(name, {
      ...this.common,
      ...ONCE,
      outputs: { done: Job },
      run: async (m, ctx) => {
        const done = ran(m, this.#kind === "straight" ? m.side : name);
        await this.#work();
        ctx.emit("done", done);
      },
    });
    stage.on.done.to(ledger);
    return stage;
  }

  async #work(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, 5));
    this.#inHandler();
  }
}

const ONCE = { idempotency: { key: (m: Job): string => `${m.key}/${m.side}` } };

function ran(m: Job, side: string): Job {
  return { ...m, side, runs: [...m.runs, randomUUID()] };
}
