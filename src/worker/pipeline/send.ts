import { awsSqs } from "../aws.ts";
import { errorText, type Issue } from "../rules/settle.ts";
import { ID_ATTRIBUTE, type MessageAttributes, type OutgoingMessage } from "../rules/outgoing.ts";
import { issueOf } from "../run.ts";
import type { Sqs } from "../sqs.ts";
import { stageNamed, type PipelineDefinition } from "./definition.ts";
import { withPointer } from "./large-bodies.ts";
import type { PipelineParts } from "./clients.ts";
import { laneFor } from "./receiver.ts";
import { queueOf } from "./stage-queues.ts";

export interface SendOptions {
  /**
   * What identifies the message: sent twice with the same, it makes the same outputs with the same ids, and to a stage that
   * keeps order it comes once within five minutes. Default: by chance.
   */
  readonly id?: string;
  /** 0 to 900; not to a stage that keeps order. */
  readonly delaySeconds?: number;
  /** Default: what the stage's `fifo` or `tenant` says of the message. */
  readonly groupId?: string;
  readonly attributes?: MessageAttributes;
  /** Default: what the stage's `lanes` say of the message. */
  readonly lane?: string;
}

/** What was to be sent does not fit the stage's schema. */
export class InvalidMessage extends Error {
  override readonly name = "InvalidMessage";
  readonly issues: readonly Issue[];

  constructor(stage: string, issues: readonly Issue[]) {
    super(
      `stage ${stage} does not take this: ${issues.map(({ path, message }) => `${path === "" ? "body" : path}: ${message}`).join("; ")}`,
    );
    this.issues = issues;
  }
}

/** Sends to the stages of a pipeline from outside. */
export class Sender {
  readonly #definition: PipelineDefinition;
  readonly #parts: PipelineParts;
  readonly #sqs: Sqs;
  readonly #urls = new Map<string, string>();

  constructor(definition: PipelineDefinition, parts: PipelineParts) {
    this.#definition = definition;
    this.#parts = parts;
    this.#sqs = awsSqs(parts.clients.sqs);
  }

  async send(name: string, body: unknown, options: SendOptions): Promise<{ id: string }> {
    const stage = stageNamed(this.#definition, name);
    const result = await stage.input["~standard"].validate(body);
    if (result.issues !== undefined) throw new InvalidMessage(name, result.issues.map(issueOf));
    const queue = queueOf(stage, laneFor(stage, result.value, options.lane));
    const { clients, random } = this.#parts;
    const id = options.id ?? random.uuid();
    const message: OutgoingMessage = {
      body: JSON.stringify(body),
      attributes: { ...options.attributes, [ID_ATTRIBUTE]: { type: "String", value: id } },
      delaySeconds: options.delaySeconds,
      groupId: options.groupId ?? stage.group?.(result.value),
      deduplicationId: stage.isFifo ? id : undefined,
      traceHeader: undefined,
    };
    const sent = await withPointer(async () => await clients.objects(this.#definition.bucket), message);
    const [answer] = await this.#sqs.sendBatch(await this.#urlOf(queue), [sent], new AbortController().signal);
    if (answer?.ok !== true) throw new Error(`${queue} did not take the message: ${answer?.failure.code}: ${answer?.failure.message}`);
    return { id };
  }

  async #urlOf(queue: string): Promise<string> {
    const known = this.#urls.get(queue);
    if (known !== undefined) return known;
    try {
      const url = await this.#sqs.queueUrl(queue, new AbortController().signal);
      this.#urls.set(queue, url);
      return url;
    } catch (error) {
      throw new Error(`queue ${queue} was not found (${errorText(error as Error)}); ensure() creates it`, { cause: error });
    }
  }
}
