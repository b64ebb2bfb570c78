import { assert } from "../../kernel/assert.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { Random } from "../../kernel/random.ts";
import type { EmitOptions } from "../context.ts";
import type { Objects } from "../objects.ts";
import type { Attempt, Settings } from "../options.ts";
import { digest } from "../outputs.ts";
import { continuationOf, CURSOR_ATTRIBUTE, ownIdentity } from "../rules/continuation.ts";
import { filterAttributes } from "../rules/filter-policy.ts";
import { DEAD_LETTER_ATTRIBUTE, ID_ATTRIBUTE, LANE_ATTRIBUTE, type MessageAttributes, type OutgoingMessage } from "../rules/outgoing.ts";
import { dueOf } from "../rules/schedule.ts";
import { settlementOf, type SettleLimits } from "../rules/settle.ts";
import { outcomeOf } from "../run.ts";
import type { Schema } from "../standard-schema.ts";
import { LeaseLost, Reject } from "../verdicts.ts";
import { askFor, claimKey, type ClaimHold } from "./claims.ts";
import type { OutputDefinition, StageDefinition } from "./definition.ts";
import { keptOutput, restoredOutput } from "./kept-output.ts";
import { withPointers } from "./large-bodies.ts";
import { groupOf, laneOf } from "./receiver.ts";
import type { StageContext, StageObjects } from "./stage.ts";

/** The name under which a stage's own queue stands among its outputs. */
export const AGAIN = "~again";

export interface HandlingParts {
  readonly stage: StageDefinition;
  readonly outputs: ReadonlyMap<string, OutputDefinition>;
  readonly bucket: string;
  readonly objects: () => Promise<Objects>;
  readonly clock: Clock;
  readonly random: Random;
  readonly leaseMs: number;
  readonly limits: SettleLimits;
}

type Run = (value: unknown, ctx: StageContext<Record<string, unknown>>) => unknown;

/** What stands around the handler of a stage that is no join. */
export function aroundStage(parts: HandlingParts): NonNullable<Settings["around"]> {
  const { stage } = parts;
  return async (attempt) => {
    const dueMs = dueOf(attempt.message.attributes);
    const key = stage.idempotencyKey?.(attempt.value) ?? (dueMs === undefined ? undefined : `due ${dueMs}`);
    if (key === undefined) return await handle(parts, attempt, attempt.value);
    const { part } = continuationOf(attempt.message.attributes);
    await handleOnce(parts, attempt, { key: part === 0 ? key : `${key}#${part}`, value: async () => attempt.value });
  };
}

/**
 * Runs the handler if the key has no result yet, and commits its outputs as the result. If it has one that may not have been published,
 * that is published instead.
 * @param work `value` is asked for when the handler is to run; `published` is called once all is published.
 */
export async function handleOnce(
  parts: HandlingParts,
  attempt: Attempt,
  work: { key: string; value: () => Promise<unknown>; published?: () => Promise<void> },
): Promise<void> {
  const { stage, clock, random, leaseMs } = parts;
  const { message, outputs, ctx } = attempt;
  // Copies of a message and messages with the same key make the same outputs with the same ids.
  outputs.lineage = `key:${work.key}`;
  const claimant = { messageId: message.messageId, isRedriven: DEAD_LETTER_ATTRIBUTE in message.attributes };
  const options = { objects: await parts.objects(), clock, random, leaseMs, signal: ctx.signal };
  const asked = await askFor(claimKey(stage.names.queue, work.key), claimant, options);
  if (asked.is === "let-go") return;
  if (asked.is === "cancelled") throw new Reject(`cancelled: ${asked.reason}`);
  if (asked.is === "committed") outputs.restore(asked.outputs.map(restoredOutput));
  else await handleHeld(parts, attempt, { hold: asked.hold, value: work.value });
  if (outputs.list.length > 0)
    outputs.onPublished = async () => {
      await asked.hold.published();
      await work.published?.();
    };
  // Nothing to publish is published. What could not be tidied up is no reason to run once more.
  else await work.published?.().catch(() => undefined);
}

async function handleHeld(parts: HandlingParts, attempt: Attempt, work: { hold: ClaimHold; value: () => Promise<unknown> }): Promise<void> {
  const { hold, value } = work;
  const { ctx, outputs, abort } = attempt;
  hold.keep(abort);
  try {
    const progress = (fraction: number, text?: string) => {
      hold.progress(fraction, text);
      ctx.progress(fraction, text);
    };
    await handle(parts, { ...attempt, ctx: { ...ctx, progress } }, await value());
    // Whoever has been told that the message is somebody else's has no result to give.
    if (ctx.signal.reason instanceof LeaseLost) throw ctx.signal.reason;
    await hold.commit(outputs.list.map(keptOutput));
  } catch (error) {
    // The attempt's own error is what matters; a record that stays is over with its time.
    const outcome = outcomeOf(error, ctx.signal);
    const settlement = settlementOf(outcome, { receiveCount: attempt.message.receiveCount, fraction: 0 }, parts.limits);
    await hold.release(settlement.do === "dead-letter").catch(() => undefined);
    throw error;
  }
}

