import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const TESTS = [
  "src/**/*.test.ts",
  "test/**/*.test.ts",
  "examples/*/src/**/*.test.ts",
  "examples/*/test/**/*.test.ts",
  "console/test/**/*.test.ts",
];
/** Judged by what the whole machine does: layers of their own run them, with nothing beside. */
const OF_LAYERS = ["test/scale/*.test.ts"];

/**
 * These start processes or threads and wait for them, are judged by the memory or the time of their process, or take so
 * long that they are best begun first. In the order in which they are begun: the longest first.
 */
const ALONE = [
  "test/e2e/*.test.ts",
  "test/crash/**/*.test.ts",
  "src/cli/*.test.ts",
  "src/worker/{zombie,exec/exec,isolation/isolation}.test.ts",
  "test/sdk/worker/{crash,server-replaced,signals}.test.ts",
  "test/sdk/pipelines/isolation.test.ts",
  "test/backup/*.test.ts",
  "test/sdk/objects/large.test.ts",
  "test/tidy.test.ts",
  "test/miswiring/*.test.ts",
  "test/vitest/*.test.ts",
  "src/worker/{exec,isolation}/*.test.ts",
  "src/worker/zombie.test.ts",
  "src/server/threads/*.test.ts",
  "examples/*/{src,test}/**/*.test.ts",
];
/** The same, but short: they fill the end. */
const ALONE_AND_SHORT = [
  "test/{bin,docs,readme}.test.ts",
  "src/storage/sqlite/{inline,thread,checkpointer}.test.ts",
  "src/storage/sqlite/copy/*.test.ts",
  "src/wire/xml.test.ts",
];

/** Processes that the others share: several for each processor, so that none is idle while the last one ends. */
const GROUPS = 8;
const LOAD = pathToFileURL(join(import.meta.dirname, "load.ts")).href;

/** Every file of tests once: alone, or in one of the groups, which are files that load theirs. @returns what is to be run, in order. */
export function arranged(root: string): string[] {
  const found = (patterns: readonly string[]) => patterns.flatMap((pattern) => globSync(pattern, { cwd: root }).sort());
  const alone = new Set(found(ALONE));
  const short = found(ALONE_AND_SHORT).filter((file) => !alone.has(file));
  const elsewhere = new Set([...alone, ...short, ...found(OF_LAYERS)]);
  const others = [...new Set(found(TESTS))].filter((file) => !elsewhere.has(file)).sort();
  const directory = join(root, "out/tests");
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  const groups = divided(others, root).map((files, index) => {
    const path = join(directory, `${index + 1}.mjs`);
    const paths = files.map((file) => join(root, file));
    writeFileSync(path, `import { load } from ${JSON.stringify(LOAD)};\nawait load(${JSON.stringify(paths, null, 2)});\n`);
    return path;
  });
  return [...[...alone].map((file) => join(root, file)), ...groups, ...short.map((file) => join(root, file))];
}

/** Neighbours stay together, for they load the same; by length, which says about how long a file takes. */
function divided(files: readonly string[], root: string): string[][] {
  const groups: string[][] = Array.from({ length: GROUPS }, () => []);
  const lengths = files.map((file) => readFileSync(join(root, file)).length);
  const whole = lengths.reduce((sum, length) => sum + length, 0);
  let before = 0;
  for (const [index, file] of files.entries()) {
    groups[Math.floor((before / whole) * GROUPS)]?.push(file);
    before += lengths[index] ?? 0;
  }
  return groups.filter((group) => group.length > 0);
}
