import assert from "node:assert/strict";
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, test } from "node:test";
import { referencePages } from "../scripts/reference/pages.ts";
import { readCredentials } from "../src/server/credentials.ts";

const ROOT = join(import.meta.dirname, "..");
const read = (path: string) => readFileSync(join(ROOT, path), "utf8");

interface Package {
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}
const manifest = JSON.parse(read("package.json")) as Package;

/** Every page that people read, from the root. */
const pages = [...globSync("*.md", { cwd: ROOT }), ...globSync("{docs,src,bench,examples,console}/**/*.md", { cwd: ROOT })].filter(
  (path) => !path.includes("node_modules"),
);

describe("documents cannot drift from the code", () => {
  for (const [path, text] of Object.entries(referencePages()))
    test(`${path} is what the code says`, () => {
      assert.ok(existsSync(join(ROOT, path)), `${path} is missing; run npm run reference`);
      assert.equal(read(path), text, `${path} differs from the code; run npm run reference`);
    });

  test("every dependency has an owner and a reason, and nothing else has", () => {
    assert.deepEqual(dependencyGaps(read("docs/decisions/dependencies.md"), manifest), []);
  });

  test("the server reads the credentials of the reference", () => {
    const [, example = ""] = /```json\n(.*?)```/s.exec(read("docs/reference/credentials.md")) ?? [];
    const directory = mkdtempSync(join(tmpdir(), "millrace-docs-"));
    writeFileSync(join(directory, "keys.json"), example);
    const arns = readCredentials(join(directory, "keys.json")).map(({ arn }) => arn);
    rmSync(directory, { recursive: true });
    assert.deepEqual(arns, ["arn:aws:iam::000000000000:root", "arn:aws:iam::000000000000:user/web", "arn:aws:iam::111111111111:root"]);
  });

  test("links lead somewhere", () => {
    assert.deepEqual(
      pages.flatMap((path) => deadLinks(path, read(path))),
      [],
    );
  });

  test("files that are named exist", () => {
    assert.deepEqual(
      pages.filter(isByHand).flatMap((path) => missingFiles(path, read(path))),
      [],
    );
  });

  test("npm scripts that are named exist", () => {
    assert.deepEqual(
      pages.flatMap((path) => missingScripts(path, read(path), manifest.scripts)),
      [],
    );
  });
});

/** A change log names what was; a generated page names what the code does. */
function isByHand(path: string): boolean {
  return path !== "CHANGELOG.md" && !path.startsWith("docs/reference/");
}

function dependencyGaps(page: string, { dependencies, devDependencies, peerDependencies }: Package): string[] {
  const installed = new Set(Object.keys({ ...dependencies, ...devDependencies, ...peerDependencies }));
  const named = new Set([...page.matchAll(/^\| `([^`]+)` \| [^|]+ \| [^|]+ \|$/gm)].map((match) => match[1]!));
  return [
    ...[...installed].filter((name) => !named.has(name)).map((name) => `${name} has no row in docs/decisions/dependencies.md`),
    ...[...named]
      .filter((name) => !installed.has(name))
      .map((name) => `${name} has a row in docs/decisions/dependencies.md but is not in package.json`),
  ];
}

function deadLinks(path: string, text: string): string[] {
  return [...text.matchAll(/\]\((?!https?:|mailto:|#)([^)#\s]+)(?:#[^)]*)?\)/g)]
    .filter((match) => !existsSync(join(ROOT, dirname(path), match[1]!)))
    .map((match) => `${path}: ${match[1]} is not there`);
}

/** Paths in back-ticks that begin with a folder of ours; `*` and `<name>` stand for anything, `…` for the rest. */
function missingFiles(path: string, text: string): string[] {
  return [...text.matchAll(/`((?:src|test|bench|scripts|examples|docs|bin|console)\/[^`\s]*)`/g)]
    .map((match) => match[1]!)
    .filter(
      (named) =>
        globSync(
          named
            .replace(/<[^>]+>/g, "*")
            .replace(/…$/, "*")
            .replace(/\/$/, ""),
          { cwd: ROOT },
        ).length === 0,
    )
    .map((named) => `${path}: ${named} is not there`);
}

function missingScripts(path: string, text: string, scripts: Readonly<Record<string, string>>): string[] {
  return [...text.matchAll(/\bnpm (?:run (?:-s |--silent )?([\w:]+)|(test|start)\b)/g)]
    .map((match) => match[1] ?? match[2]!)
    .filter((script) => !(script in scripts))
    .map((script) => `${path}: package.json has no script "${script}"`);
}

describe("every one of these checks can fail", () => {
  test("dependencies", () => {
    const given = { scripts: {}, dependencies: { saxes: "1" }, devDependencies: { zod: "1" } };
    assert.deepEqual(dependencyGaps("| `saxes` | wire | XML |\n| `zod` | tests | schemas |", given), []);
    assert.match(dependencyGaps("| `saxes` | wire | XML |", given).join(), /zod has no row/);
    assert.match(dependencyGaps("| `saxes` | wire | XML |\n| `zod` | tests | s |\n| `left` | x | y |", given).join(), /left has a row/);
  });

  test("links, files and scripts", () => {
    assert.deepEqual(deadLinks("README.md", "[a](docs/decisions/README.md) [b](https://example.com) [c](#here)"), []);
    assert.deepEqual(deadLinks("README.md", "[a](docs/gone.md#x)"), ["README.md: docs/gone.md is not there"]);
    assert.deepEqual(
      missingFiles("README.md", "`src/kernel/clock.ts` `src/services/*/rules/errors.ts` `src/services/<service>/actions/` `src/kernel`"),
      [],
    );
    assert.deepEqual(missingFiles("README.md", "`src/kernel/gone.ts`"), ["README.md: src/kernel/gone.ts is not there"]);
    assert.deepEqual(missingScripts("README.md", "npm ci && npm test, npm run -s check", { test: "", check: "" }), []);
    assert.deepEqual(missingScripts("README.md", "npm run gone", {}), ['README.md: package.json has no script "gone"']);
  });
});
