import type { MessageAttributes } from "./outgoing.ts";

/** What a command says to its worker in a line of its own. */
export type Instruction =
  | { readonly is: "emit"; readonly output: string; readonly body: unknown }
  | { readonly is: "progress"; readonly fraction: number; readonly text: string | undefined }
  /** It begins like an output and is none: to go on would lose it. */
  | { readonly is: "broken"; readonly reason: string };

/**
 * Reads `::emit name {json}` and `::progress 0.4 text`.
 * @returns `undefined` for any other line, a progress that cannot be read included: that harms nobody.
 */
export function instructionOf(line: string): Instruction | undefined {
  if (/^::emit(?:\s|$)/.test(line)) return emissionOf(line);
  return line.startsWith("::progress ") ? progressOf(line.slice("::progress ".length)) : undefined;
}

/** Reads `0.4 text`, as it may stand alone on descriptor 3. */
export function progressOf(line: string): Instruction | undefined {
  const [, fraction, text = ""] = /^\s*(\d*\.?\d+)(?:\s+(.*))?$/.exec(line) ?? [];
  if (fraction === undefined) return undefined;
  return { is: "progress", fraction: Math.min(1, Number(fraction)), text: text.trim() === "" ? undefined : text.trim() };
}

function emissionOf(line: string): Instruction {
  const [, output, json] = /^::emit\s+(\S+)\s+(.+)$/.exec(line) ?? [];
  if (output === undefined || json === undefined)
    return { is: "broken", reason: `an output is written "::emit name {json}", not ${JSON.stringify(line.slice(0, 100))}` };
  try {
    return { is: "emit", output, body: JSON.parse(json) };
  } catch (error) {
    return { is: "broken", reason: `what was emitted as ${output} is not JSON: ${(error as Error).message}` };
  }
}

/** How a command ended: with a code, or by a signal. */
export interface CommandEnd {
  readonly code: number | null;
  readonly signal: string | null;
  /** The end of what it wrote to standard error. */
  readonly stderr: string;
}

export type CommandVerdict =
  | { readonly is: "done" }
  | { readonly is: "later" }
  | { readonly is: "rejected"; readonly reason: string }
  | { readonly is: "failed"; readonly reason: string };

/** 0 done, 3 dead letter now, 4 back later; everything else is a failure that is tried again. */
export function verdictOf({ code, signal, stderr }: CommandEnd): CommandVerdict {
  const said = stderr === "" ? "" : `: ${stderr}`;
  if (code === 0) return { is: "done" };
  if (code === 3) return { is: "rejected", reason: stderr === "" ? "the command rejected it (exit code 3)" : stderr };
  if (code === 4) return { is: "later" };
  return { is: "failed", reason: `the command ended ${code === null ? `by ${signal ?? "a signal"}` : `with exit code ${code}`}${said}` };
}

/** What of standard error is kept, in characters: a failure is read by people, in a log or beside a dead letter. */
const STDERR_CHARACTERS_MAX = 2000;

/** The end of a text that grows, cut where a line begins as far as that is possible. */
export function tailOf(text: string, charactersMax: number = STDERR_CHARACTERS_MAX): string {
  const trimmed = text.trimEnd();
  if (trimmed.length <= charactersMax) return trimmed;
  const end = trimmed.slice(-charactersMax);
  const lineStart = end.indexOf("\n") + 1;
  return `…${lineStart > 0 && lineStart < end.length ? end.slice(lineStart) : end}`;
}

/** Linux takes 128 KiB for one variable with its name; a longer one would keep the command from being started at all. */
const VARIABLE_BYTES_MAX = 127 * 1024;

export interface CommandMessage {
  readonly id: string;
  readonly receiveCount: number;
  readonly sentAt: Date | undefined;
  readonly groupId: string | undefined;
  readonly attributes: MessageAttributes;
}

/**
 * A message's environment: `MILLRACE_MESSAGE_ID`, `MILLRACE_RECEIVE_COUNT`, `MILLRACE_SENT_AT` (ISO 8601),
 * `MILLRACE_GROUP_ID`, and `MILLRACE_ATTR_<name>` for each attribute, where what cannot stand in a name is `_` and bytes are Base64.
 * @returns `leftOut`: attributes that are too long for an environment.
 */
export function messageVariables(message: CommandMessage): { variables: Record<string, string>; leftOut: string[] } {
  const variables: Record<string, string> = {
    MILLRACE_MESSAGE_ID: message.id,
    MILLRACE_RECEIVE_COUNT: String(message.receiveCount),
  };
  if (message.sentAt !== undefined) variables["MILLRACE_SENT_AT"] = message.sentAt.toISOString();
  if (message.groupId !== undefined) variables["MILLRACE_GROUP_ID"] = message.groupId;
  const leftOut: string[] = [];
  for (const [name, { value }] of Object.entries(message.attributes)) {
    const text = typeof value === "string" ? value : Buffer.from(value).toString("base64");
    if (Buffer.byteLength(text) > VARIABLE_BYTES_MAX || text.includes("\0")) leftOut.push(name);
    else variables[`MILLRACE_ATTR_${name.replaceAll(/\W/g, "_")}`] = text;
  }
  return { variables, leftOut };
}
