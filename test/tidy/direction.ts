import { dirname, join, normalize } from "node:path";
import { type Finding, isTest, type SourceFile, type Tree } from "./source.ts";

/**
 * The whole direction of the code base, readable from top to bottom. A kind may import itself and what is listed. Whoever
 * adds a folder adds its row. A path instead of a kind allows that file alone.
 */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  kernel: [],
  wire: ["kernel"],
  auth: ["kernel", "wire"],
  "storage port": ["kernel"],
  engine: ["storage port", "kernel"],

  access: ["src/kernel/assert.ts", "src/kernel/units.ts", "src/kernel/service-error.ts"],
  rules: ["access", "src/kernel/assert.ts", "src/kernel/units.ts", "src/kernel/service-error.ts"],
  "store port": ["access", "rules", "storage port", "kernel"],
  "store adapter": ["access", "needs", "store port", "rules", "engine", "storage port", "kernel"],
  needs: ["rules", "store port", "storage port", "wire", "kernel"],
  "driver port": ["needs", "rules", "kernel", "src/wire/shapes.ts"],
  drivers: ["driver port", "needs", "rules", "kernel", "src/wire/shapes.ts"],
  content: ["driver port", "store port", "needs", "rules", "kernel", "src/wire/shapes.ts"],
  actions: ["access", "content", "driver port", "needs", "store port", "storage port", "rules", "wire", "kernel"],
  upkeep: ["content", "driver port", "needs", "store port", "storage port", "rules", "kernel"],
  api: ["actions", "content", "driver port", "needs", "store port", "storage port", "rules", "wire", "kernel"],
  requests: ["api", "actions", "needs", "store port", "storage port", "rules", "wire", "kernel"],
  door: [
    "requests",
    "api",
    "actions",
    "upkeep",
    "content",
    "drivers",
    "driver port",
    "needs",
    "store port",
    "storage port",
    "rules",
    "wire",
    "kernel",
  ],

  // Its one file src/server/stores.ts is what the storage thread loads: the services' stores, and how one brings to another what
  // is committed with its own.
  stores: ["store adapter", "needs", "rules", "engine", "kernel"],
  server: ["stores", "door", "auth", "wire", "engine", "storage port", "kernel"],
  backup: ["stores", "door", "engine", "storage port", "kernel"],
  testing: ["server", "door", "worker", "worker rules", "wire", "kernel"],
  cli: ["server", "backup", "worker", "kernel"],
  "public face": ["server", "engine", "kernel"],

  "worker rules": ["src/kernel/assert.ts", "src/kernel/units.ts"],
  worker: ["worker rules", "kernel"],
};

/** Where it belongs instead, for the directions that are most often mistaken. */
const INSTEAD: Readonly<Record<string, string>> = {
  kernel: "the kernel knows no other part; let the caller pass it in",
  access: "the policy engine knows no service; let the service hand it in with its PolicyLanguage",
  rules: "rules take data as arguments and return a decision; move the effect to the action or the store",
  "worker rules": "rules take data as arguments and return a decision; move the effect beside them",
  content: "use the blobs' port (drivers/blob-store.ts); the door chooses the driver",
  actions: "use the store's port (store/store.ts) or declare an interface in needs.ts",
  "store port": "the port is an interface over plain data; move the shape to rules/ or into the port",
  "store adapter": "a store reads rows and applies rules; what needs more belongs in the action",
  server: "import a service through its index.ts",
  worker: "the worker runs against AWS too: use an AWS client and the kernel",
  cli: "ask the server (src/server) for it",
};

/** Which kind of place a path is; undefined where the table has no row for it. */
export function kindOf(path: string): string | undefined {
  const [top, folder, ...rest] = path.split("/");
  if (top !== "src" || folder === undefined) return undefined;
  if (folder === "services") return kindInService(rest);
  if (rest.length === 0) return "public face";
  if (path === "src/server/stores.ts") return "stores";
  if (folder === "storage") return path === "src/storage/storage.ts" ? "storage port" : "engine";
  if (folder === "worker" && rest[0] === "rules") return "worker rules";
  return folder in MAY_IMPORT ? folder : undefined;
}

function kindInService([, room, ...rest]: readonly string[]): string | undefined {
  switch (room) {
    case "rules":
    case "actions":
    case "content":
    case "requests":
      return room;
    case "drivers":
      return /(?:^driver|-store)\.ts$/.test(rest[0] ?? "") ? "driver port" : "drivers";
    case "store":
      return rest[0] === "store.ts" ? "store port" : "store adapter";
    case "api.ts":
      return "api";
    case "index.ts":
      return "door";
    case "needs.ts":
      return "needs";
    case "upkeep.ts":
      return "upkeep";
    default:
      return undefined;
  }
}

function serviceOf(path: string): string | undefined {
  return /^src\/services\/([^/]+)\//.exec(path)?.[1];
}

/** The file that a relative import means. */
export function targetOf(from: string, specifier: string): string {
  return normalize(join(dirname(from), specifier));
}

/** Inner never imports outer, a service never a service, and the outside enters a service through its door. */
export function direction(tree: Tree): Finding[] {
  return [...tree.values()].filter((file) => !isTest(file.path)).flatMap(directionOf);
}

function directionOf(file: SourceFile): Finding[] {
  const workspace = /^(console|examples\/[^/]+)\//.exec(file.path)?.[0];
  const findings: Finding[] = [];
  const say = (line: number, message: string) => findings.push({ path: file.path, line, message });
  const here = kindOf(file.path);
  if (file.path.startsWith("src/") && here === undefined && file.imports.length > 0)
    say(1, "this place has no row in MAY_IMPORT (test/tidy/direction.ts); move the file into one of the rooms or add the row");
  for (const { specifier, line } of file.imports) {
    if (!specifier.startsWith(".")) continue;
    const target = targetOf(file.path, specifier);
    if (here !== undefined && isTest(target))
      say(line, `${specifier} is test code and not published; move what is needed into a file of its own`);
    if (workspace !== undefined && !target.startsWith(workspace))
      say(line, `${specifier} leaves the workspace; import "millrace", "millrace/worker" or "millrace/testing"`);
    if (here !== undefined && target.startsWith("src/")) findings.push(...wrongWay(file.path, { here, target, specifier, line }));
    if (here !== undefined && !target.startsWith("src/"))
      say(line, `${specifier} leaves src/, and only src/ is published; move what is needed into src/`);
  }
  return findings;
}

function wrongWay(path: string, edge: { here: string; target: string; specifier: string; line: number }): Finding[] {
  const { here, target, specifier, line } = edge;
  const there = kindOf(target);
  const [from, to] = [serviceOf(path), serviceOf(target)];
  if (from !== undefined && to !== undefined && from !== to)
    return [
      {
        path,
        line,
        message: `${from} may not import ${to} (${specifier}); declare what it needs in needs.ts, src/server/links.ts supplies it`,
      },
    ];
  if (here === "server" && to !== undefined && there === "store adapter")
    return [{ path, line, message: `${specifier} is the storage thread's; list it in src/server/stores.ts` }];
  if (from === undefined && to !== undefined && there !== "door" && MAY_IMPORT[here]?.includes("door"))
    return [
      { path, line, message: `${specifier} goes past the door; import src/services/${to}/index.ts and export there what is missing` },
    ];
  if (here === there || there === undefined) return [];
  const allowed = MAY_IMPORT[here] ?? [];
  if (allowed.includes(there) || allowed.includes(target)) return [];
  return [
    { path, line, message: `${here} may not import ${there} (${specifier}); ${INSTEAD[here] ?? "turn the import round, or pass it in"}` },
  ];
}
