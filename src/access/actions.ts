import type { Reading } from "./language.ts";
import { fitsWildcard } from "./wildcard.ts";

/** The action that a policy must allow for this one: `SendMessage` for `SendMessageBatch`. */
export function actionInPolicy(action: string): string {
  return action.endsWith("Batch") ? action.slice(0, -"Batch".length) : action;
}

/**
 * The actions that an element `Action` means, in any case: `sqs:SendMessage`, `SQS:*`, `*`.
 * @throws {ServiceError} where a name means no action: such a statement would not do what it seems to say.
 */
export function actionsNamed(names: readonly string[], reading: Reading): ReadonlySet<string> {
  return new Set(names.flatMap((name) => actionsFitting(name, reading)));
}

function actionsFitting(name: string, { language, where }: Reading): readonly string[] {
  const { prefix, actions, idleActions, invalid } = language;
  const lower = name.toLowerCase();
  if (lower === "*") return actions;
  const pattern = lower.startsWith(`${prefix}:`) ? lower.slice(prefix.length + 1) : undefined;
  if (pattern === undefined) {
    throw invalid(`${where}: the action "${name}" is none of ${prefix.toUpperCase()}; it must begin with "${prefix}:".`);
  }
  const fitting = actions.filter((action) => fitsWildcard(pattern, action.toLowerCase()));
  if (fitting.length > 0 || idleActions.some((action) => action.toLowerCase() === pattern)) return fitting;
  const single = actions.find((action) => `${action.toLowerCase()}batch` === pattern);
  const instead = single === undefined ? "there is no such action" : `name ${prefix}:${single}, which covers the batch`;
  throw invalid(`${where}: the action "${name}" cannot be taken; ${instead}.`);
}
