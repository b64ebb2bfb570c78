import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { Server } from "node:http";
import { registerHooks } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { isMainThread } from "node:worker_threads";

/**
 * Loaded before a file of tests (`node --import`), this gives each server that a test starts as many HTTP threads as the
 * environment says, and a data directory where it would have kept all in memory; and it closes each connection after one
 * request, so that the requests of one client come to all threads.
 */
const threads = Number(process.env["MILLRACE_TEST_HTTP_THREADS"] ?? "2");
const path = join(import.meta.dirname, "../../src/server/config.ts");
const plain = "return checkConfig({ ...readConfig({}, {}), ...given });";

if (isMainThread) {
  const source = readFileSync(path, "utf8");
  if (source.split(plain).length !== 2) throw new TypeError(`src/server/config.ts does not have once: ${plain}`);
  const base = mkdtempSync(join(tmpdir(), "millrace-suites-"));
  process.once("exit", () => rmSync(base, { recursive: true, force: true }));
  let servers = 0;
  // The hook gives the module text, not values; so what the text asks for stands where it can find it.
  Object.assign(globalThis, {
    millraceTogether: (config: { memory: boolean; data: string }) => {
      servers += 1;
      return { ...config, httpThreads: threads, memory: false, data: config.memory ? join(base, String(servers)) : config.data };
    },
  });
  const changed = source.replace(plain, () => "return checkConfig(globalThis.millraceTogether({ ...readConfig({}, {}), ...given }));");
  const url = pathToFileURL(path).href;
  registerHooks({
    load: (asked, context, next) =>
      asked === url ? { format: "module-typescript", source: changed, shortCircuit: true } : next(asked, context),
  });
}

const listen = Reflect.get<Server, "listen">(Server.prototype, "listen");
Server.prototype.listen = function (this: Server, ...args: unknown[]): Server {
  this.maxRequestsPerSocket = 1;
  return Reflect.apply(listen, this, args) as Server;
} as Server["listen"];