async function handle(parts: HandlingParts, attempt: Attempt, value: unknown): Promise<void> {
  const { stage, objects } = parts;
  const { outputs, message, run } = attempt;
  const { part, cursor } = continuationOf(message.attributes);
  const dueMs = dueOf(message.attributes);
  let next: { cursor: unknown } | undefined;
  const ctx: StageContext<Record<string, unknown>> = {
    ...attempt.ctx,
    emit: (name, body, options) => emit(parts, attempt, { name, body, options }),
    objects: stageObjects(parts.bucket, objects),
    cursor,
    checkpoint: (given) => {
      assert(!stage.isFifo, `stage ${stage.name} keeps order: the rest of a message cannot go behind those after it`);
      next = { cursor: given };
    },
    scheduledAt: dueMs === undefined ? undefined : new Date(dueMs),
    trace: traceOf(attempt),
  };
  await (run as Run)(value, ctx);
  if (next !== undefined) {
    const mark = { [CURSOR_ATTRIBUTE]: { type: "String", value: JSON.stringify({ part: part + 1, cursor: next.cursor }) } };
    outputs.restore([{ name: AGAIN, message: ownMessage(parts, attempt, { attributes: mark, key: `part ${part + 1}` }) }]);
  }
  await withPointers(objects, outputs.list);
}

/** The message once more, for the stage's own queue. */
export function ownMessage(
  { stage }: HandlingParts,
  { message, outputs }: Attempt,
  change: { attributes: MessageAttributes; key: string; delaySeconds?: number },
): OutgoingMessage {
  const { [DEAD_LETTER_ATTRIBUTE]: _dead, ...own } = message.attributes;
  const id = digest(ownIdentity(stage.name, outputs.lineage, change.key));
  return {
    body: message.body,
    attributes: { ...own, ...change.attributes, [ID_ATTRIBUTE]: { type: "String", value: id } },
    delaySeconds: change.delaySeconds,
    groupId: message.groupId,
    deduplicationId: stage.isFifo ? id : undefined,
    traceHeader: message.traceHeader,
  };
}

function emit(
  { outputs }: HandlingParts,
  attempt: Attempt,
  given: { name: string; body: unknown; options: EmitOptions | undefined },
): void {
  const { name, body, options = {} } = given;
  const output = outputs.get(name);
  assert(output !== undefined, `there is no output ${JSON.stringify(name)}; known are ${[...outputs.keys()].join(", ") || "none"}`);
  const issues = issuesOf(output.schema, body);
  assert(issues === undefined, `what was emitted as ${name} does not fit its schema: ${issues}`);
  const lane = laneOf(output, body, options.lane);
  // A lane is a queue of its own, and behind a topic a matter of filters.
  const isFiltered = lane !== undefined && typeof output.target !== "string";
  const filtered = {
    ...filterAttributes(body, output.fields),
    ...(isFiltered ? { [LANE_ATTRIBUTE]: { type: "String", value: lane } } : {}),
  };
  const groupId = options.groupId ?? groupOf(output, body);
  attempt.ctx.emit(name, body, {
    ...options,
    attributes: { ...traceAttributes(attempt), ...filtered, ...options.attributes },
    ...(groupId === undefined ? {} : { groupId }),
    lane: isFiltered ? undefined : lane,
  });
}

/** @returns a text where the schema refuses the value; `undefined` also where that takes waiting: then the receiver looks. */
function issuesOf(schema: Schema, value: unknown): string | undefined {
  const result = schema["~standard"].validate(value);
  if (result instanceof Promise || result.issues === undefined) return undefined;
  return result.issues
    .map(({ message, path = [] }) => `${path.map((key) => String(typeof key === "object" ? key.key : key)).join(".")}: ${message}`)
    .join("; ");
}

const TRACE_ATTRIBUTES = ["traceparent", "tracestate"] as const;

/** As OpenTelemetry's instrumentations of the AWS SDKs name them. */
function traceAttributes({ message }: Attempt): MessageAttributes {
  return Object.fromEntries(
    TRACE_ATTRIBUTES.flatMap((name) => {
      const attribute = message.attributes[name];
      return attribute === undefined ? [] : [[name, attribute]];
    }),
  );
}

function traceOf({ message }: Attempt): StageContext<never>["trace"] {
  const texts = TRACE_ATTRIBUTES.flatMap((name) => {
    const value = message.attributes[name]?.value;
    return typeof value === "string" ? [[name, value]] : [];
  });
  return { ...Object.fromEntries(texts), ...(message.traceHeader === undefined ? {} : { xray: message.traceHeader }) };
}

function stageObjects(bucket: string, objects: () => Promise<Objects>): StageObjects {
  return {
    bucket,
    get: async (key, { signal } = {}) => await (await objects()).getBytes(key, signal),
    put: async (key, bytes, { contentType, signal } = {}) => await (await objects()).putBytes(key, bytes, { contentType, signal }),
  };
}
