import assert from "node:assert/strict";
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, test } from "node:test";
import { deadExports, deadFiles } from "./tidy/dead.ts";
import { direction } from "./tidy/direction.ts";
import { fileLength, names, rooms } from "./tidy/house.ts";
import { lint, sizes, sizesIn } from "./tidy/linter.ts";
import { type Finding, readTree, type Rule, treeOf } from "./tidy/source.ts";
import { clockAndChance, effects, purity } from "./tidy/words.ts";

const ROOT = join(import.meta.dirname, "..");
const FOLDERS = ["src", "test", "bench", "scripts", "examples", "console"];

describe("the source is tidy", () => {
  const tree = readTree(ROOT, FOLDERS);
  const holds = (sentence: string, rule: Rule): void => void test(sentence, () => nothingFound(rule(tree)));

  holds("inner never imports outer, services never each other, examples only published names", direction);
  holds("time and chance come from the kernel alone", clockAndChance);
  holds("rules are pure", purity);
  holds("effects stand at the edges and every package has an owner", effects);
  holds("no file is over 400 lines, no action over 80, no test over 600", fileLength);
  holds("folders are things of the domain, files kebab-case", names);
  holds("every service has the same rooms", rooms);
  holds("no file is dead", deadFiles);
  holds("no export is dead", deadExports);
  test("no function is over 70 lines or takes more than three parameters", async () => nothingFound(await sizesIn(ROOT)));
});

function nothingFound(findings: readonly Finding[]): void {
  const lines = findings.map(({ path, line, message }) => `${path}:${line} ${message}`);
  if (lines.length > 0) assert.fail(`${lines.length} found\n${lines.join("\n")}`);
}

/** Runs a rule on a few lines that stand at a path. */
function found(rule: Rule, path: string, text: string): string[] {
  return rule(treeOf({ [path]: text })).map(({ message }) => message);
}

/** The rule refuses the text, once, and its message names the replacement. */
function refuses(rule: Rule, where: { path: string; text: string; instead: RegExp }): void {
  const messages = found(rule, where.path, where.text);
  assert.equal(messages.length, 1, `${where.path}: ${where.text} gave ${JSON.stringify(messages)}`);
  assert.match(messages[0]!, where.instead);
}

function accepts(rule: Rule, path: string, text: string): void {
  assert.deepEqual(found(rule, path, text), []);
}

