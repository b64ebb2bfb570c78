import { createHash } from "node:crypto";
import { assert } from "../../kernel/assert.ts";
import { MINUTE_MS, SECOND_MS } from "../../kernel/units.ts";
import type { Objects } from "../objects.ts";
import type { Attempt, Settings } from "../options.ts";
import { deadlineOf, DEADLINE_ATTRIBUTE, type Deadline } from "../rules/continuation.ts";
import { DEAD_LETTER_ATTRIBUTE } from "../rules/outgoing.ts";
import { Reject } from "../verdicts.ts";
import { claimKey, partsFolderOf } from "./claims.ts";
import type { JoinDefinition, StageDefinition } from "./definition.ts";
import { AGAIN, handleOnce, ownMessage, type HandlingParts } from "./handling.ts";

/** The longest that SQS delays a message. */
const DELAY_MS_MAX = 15 * MINUTE_MS;

/** How many parts are fetched at a time when a join fires. */
const READ_AT_ONCE = 8;

/**
 * What stands around the handler of a join. Every part is an object of its own under the join's key, written once however
 * often it arrives. Who finds all of them there, which is at least the last to come, asks for the key's claim, and the
 * one that gets it runs the handler.
 */
export function aroundJoin(parts: HandlingParts, join: JoinDefinition): NonNullable<Settings["around"]> {
  return async (attempt) => {
    const { value, message, ctx } = attempt;
    const [key, distinct, expected] = [join.key(value), join.distinct(value), join.expect(value)];
    assert(
      Number.isInteger(expected) && expected >= 1,
      `expect of join ${parts.stage.name} must be a whole number from 1, not ${expected}`,
    );
    const objects = await parts.objects();
    const folder = partsFolderOf(claimKey(parts.stage.names.queue, key));
    const isRedriven = DEAD_LETTER_ATTRIBUTE in message.attributes;
    const deadline = isRedriven ? undefined : deadlineOf(message.attributes);
    const own = `${folder}${digestOf(distinct)}.json`;
    // Somebody else's copy of the same part is as good.
    if (deadline === undefined) await objects.write(own, attempt.body, { condition: { ifNone: true }, signal: ctx.signal });
    const keys = await objects.list(folder, ctx.signal);
    if (keys.length < expected)
      return await waitFurther(parts, join, { attempt, objects, key, deadline, isFirst: keys[0] === own, found: keys.length, expected });
    await handleOnce(parts, attempt, {
      key,
      value: async () => await readParts(parts.stage, join, { objects, keys }),
      published: async () => await objects.remove(keys),
    });
  };
}

interface Waiting {
  readonly attempt: Attempt;
  readonly objects: Objects;
  readonly key: string;
  readonly deadline: Deadline | undefined;
  /** Whether the part's object is the first of those there; of the first, there is always one. */
  readonly isFirst: boolean;
  readonly found: number;
  readonly expected: number;
}

/** A part of an incomplete join is done. One of them sends a copy of itself ahead, to the end of the time that is allowed. */
async function waitFurther(parts: HandlingParts, join: JoinDefinition, waiting: Waiting): Promise<void> {
  const { attempt, deadline, isFirst } = waiting;
  if (join.withinMs === undefined) return;
  const nowMs = parts.clock.nowMs();
  attempt.outputs.lineage = `key:${waiting.key}`;
  if (deadline === undefined) {
    if (isFirst) sendOn(parts, attempt, { untilMs: nowMs + join.withinMs, hop: 0 });
  } else if (nowMs < deadline.untilMs) {
    sendOn(parts, attempt, { untilMs: deadline.untilMs, hop: deadline.hop + 1 });
  } else {
    // The parts of a join that has fired are removed.
    const record = await waiting.objects.read(claimKey(parts.stage.names.queue, waiting.key), attempt.ctx.signal);
    if (record !== undefined) return;
    throw new Reject(
      `only ${waiting.found} of ${waiting.expected} parts of ${JSON.stringify(waiting.key)} came within ${join.withinMs / SECOND_MS} s`,
    );
  }
}

function sendOn(parts: HandlingParts, attempt: Attempt, deadline: Deadline): void {
  const delayMs = Math.max(0, Math.min(DELAY_MS_MAX, deadline.untilMs - parts.clock.nowMs()));
  const attributes = { [DEADLINE_ATTRIBUTE]: { type: "String", value: JSON.stringify(deadline) } };
  const key = `deadline ${deadline.hop} ${attempt.message.messageId}`;
  const message = ownMessage(parts, attempt, { attributes, key, delaySeconds: Math.ceil(delayMs / SECOND_MS) });
  attempt.outputs.restore([{ name: AGAIN, message }]);
}

async function readParts(
  stage: StageDefinition,
  join: JoinDefinition,
  where: { objects: Objects; keys: readonly string[] },
): Promise<unknown[]> {
  const { objects, keys } = where;
  const values: { distinct: string; value: unknown }[] = [];
  for (let from = 0; from < keys.length; from += READ_AT_ONCE) {
    const read = keys.slice(from, from + READ_AT_ONCE).map(async (key) => {
      const found = await objects.read(key);
      // Only who has fired removes parts, and then this claim is lost.
      if (found === undefined) throw new Error(`the part at ${key} is gone`);
      const result = await stage.input["~standard"].validate(JSON.parse(found.text));
      if (result.issues !== undefined) throw new Reject(`the part at ${key} does not fit the input's schema any more`);
      return { distinct: join.distinct(result.value), value: result.value };
    });
    values.push(...(await Promise.all(read)));
  }
  return values.sort((a, b) => (a.distinct < b.distinct ? -1 : a.distinct > b.distinct ? 1 : 0)).map(({ value }) => value);
}

function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
