import { duration, print, printJson, shown } from "./output.ts";

/** A message as commands print it, whoever told it. */
export interface Printed {
  readonly messageId: string;
  readonly body: string;
  readonly state?: string;
  readonly sentMs: number;
  readonly receiveCount?: number;
  readonly visibleMs?: number | null;
  readonly groupId?: string | null;
  readonly attributes: Readonly<Record<string, { readonly dataType: string; readonly value: string }>>;
}

/** One line about the message, one for each attribute, and its body; or all of it as JSON. */
export function printMessage(message: Printed, { json, nowMs }: { readonly json: boolean; readonly nowMs: number }): void {
  if (json) return printJson(message);
  const { messageId, body, state, sentMs, receiveCount, visibleMs, groupId, attributes } = message;
  const facts = [
    messageId,
    ...(state === undefined ? [] : [state]),
    `sent ${duration(nowMs - sentMs)} ago`,
    ...(receiveCount === undefined || receiveCount === 0 ? [] : [`received ${receiveCount === 1 ? "once" : `${receiveCount} times`}`]),
    ...(visibleMs === undefined || visibleMs === null ? [] : [`visible in ${duration(visibleMs - nowMs)}`]),
    ...(groupId === undefined || groupId === null ? [] : [`group ${shown(groupId)}`]),
  ];
  print(`-- ${facts.join(", ")}`);
  for (const [name, { value }] of Object.entries(attributes)) print(`   ${shown(name)}: ${shown(value)}`);
  print(shown(body));
}
