import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { lineAt, treeOf, type SourceFile } from "../tidy/source.ts";

/** A test that says which rows it shows. */
export interface Citation {
  readonly row: string;
  /** From the repository's root. */
  readonly path: string;
  readonly line: number;
  /** The test's name as it stands in the source. */
  readonly test: string;
}

export interface Citations {
  readonly found: readonly Citation[];
  /** Calls that count for nothing, each with the reason. */
  readonly problems: readonly string[];
}

/** Where tests stand. */
const SOURCES = "{src,test}/**/*.ts";
/** What a source has that cites: the import of `covers`, or cases whose rows are ids. */
const CITES = /\/covers\.ts"|\bRecordedCase\b/;

/** What begins a test: `test(`, `it(`, and helpers of ours that are called onBothProtocols, onTheWire and so on. */
const TEST = /\b(?:test|it|on[A-Z]\w*)\(\s*(["'`])/g;
const COVERS = /\bcovers\(/g;

/** Every citation in the tests of the repository, read from their sources. */
export function readCitations(root: string): Citations {
  const texts = globSync(SOURCES, { cwd: root })
    .filter((path) => !path.startsWith("test/contract"))
    .map((path): [string, string] => [path, readFileSync(join(root, path), "utf8")])
    .filter(([, text]) => CITES.test(text));
  return joined([...treeOf(Object.fromEntries(texts)).values()].map(citationsOf));
}

/** The citations of one file. */
export function citationsOf(file: SourceFile): Citations {
  const found: Citation[] = [];
  const problems: string[] = [];
  const tests = testsOf(file);
  found.push(...casesOf(file));
  for (const { index } of file.code.matchAll(COVERS)) {
    if (/\bfunction\s+$/.test(file.code.slice(0, index))) continue;
    const line = lineAt(file.text, index);
    const within = tests.findLast(({ from, to }) => from < index && index < to);
    const call = file.text.slice(index, closing(file.code, index));
    const rows = idsIn(call);
    if (within === undefined) problems.push(`${file.path}:${line} covers() stands in no test`);
    else if (within.skipped) problems.push(`${file.path}:${line} the test "${within.name}" is skipped and shows nothing`);
    else if (rows.length === 0) problems.push(`${file.path}:${line} covers() without the ids themselves cannot be read`);
    else found.push(...rows.map((row) => ({ row, path: file.path, line, test: within.name })));
  }
  return { found, problems };
}

/** Cases of a table, which say `name: "…", rows: ["sqs/…"]`. */
function casesOf({ path, text, code }: SourceFile): Citation[] {
  const names = [...code.matchAll(/\bname:\s*(["'`])/g)];
  return [...code.matchAll(/\brows:\s*\[/g)].flatMap(({ index }) => {
    const name = names.findLast((match) => match.index < index);
    if (name === undefined) return [];
    const nameFrom = name.index + name[0].length;
    const test = text.slice(nameFrom, code.indexOf(name[1] ?? "", nameFrom));
    return idsIn(text.slice(index, code.indexOf("]", index))).map((row) => ({ row, path, line: lineAt(text, index), test }));
  });
}

/** Ids of rows written as strings. */
function idsIn(text: string): string[] {
  return [...text.matchAll(/(["'])(\w+\/\d[^"'\s]+)\1/g)].map((match) => match[2] ?? "");
}

interface TestCall {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly skipped: boolean;
}

function testsOf({ text, code }: SourceFile): TestCall[] {
  return [...code.matchAll(TEST)].map((match) => {
    const nameFrom = match.index + match[0].length;
    const name = text.slice(nameFrom, code.indexOf(match[1] ?? "", nameFrom));
    const to = closing(code, match.index);
    return { name, from: match.index, to, skipped: /[{,]\s*(?:skip|todo):(?!\s*false\b)/.test(code.slice(match.index, to)) };
  });
}

/** Where the call that begins at `from` ends, in a text without literals and comments. */
function closing(code: string, from: number): number {
  let depth = 0;
  for (let at = code.indexOf("(", from); at < code.length; at += 1) {
    if (code[at] === "(") depth += 1;
    if (code[at] === ")") depth -= 1;
    if (depth === 0) return at;
  }
  return code.length;
}

function joined(all: readonly Citations[]): Citations {
  return { found: all.flatMap(({ found }) => found), problems: all.flatMap(({ problems }) => problems) };
}
