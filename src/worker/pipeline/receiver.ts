import { assert } from "../../kernel/assert.ts";
import type { Schema } from "../standard-schema.ts";
import type { OutputDefinition, StageDefinition } from "./definition.ts";

type Receivers = Pick<OutputDefinition, "group"> & { readonly arrows: readonly { readonly to: StageDefinition }[] };

/** The group that the receiver puts the message into, who looks at it as its schema has made it. */
export function groupOf(output: Receivers, body: unknown): string | undefined {
  if (output.group === undefined) return undefined;
  const receiver = output.arrows.find(({ to }) => to.group === output.group)?.to;
  return output.group(receiver === undefined ? body : gotFrom(receiver.input, body));
}

/** The lane that the receiver puts the message into. Those of several receivers with lanes have the same. @throws where there is no such lane. */
export function laneOf({ arrows }: Receivers, body: unknown, given: string | undefined): string | undefined {
  const receiver = arrows.find(({ to }) => to.lanes !== undefined)?.to;
  if (receiver !== undefined) return laneFor(receiver, gotFrom(receiver.input, body), given);
  const [first] = arrows;
  return given === undefined || first === undefined ? undefined : laneFor(first.to, body, given);
}

/** The lane of a message as its stage has got it. @param given by whoever sends it, instead of what the stage says. @throws where the stage has no such lane. */
export function laneFor(stage: StageDefinition, value: unknown, given: string | undefined): string | undefined {
  const lane = given ?? stage.lanes?.of(value);
  const names = [...(stage.lanes?.weights.keys() ?? [])];
  assert(
    lane === undefined || names.includes(lane),
    `stage ${stage.name} has no lane ${JSON.stringify(lane)}; it has ${names.join(", ") || "none"}`,
  );
  return lane;
}

/** What a schema makes of a value, or the value where that takes waiting or is refused: its receiver will say so. */
function gotFrom(schema: Schema, value: unknown): unknown {
  const result = schema["~standard"].validate(value);
  return result instanceof Promise || result.issues !== undefined ? value : result.value;
}
