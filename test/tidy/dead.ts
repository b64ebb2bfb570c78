import { targetOf } from "./direction.ts";
import { type Finding, isTest, lineAt, type Tree } from "./source.ts";

/** What is entered from outside: the published subpaths and the command. */
const DOORS = ["src/index.ts", "src/worker/index.ts", "src/testing/index.ts", "src/cli/main.ts"];

/** A file under src/ that nothing leads to, from a door, a test, a benchmark, a script or an example. */
export function deadFiles(tree: Tree): Finding[] {
  const reached = new Set<string>();
  const next = [...tree.keys()].filter((path) => !path.startsWith("src/") || DOORS.includes(path) || isTest(path));
  for (let path = next.pop(); path !== undefined; path = next.pop()) {
    const file = tree.get(path);
    if (file === undefined || reached.has(path)) continue;
    reached.add(path);
    next.push(...file.imports.filter(({ specifier }) => specifier.startsWith(".")).map(({ specifier }) => targetOf(path, specifier)));
  }
  return [...tree.keys()]
    .filter((path) => path.startsWith("src/") && path.endsWith(".ts") && !reached.has(path))
    .map((path) => ({ path, line: 1, message: "nothing imports this file; delete it, or import it where it is meant to be used" }));
}

/**
 * A function, constant or class that is exported and named in no other file. Types are left out: one that stands in the
 * signature of an exported function is rightly exported although nobody names it.
 */
export function deadExports(tree: Tree): Finding[] {
  const users = new Map<string, Set<string>>();
  for (const file of tree.values())
    for (const [word] of file.code.matchAll(/[A-Za-z_$][\w$]*/g)) users.set(word, (users.get(word) ?? new Set()).add(file.path));
  const findings: Finding[] = [];
  for (const { path, code } of tree.values()) {
    if (!path.startsWith("src/") || DOORS.includes(path)) continue;
    for (const match of code.matchAll(/\bexport (?:async )?(?:abstract )?(?:function\*?|const|let|class) ([A-Za-z_$][\w$]*)/g)) {
      const name = match[1]!;
      if ([...(users.get(name) ?? [])].every((user) => user === path))
        findings.push({
          path,
          line: lineAt(code, match.index),
          message: `${name} is used in no other file; take "export" away, or delete it`,
        });
    }
  }
  return findings;
}
