import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * A source file as tidy reads it. TypeScript 7 has no programming interface and a parser would be a dependency for a
 * few words, so a scanner blanks comments and the insides of strings; what is left can be searched without being fooled.
 * What needs a real syntax tree (the length of functions, their parameters) is the linter's: see `linter.ts`.
 */
export interface SourceFile {
  /** From the repository's root, with `/`. */
  readonly path: string;
  readonly text: string;
  /** The text with comments and the insides of strings, templates and regular expressions as spaces; same length, same lines. */
  readonly code: string;
  readonly imports: readonly Import[];
}

export interface Import {
  readonly specifier: string;
  readonly line: number;
  /** What is imported by name; undefined for a whole module. */
  readonly names: readonly string[] | undefined;
}

/** Source files by path. */
export type Tree = ReadonlyMap<string, SourceFile>;

export interface Finding {
  readonly path: string;
  readonly line: number;
  /** What is wrong and what to write instead. */
  readonly message: string;
}

/** A rule reads a whole tree and says what is wrong with it. */
export type Rule = (tree: Tree) => Finding[];

const SKIPPED = new Set(["node_modules", "dist", "out", "public", "fixtures", ".git"]);

/** Reads the TypeScript and JavaScript below the folders, and every other file's name with an empty text. */
export function readTree(root: string, folders: readonly string[]): Tree {
  const paths = folders.flatMap((folder) => pathsBelow(root, folder));
  return treeOf(Object.fromEntries(paths.map((path) => [path, isSource(path) ? readFileSync(join(root, path), "utf8") : ""])));
}

export function treeOf(texts: Readonly<Record<string, string>>): Tree {
  return new Map(Object.entries(texts).map(([path, text]) => [path, sourceFile(path, text)]));
}

export function isSource(path: string): boolean {
  return /\.(ts|js|mjs)$/.test(path);
}

/** Tests, the suites of ports, and what tests are fed with: none of it is published. */
export function isTest(path: string): boolean {
  return /\.(test|suite|fixture)\.ts$/.test(path);
}

export function lineAt(text: string, index: number): number {
  return text.slice(0, index).split("\n").length;
}

function pathsBelow(root: string, folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (!entry.isDirectory()) return [path];
    return SKIPPED.has(entry.name) ? [] : pathsBelow(root, path);
  });
}

function sourceFile(path: string, text: string): SourceFile {
  const code = blank(text);
  return { path, text, code, imports: importsOf(text, code) };
}

/** What is imported, exported from, loaded later, or started by its URL. */
function importsOf(text: string, code: string): Import[] {
  const found: Import[] = [];
  const add = (pattern: RegExp) => {
    for (const match of code.matchAll(pattern)) {
      const start = match.index + match[0].length;
      const specifier = text.slice(start, code.indexOf(match[1]!, start));
      found.push({ specifier, line: lineAt(text, match.index), names: namesOf(match[0]) });
    }
  };
  add(/\b(?:import|export)\b[^'"`;()]*?\bfrom\s*(["'])/g);
  add(/\bimport\s*\(?\s*(["'])/g);
  // Another thread starts at such a URL; compiled, the same file ends in .js, so both may be named.
  for (const { index, 0: call } of code.matchAll(/\bnew URL\([^;]*?\bimport\.meta\.url\s*\)/g))
    for (const [, specifier] of text.slice(index, index + call.length).matchAll(/["'](\.[^"']*\.ts)["']/g))
      found.push({ specifier: specifier!, line: lineAt(text, index), names: undefined });
  return found;
}

function namesOf(statement: string): string[] | undefined {
  const list = /^\s*(?:import|export)\s+(?:type\s+)?\{([^}]*)\}/.exec(statement)?.[1];
  return list?.split(",").flatMap((name) => /^\s*(?:type\s+)?([\w$]+)/.exec(name)?.[1] ?? []);
}

const REGEX_MAY_FOLLOW = /(?:^|[(,=:[!&|?{};+\-*%~^<>]|\b(?:return|typeof|case|in|of|do|else|throw|void|yield|await))\s*$/;

/** Comments and the insides of literals become spaces; quotes, back-ticks and line ends stay where they are. */
function blank(text: string): string {
  let code = "";
  /** For each template that we are inside of: how many braces are open since its `${`. */
  const templates: number[] = [];
  const copy = (end: number) => (code += text.slice(code.length, end));
  const hide = (end: number) => (code += text.slice(code.length, end).replace(/[^\n]/g, " "));
  while (code.length < text.length) {
    const at = code.length;
    const char = text[at]!;
    const open = templates.at(-1);
    if (text.startsWith("//", at)) hide(endOf(text, "\n", at));
    else if (text.startsWith("/*", at)) hide(endOf(text, "*/", at + 2) + 2);
    else if (char === '"' || char === "'") literal(at, char);
    else if (char === "/" && REGEX_MAY_FOLLOW.test(code.slice(-80))) literal(at, "/");
    else if (char === "`") template(at + 1);
    else if (char === "}" && open === 0) {
      templates.pop();
      template(at + 1);
    } else {
      if (open !== undefined && char === "{") templates[templates.length - 1] = open + 1;
      if (open !== undefined && char === "}") templates[templates.length - 1] = open - 1;
      copy(at + 1);
    }
  }
  return code;

  function literal(at: number, quote: string): void {
    let end = at + 1;
    for (let set = false; end < text.length && text[end] !== "\n" && (set || text[end] !== quote); end += 1) {
      if (text[end] === "\\") end += 1;
      else if (quote === "/") set = text[end] === "[" || (set && text[end] !== "]");
    }
    copy(at + 1);
    hide(end);
    copy(end + 1);
  }

  /** The text of a template up to its end or to the next `${`. */
  function template(from: number): void {
    copy(from);
    let end = from;
    while (end < text.length && text[end] !== "`" && !text.startsWith("${", end)) end += text[end] === "\\" ? 2 : 1;
    hide(end);
    const expression = text.startsWith("${", end);
    copy(end + (expression ? 2 : 1));
    if (expression) templates.push(0);
  }
}

function endOf(text: string, mark: string, from: number): number {
  const end = text.indexOf(mark, from);
  return end === -1 ? text.length : end;
}
