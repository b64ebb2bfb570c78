import { basename, dirname } from "node:path";
import { type Finding, isSource, isTest, type SourceFile, type Tree } from "./source.ts";

const LINES_MAX = 400;
const ACTION_LINES_MAX = 80;
/** Cases stand beside each other and share little, so a longer list of them costs less than longer code. */
const TEST_LINES_MAX = 600;

/** Folders and files named after what a thing is in the language; a change to one behaviour would visit each of them. */
const KINDS_OF_SYNTAX = new Set([
  "classes",
  "common",
  "constants",
  "enums",
  "helper",
  "helpers",
  "interfaces",
  "lib",
  "misc",
  "models",
  "shared",
  "types",
  "util",
  "utils",
]);

const ROOMS_REQUIRED = ["README.md", "actions", "api.ts", "index.ts", "rules", "store"];
/**
 * `requests`: how a request that names no action is understood, route by route (REST). `content`: bytes on their way
 * between a request and where they are kept.
 */
const ROOMS_ALLOWED = ["needs.ts", "upkeep.ts", "drivers", "requests", "content"];
const STORE_REQUIRED = ["store.ts", "store.suite.ts"];

/** A file that is longer has more than one subject; an action reads, asks, stores and answers, and that is short. */
export function fileLength(tree: Tree): Finding[] {
  return [...tree.values()].flatMap((file) => {
    const action = isAction(tree, file.path);
    const max = action ? ACTION_LINES_MAX : isTest(file.path) ? TEST_LINES_MAX : LINES_MAX;
    const lines = linesOf(file);
    if (lines <= max) return [];
    const instead = action ? "move the decision to rules/ and the rows to store/" : "split it by subject, and name each file after its own";
    return [{ path: file.path, line: max + 1, message: `${lines} lines, at most ${max}; ${instead}` }];
  });
}

/** Whether the service's contents page (api.ts) names an action as this file is named. Beside them stand a few that actions share. */
function isAction(tree: Tree, path: string): boolean {
  const [, service, name] = /^src\/services\/([^/]+)\/actions\/([^/.]+)\.ts$/.exec(path) ?? [];
  if (service === undefined || name === undefined) return false;
  const contents = tree.get(`src/services/${service}/api.ts`)?.code;
  const action = name.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());
  return contents === undefined || new RegExp(`\\b${action}:\\s`).test(contents);
}

export function linesOf(file: SourceFile): number {
  return file.text.split("\n").length - (file.text.endsWith("\n") ? 1 : 0);
}

/** A folder is a thing of the domain, and every name is written the same way. */
export function names(tree: Tree): Finding[] {
  return [...tree.keys()].flatMap((path) => {
    const words = [...dirname(path).split("/"), ...(isSource(path) ? [basename(path).replace(/\..*$/, "")] : [])];
    const kind = words.find((word) => KINDS_OF_SYNTAX.has(word));
    if (kind !== undefined)
      return [{ path, line: 1, message: `"${kind}" is a kind of syntax; name the thing of the domain that it is about` }];
    if (isSource(path) && !/^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z0-9]+)*\.(?:ts|js|mjs)$/.test(basename(path)))
      return [{ path, line: 1, message: "file names are kebab-case: send-message.ts" }];
    return [];
  });
}

/** Every service reads the same way, so that a newcomer who knows one knows all. */
export function rooms(tree: Tree): Finding[] {
  const services = new Map<string, string[]>();
  for (const path of tree.keys()) {
    const [, service, inside] = /^src\/services\/([^/]+)\/(.+)$/.exec(path) ?? [];
    if (service !== undefined && inside !== undefined) services.set(service, [...(services.get(service) ?? []), inside]);
  }
  return [...services].flatMap(([service, inside]) => {
    const path = `src/services/${service}`;
    const has = new Set(inside.map((file) => file.split("/")[0]!));
    const inStore = new Set(inside.filter((file) => file.startsWith("store/")).map((file) => file.slice("store/".length)));
    const say = (message: string): Finding => ({ path, line: 1, message });
    return [
      ...ROOMS_REQUIRED.filter((room) => !has.has(room)).map((room) => say(`${room} is missing; every service has the same rooms`)),
      ...STORE_REQUIRED.filter((file) => !inStore.has(file)).map((file) =>
        say(`store/${file} is missing: the port, and the suite that is its meaning`),
      ),
      ...[...has]
        .filter((room) => ![...ROOMS_REQUIRED, ...ROOMS_ALLOWED].includes(room) && !room.endsWith(".test.ts"))
        .map((room) => say(`${room} is not one of the rooms; move it into ${[...ROOMS_REQUIRED.slice(1), ...ROOMS_ALLOWED].join(", ")}`)),
    ];
  });
}
