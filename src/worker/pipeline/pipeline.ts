import { connected, type PipelineConnection, type PipelineParts } from "./clients.ts";
import type { PipelineDefinition } from "./definition.ts";
import type { StageRef } from "./edge.ts";
import { graphOf, type PipelineGraph } from "./graph.ts";
import type { EnsureOptions } from "./resources/ensure.ts";
import { exportTo, type Exports } from "./resources/export.ts";
import type { RemovalStep } from "./resources/removal-steps.ts";
import type { RemovalOptions, RemoveOptions } from "./resources/remove.ts";
import type { PlanStep } from "./resources/steps.ts";
import { Sender, type SendOptions } from "./send.ts";
import { cancelKey, statusOf, type KeyStatus } from "./status.ts";
import { startWork, type PipelineWorkers, type WorkRequest } from "./work.ts";

type NameOf<Stages> = Stages[keyof Stages] extends StageRef<infer Name> ? Name : never;
type TakesOf<Stages, Name extends string> =
  Extract<Stages[keyof Stages], StageRef<Name>> extends StageRef<string, infer Takes> ? Takes : never;

/** A pipeline that is only declared; its methods speak to AWS or Millrace, whichever the environment names. */
export class Pipeline<
  Name extends string = string,
  Stages extends Readonly<Record<string, StageRef>> = Readonly<Record<string, StageRef>>,
> implements AsyncDisposable {
  readonly name: Name;
  /** What the definition returned. */
  readonly stages: Stages;
  readonly #definition: PipelineDefinition;
  readonly #connection: PipelineConnection;
  #parts: PipelineParts | undefined;
  #sender: Sender | undefined;

  constructor(definition: PipelineDefinition, stages: Stages, connection: PipelineConnection = {}) {
    this.name = definition.name as Name;
    this.stages = stages;
    this.#definition = definition;
    this.#connection = connection;
  }

  /** The same pipeline with clients, a clock or a logger of one's own. */
  with(connection: PipelineConnection): Pipeline<Name, Stages> {
    return new Pipeline(this.#definition, this.stages, { ...this.#connection, ...connection });
  }

  /** Stages, queues, topics and what goes where, as JSON. */
  graph(): PipelineGraph {
    return graphOf(this.#definition);
  }

  /**
   * What `ensure` would make, for tools that make it instead: a template of `"cloudformation"`, or resources of `"terraform"`
   * in its JSON syntax. Without the tag of `ensure`: what others have made, `remove` leaves to them.
   * @throws {AssertionFailed} for any other format.
   */
  export<Format extends keyof Exports>(format: Format): Exports[Format] {
    return exportTo(this.#definition, format);
  }

  /**
   * Creates what is missing of queues, dead-letter queues, topics, subscriptions and the bucket, with a tag that says whose
   * they are. What is there keeps the attributes that somebody has given it, but for filters and for what lets topics send
   * to queues. May be called by any number of processes at once, and again after it was interrupted.
   */
  async ensure(options: EnsureOptions = {}): Promise<void> {
    const { ensure } = await import("./resources/ensure.ts");
    await ensure(this.#definition, this.#connected(), options);
  }

  /** What `ensure` would do now, thing by thing. Changes nothing. */
  async plan(): Promise<PlanStep[]> {
    const { plan } = await import("./resources/ensure.ts");
    return await plan(this.#definition, this.#connected());
  }

  /** What `remove` would do now, thing by thing. Changes nothing. */
  async removal(options: RemovalOptions = {}): Promise<RemovalStep[]> {
    const { removal } = await import("./resources/remove.ts");
    return await removal(this.#definition, this.#connected(), options);
  }

  /**
   * Removes what `ensure` has made, as its tags say, and nothing else. May be called again after it was interrupted.
   * @returns what was removed, and what was left for which reason.
   * @throws {MessagesWait} where messages are in the queues, unless `withMessages` says that they may go.
   */
  async remove(options: RemoveOptions = {}): Promise<RemovalStep[]> {
    const { remove } = await import("./resources/remove.ts");
    return await remove(this.#definition, this.#connected(), options);
  }

  /**
   * Puts a message into a stage's queue, after its schema has looked at it.
   * @returns the identity of the message, which its outputs are named after.
   * @throws {InvalidMessage} when it does not fit.
   */
  async send<To extends NameOf<Stages>>(stage: To, body: TakesOf<Stages, To>, options: SendOptions = {}): Promise<{ readonly id: string }> {
    this.#sender ??= new Sender(this.#definition, this.#connected());
    return await this.#sender.send(stage, body, options);
  }

  /** Works on all stages or some, until it is stopped; see `consume`. Starts at once, also while the server is not there yet. */
  work(request: WorkRequest = {}): PipelineWorkers {
    return startWork(this.#definition, this.#connected(), request);
  }

  /** Who works on an idempotency or join key, how far it is, or that it is done; `undefined` where nobody has begun. */
  async status(stage: NameOf<Stages>, key: string): Promise<KeyStatus | undefined> {
    return await statusOf(this.#definition, this.#connected(), { stage, key });
  }

  /**
   * Cancels the work on an idempotency or join key, wherever it runs: a running handler's signal is aborted with
   * `Cancelled` at its next heartbeat, and messages with the key become dead letters.
   * @returns false where it is done already.
   */
  async cancel(stage: NameOf<Stages>, key: string, reason: string = "cancelled"): Promise<boolean> {
    return await cancelKey(this.#definition, this.#connected(), { stage, key, reason });
  }

  /** Closes the connections of everything but workers, which close their own when they stop. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts?.clients.destroy();
  }

  #connected(): PipelineParts {
    this.#parts ??= connected(this.#connection);
    return this.#parts;
  }
}
