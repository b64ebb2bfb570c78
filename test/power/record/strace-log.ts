/** A system call as strace has written it down (`strace -f -xx`): with all bytes, and with when it began and ended. */
export interface SystemCall {
  readonly process: number;
  readonly name: string;
  readonly arguments: readonly Argument[];
  /** What it returned; a failed call has -1 or less. */
  readonly result: number;
  /** Lines of the log: a call that others interrupt in the log ends later than it began. */
  readonly beganLine: number;
  readonly endedLine: number;
}

export interface Argument {
  /** As it stands there, without what is between quotes. */
  readonly text: string;
  /** What is between quotes, in order: a path, the bytes of a write, those of each piece of a gathering write. */
  readonly strings: readonly Buffer[];
}

/** The log is not what this reader knows. */
export class UnreadableLog extends Error {
  override readonly name = "UnreadableLog";
}

const NEWLINE = 0x0a;
const QUOTE = 0x22;
/** `\x00`: every byte is written like this. */
const ESCAPE_CHARACTERS = 4;

/** Reads a whole log. Calls come in the order in which they began. @throws {UnreadableLog} */
export function readStraceLog(log: Buffer): SystemCall[] {
  const calls: SystemCall[] = [];
  /** Per process, the call that was interrupted, and its place in `calls`. */
  const unfinished = new Map<number, { readonly line: Line; readonly at: number }>();
  let number = 0;
  for (let start = 0; start < log.length; number += 1) {
    const newline = log.indexOf(NEWLINE, start);
    const end = newline === -1 ? log.length : newline;
    const line = readLine(log.subarray(start, end), number);
    start = end + 1;
    if (line === undefined) continue;
    if (line.kind === "resumed") {
      const begun = unfinished.get(line.process);
      if (begun === undefined || begun.line.name !== line.name) throw new UnreadableLog(`line ${number + 1} ends what never began`);
      unfinished.delete(line.process);
      calls[begun.at] = callOf(begun.line, line);
    } else {
      if (line.kind === "unfinished") unfinished.set(line.process, { line, at: calls.length });
      calls.push(callOf(line, line));
    }
  }
  // What its process did not live to see the end of has happened or not: it is as if it were still going on.
  for (const { line, at } of unfinished.values()) calls[at] = { ...callOf(line, line), result: 0, endedLine: Infinity };
  return calls;
}

interface Line {
  readonly kind: "whole" | "unfinished" | "resumed";
  readonly number: number;
  readonly process: number;
  readonly name: string;
  readonly arguments: readonly Argument[];
  readonly result: number;
}

function callOf(began: Line, ended: Line): SystemCall {
  const { process, name } = began;
  return { process, name, arguments: began.arguments, result: ended.result, beganLine: began.number, endedLine: ended.number };
}

const RESUMED = /^<\.\.\. (\w+) resumed>/;
const RESULT = /= (-?\d+|0x[0-9a-f]+|\?)[^=]*$/;

function readLine(bytes: Buffer, number: number): Line | undefined {
  const head = bytes.toString("latin1", 0, 80);
  const [, pid, rest = ""] = /^(\d+) +(.*)$/s.exec(head) ?? [];
  if (pid === undefined) {
    if (head.trim() === "" || head.startsWith("strace: Process ")) return undefined;
    throw new UnreadableLog(`line ${number + 1}: ${head}`);
  }
  if (rest.startsWith("+++") || rest.startsWith("---")) return undefined; // An end, a signal.
  const process = Number(pid);
  const tail = bytes.toString("latin1", Math.max(0, bytes.length - 200));
  const resumed = RESUMED.exec(rest)?.[1];
  const result = Number(RESULT.exec(tail)?.[1] ?? Number.NaN);
  if (resumed !== undefined) return { kind: "resumed", number, process, name: resumed, arguments: [], result };
  const name = /^(\w+)\(/.exec(rest)?.[1];
  if (name === undefined) throw new UnreadableLog(`line ${number + 1}: ${head}`);
  const begin = bytes.indexOf("(") + 1;
  const kind = tail.endsWith("<unfinished ...>") ? "unfinished" : "whole";
  return { kind, number, process, name, arguments: readArguments(bytes, begin, number), result };
}

const OPENING = "([{";
const CLOSING = ")]}";

/** From behind the opening parenthesis to its closing one, or to where the line was interrupted. */
function readArguments(bytes: Buffer, begin: number, number: number): Argument[] {
  const all: Argument[] = [];
  let text = "";
  let strings: Buffer[] = [];
  let depth = 0;
  const next = () => {
    if (text.trim() !== "" || strings.length > 0) all.push({ text: text.trim(), strings });
    text = "";
    strings = [];
  };
  for (let at = begin; at < bytes.length; at += 1) {
    if (bytes[at] === QUOTE) {
      const end = bytes.indexOf(QUOTE, at + 1);
      if (bytes.toString("latin1", end + 1, end + 4) === "...") throw new UnreadableLog(`line ${number + 1} was shortened by strace`);
      strings.push(unescaped(bytes, at + 1, end));
      at = end;
      continue;
    }
    const character = String.fromCharCode(bytes[at] ?? 0);
    if (character === ")" && depth === 0) break;
    if (OPENING.includes(character)) depth += 1;
    if (CLOSING.includes(character)) depth -= 1;
    if (character === "," && depth === 0) next();
    else text += character;
    if (text.endsWith("<unfinished ...>")) {
      text = text.slice(0, -"<unfinished ...>".length);
      break;
    }
  }
  next();
  return all;
}

const DIGITS = new Uint8Array(256);
for (const [value, digit] of "0123456789abcdef".split("").entries()) DIGITS[digit.charCodeAt(0)] = value;

function unescaped(bytes: Buffer, start: number, end: number): Buffer {
  const plain = Buffer.allocUnsafeSlow((end - start) / ESCAPE_CHARACTERS);
  for (let at = start + 2, to = 0; at < end; at += ESCAPE_CHARACTERS, to += 1)
    plain[to] = ((DIGITS[bytes[at] ?? 0] ?? 0) << 4) | (DIGITS[bytes[at + 1] ?? 0] ?? 0);
  return plain;
}