describe("every rule can fail, and names the replacement", () => {
  const rules = "src/services/queues/rules/visibility.ts";
  const action = "src/services/queues/actions/send-message.ts";
  const imports = (specifier: string) => `import { a } from "${specifier}";`;

  test("direction", () => {
    const wrong = (path: string, specifier: string, instead: RegExp) => refuses(direction, { path, text: imports(specifier), instead });
    wrong("src/kernel/clock.ts", "../wire/shapes.ts", /kernel may not import wire.*pass it in/);
    wrong("src/wire/json.ts", "../auth/sigv4.ts", /wire may not import auth/);
    wrong("src/storage/sqlite/engine.ts", "../../wire/api.ts", /engine may not import wire/);
    wrong("src/storage/storage.ts", "./sqlite/engine.ts", /storage port may not import engine/);
    wrong(rules, "../store/sqlite.ts", /rules may not import store adapter.*return a decision/);
    wrong(rules, "../../../kernel/clock.ts", /rules may not import kernel/);
    wrong("src/services/queues/store/store.ts", "./sqlite.ts", /store port may not import store adapter/);
    wrong("src/services/queues/store/store.ts", "../../../storage/sqlite/database.ts", /store port may not import engine/);
    wrong("src/services/queues/store/sqlite.ts", "../actions/send-message.ts", /store adapter may not import actions/);
    wrong(action, "../store/sqlite.ts", /use the store's port/);
    wrong(action, "../api.ts", /actions may not import api/);
    wrong("src/services/topics/actions/publish.ts", "../../queues/index.ts", /declare what it needs in needs.ts/);
    wrong("src/server/server.ts", "../services/queues/api.ts", /past the door/);
    wrong("src/server/server.ts", "../services/queues/store/sqlite/index.ts", /list it in src\/server\/stores\.ts/);
    wrong("src/server/stores.ts", "../services/queues/index.ts", /stores may not import door/);
    wrong("src/services/queues/index.ts", "./store/sqlite/index.ts", /door may not import store adapter/);
    wrong("src/server/server.ts", "../cli/main.ts", /server may not import cli/);
    wrong("src/worker/consume.ts", "../services/queues/index.ts", /worker may not import door.*AWS client/);
    wrong("src/worker/consume.ts", "../server/server.ts", /worker may not import server/);
    wrong("src/worker/rules/backoff.ts", "../consume.ts", /worker rules may not import worker/);
    wrong("src/cli/serve.ts", "../storage/sqlite/engine.ts", /cli may not import engine/);
    wrong("src/server/server.ts", "./server.fixture.ts", /test code and not published/);
    wrong("src/services/objects/actions/put-object.ts", "../drivers/blob-files.ts", /actions may not import drivers/);
    wrong("src/services/objects/content/receive.ts", "../drivers/blob-files.ts", /the door chooses the driver/);
    wrong("src/somewhere/new.ts", "../kernel/clock.ts", /no row in MAY_IMPORT/);
    wrong("src/services/queues/lobby/a.ts", "../rules/limits.ts", /no row in MAY_IMPORT/);
    wrong("src/server/http.ts", "../../test/tidy/source.ts", /only src\/ is published/);
    wrong("examples/photos/src/web.ts", "../../../src/index.ts", /import "millrace"/);
    wrong("console/public/status.js", "../../src/index.ts", /import "millrace"/);
  });

  test("direction looks at every way of importing", () => {
    const text = (line: string) => refuses(direction, { path: action, text: line, instead: /actions may not import api/ });
    text('import "../api.ts";');
    text('export { a } from "../api.ts";');
    text('export * from "../api.ts";');
    text('import type { A } from "../api.ts";');
    text('const a = await import("../api.ts");');
    text('import {\n  a,\n  b,\n} from "../api.ts";');
    text('new Worker(new URL("../api.ts", import.meta.url));');
    text('new URL(import.meta.url.endsWith(".ts") ? "../api.ts" : "../api.js", import.meta.url);');
  });

  test("direction leaves alone what is allowed", () => {
    accepts(direction, action, imports("../rules/limits.ts") + imports("../store/store.ts") + imports("../../../wire/shapes.ts"));
    accepts(direction, rules, imports("../../../kernel/units.ts") + imports("./limits.ts"));
    accepts(
      direction,
      "src/services/queues/store/sqlite.ts",
      imports("../rules/limits.ts") + imports("../../../storage/sqlite/database.ts"),
    );
    accepts(direction, "src/server/server.ts", imports("../services/queues/index.ts") + imports("../storage/sqlite/engine.ts"));
    accepts(direction, "src/services/objects/content/receive.ts", imports("../drivers/blob-store.ts") + imports("../store/store.ts"));
    accepts(direction, "src/server/stores.ts", imports("../services/queues/store/sqlite/index.ts"));
    accepts(direction, "src/worker/consume.ts", imports("./rules/backoff.ts") + imports("../kernel/clock.ts"));
    accepts(direction, "examples/photos/src/web.ts", imports("millrace/worker") + imports("./page.ts"));
    accepts(direction, rules, `// as said in import { a } from "../api.ts"`);
    accepts(direction, rules, `const text = 'import { a } from "../api.ts"';`);
  });

  test("time and chance", () => {
    const wrong = (text: string, instead: RegExp) => refuses(clockAndChance, { path: "src/server/pipeline.ts", text, instead });
    wrong("const t = Date.now();", /nowMs/);
    wrong("const t = new Date();", /nowMs/);
    wrong("const t = performance.now();", /Clock\.monotonicMs/);
    wrong("const t = process.hrtime();", /Clock\.monotonicMs/);
    wrong("setTimeout(run, 5);", /Clock\.after/);
    wrong("setInterval(run, 5);", /Clock\.after/);
    wrong("fetch(url, { signal: AbortSignal.timeout(5) });", /Clock\.after/);
    wrong('import { scheduler } from "node:timers/promises";', /Clock\.after/);
    wrong("const r = Math.random();", /kernel\/random/);
    wrong('import { randomUUID } from "node:crypto";', /kernel\/random/);
    const sql = (text: string, instead: RegExp) => refuses(clockAndChance, { path: "src/services/queues/store/sqlite.ts", text, instead });
    sql('prepare("UPDATE q SET t = unixepoch()");', /EnginePort\.nowMs/);
    sql('prepare("SELECT * FROM m ORDER BY random()");', /kernel\/random/);
    refuses(clockAndChance, { path: "src/server/server.test.ts", text: "setTimeout(done, 100);", instead: /tests own the time/ });
    accepts(clockAndChance, "src/kernel/clock.ts", "Date.now(); setTimeout(run, 5); Math.random();");
    accepts(clockAndChance, "src/server/http.ts", "server.setTimeout(idleMs);");
    accepts(clockAndChance, "src/server/pipeline.ts", "new Date(nowMs); // Date.now()\nconst text = `Date.now() ${nowMs}`;");
  });

  test("purity of rules", () => {
    const wrong = (text: string, instead: RegExp) => refuses(purity, { path: rules, text, instead });
    wrong('import { readFileSync } from "node:fs";', /touch nothing outside/);
    wrong('import * as crypto from "node:crypto";', /touch nothing outside/);
    wrong('import { gzipSync } from "node:zlib";', /touch nothing outside/);
    wrong("async function a() {}", /synchronous/);
    wrong("export type A = Promise<void>;", /synchronous/);
    wrong("const port = process.env;", /as an argument/);
    wrong('throw new Error("no");', /rules\/errors\.ts/);
    refuses(purity, { path: "src/worker/rules/backoff.ts", text: "await x;", instead: /synchronous/ });
    accepts(
      purity,
      rules,
      'import { createHash } from "node:crypto";\nimport { crc32 } from "node:zlib";\n/** A Promise is not made here. */',
    );
    accepts(purity, "src/services/queues/rules/visibility.test.ts", "async () => new Error();");
  });

  test("effects and owners of packages", () => {
    const wrong = (path: string, specifier: string, instead: RegExp) => refuses(effects, { path, text: imports(specifier), instead });
    wrong(action, "node:fs/promises", /effects belong in drivers/);
    wrong("src/wire/json.ts", "node:http", /effects belong in drivers/);
    wrong("src/services/queues/store/store.ts", "node:sqlite", /effects belong in drivers/);
    wrong("src/server/http.ts", "express", /has no owner/);
    wrong("src/server/http.ts", "commander", /belongs to .*src.*cli/);
    wrong("src/server/http.ts", "@aws-sdk/client-sqs", /belongs to .*worker/);
    accepts(effects, "src/worker/consume.ts", imports("@aws-sdk/client-sqs"));
    accepts(effects, "src/server/http.ts", imports("node:http"));
    accepts(effects, "src/server/server.test.ts", imports("@aws-sdk/client-sqs"));
  });

  test("length of files", () => {
    refuses(fileLength, { path: "src/server/http.ts", text: "\n".repeat(401), instead: /401 lines, at most 400; split it by subject/ });
    refuses(fileLength, { path: action, text: "\n".repeat(81), instead: /81 lines, at most 80; move the decision to rules/ });
    refuses(fileLength, { path: "src/server/http.test.ts", text: "\n".repeat(601), instead: /601 lines, at most 600/ });
    accepts(fileLength, "src/server/http.ts", "\n".repeat(400));
    accepts(fileLength, action, "\n".repeat(80));
    const api = { "src/services/queues/api.ts": "actions: { SendMessage: sendMessage(context) }" };
    const lines = (path: string) => fileLength(treeOf({ ...api, [path]: "\n".repeat(81) })).length;
    assert.equal(lines(action), 1);
    assert.equal(lines("src/services/queues/actions/shapes.ts"), 0, "what actions share is a file like any other");
  });

  test("names", () => {
    const wrong = (path: string, instead: RegExp) => refuses(names, { path, text: "", instead });
    wrong("src/server/utils/dates.ts", /"utils" is a kind of syntax/);
    wrong("src/worker/types.ts", /"types" is a kind of syntax/);
    wrong("examples/photos/src/helpers/a.ts", /"helpers" is a kind of syntax/);
    wrong("src/server/httpServer.ts", /kebab-case/);
    accepts(names, "src/services/queues/store/store.suite.ts", "");
  });

  test("rooms of a service", () => {
    const service = ["README.md", "index.ts", "api.ts", "actions/publish.ts", "rules/filter.ts", "store/store.ts", "store/store.suite.ts"];
    const messages = (files: readonly string[]) =>
      rooms(treeOf(Object.fromEntries(files.map((file) => [`src/services/topics/${file}`, ""])))).map(({ message }) => message);
    assert.deepEqual(messages(service), []);
    assert.deepEqual(messages([...service, "needs.ts", "upkeep.ts", "drivers/http.ts", "topics.test.ts"]), []);
    for (const missing of ["README.md", "index.ts", "api.ts", "actions/publish.ts", "rules/filter.ts", "store/store.suite.ts"])
      assert.match(messages(service.filter((file) => file !== missing)).join(), /is missing/, missing);
    assert.match(messages([...service, "handlers/publish.ts"]).join(), /handlers is not one of the rooms; move it into actions/);
  });

  test("dead files and exports", () => {
    const dead = (texts: Record<string, string>) =>
      [...deadFiles(treeOf(texts)), ...deadExports(treeOf(texts))].map(({ path, message }) => `${path}: ${message}`);
    const main = { "src/cli/main.ts": 'import { serve } from "./serve.ts"; serve();', "src/cli/serve.ts": "export function serve() {}" };
    assert.deepEqual(dead(main), []);
    assert.match(dead({ ...main, "src/cli/old.ts": "" }).join(), /old\.ts: nothing imports this file; delete it/);
    assert.match(
      dead({ ...main, "src/cli/serve.ts": "export function serve() {}\nexport const PORT = 1;" }).join(),
      /PORT is used in no other file; take "export" away/,
    );
    assert.deepEqual(
      dead({ ...main, "src/cli/serve.test.ts": 'import { a } from "./a.ts"; a;', "src/cli/a.ts": "export const a = 1;" }),
      [],
    );
  });
});

describe("every rule of the linter that STYLE names can fail", () => {
  const long = (lines: number) => `export function f(): void {\n${"  a();\n".repeat(lines - 2)}}\nfunction a(): void {}\n`;
  const cases: readonly { rule: string; path: string; text: string }[] = [
    { rule: "eslint(max-lines-per-function)", path: "src/server/long.ts", text: long(71) },
    { rule: "eslint(max-params)", path: "src/server/params.ts", text: "export const f = (a: 1, b: 1, c: 1, d: 1) => [a, b, c, d];\n" },
    {
      rule: "typescript(no-floating-promises)",
      path: "src/server/floating.ts",
      text: "export function f(p: () => Promise<void>) {\n  p();\n}\n",
    },
    {
      rule: "typescript(no-misused-promises)",
      path: "src/server/misused.ts",
      text: "export const f = (p: Promise<boolean>) => (p ? 1 : 2);\n",
    },
    {
      rule: "typescript(switch-exhaustiveness-check)",
      path: "src/server/switch.ts",
      text: 'export function f(a: "x" | "y") {\n  switch (a) {\n    case "x":\n      return 1;\n  }\n  return 2;\n}\n',
    },
    { rule: "typescript(only-throw-error)", path: "src/server/throw.ts", text: 'export function f() {\n  throw "no";\n}\n' },
    { rule: "typescript(no-explicit-any)", path: "src/server/any.ts", text: "export const f = (a: any): unknown => a;\n" },
    { rule: "typescript(no-non-null-assertion)", path: "src/server/bang.ts", text: "export const f = (a?: string): string => a!;\n" },
    { rule: "import(no-cycle)", path: "src/server/a.ts", text: 'import { b } from "./b.ts";\nexport const a = (): unknown => b;\n' },
    { rule: "import(no-cycle)", path: "src/server/b.ts", text: 'import { a } from "./a.ts";\nexport const b = (): unknown => a;\n' },
    { rule: "eslint(no-restricted-properties)", path: "src/server/now.ts", text: "export const f = (): number => Date.now();\n" },
    { rule: "eslint(no-restricted-properties)", path: "src/server/random.ts", text: "export const f = (): number => Math.random();\n" },
    {
      rule: "eslint(no-restricted-globals)",
      path: "src/server/timer.ts",
      text: "export const f = (g: () => void): unknown => setTimeout(g, 1);\n",
    },
  ];

  test("and leaves alone what is allowed", async () => {
    const folder = await mkdtemp(join(tmpdir(), "millrace-tidy-"));
    try {
      const files = [
        ...cases,
        { path: "src/kernel/clock.ts", text: "export const f = (): number => Date.now();\n" },
        { path: "src/server/short.ts", text: long(70) },
        { path: "src/server/some.test.ts", text: long(71) },
      ];
      for (const { path, text } of files) await put(folder, path, text);
      await cp(join(ROOT, ".oxlintrc.json"), join(folder, ".oxlintrc.json"));
      await cp(join(ROOT, "tsconfig.json"), join(folder, "tsconfig.json"));
      await symlink(join(ROOT, "node_modules"), join(folder, "node_modules"));
      const findings = await lint(folder, ["src"]);
      assert.deepEqual(
        findings.map(({ path, rule }) => `${path} ${rule}`).toSorted(),
        cases.map(({ path, rule }) => `${path} ${rule}`).toSorted(),
      );
      assert.match(
        sizes(findings)
          .map(({ message }) => message)
          .join(),
        /make each a function.*named options object|named options object.*make each a function/,
      );
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

async function put(folder: string, path: string, text: string): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), text);
}
