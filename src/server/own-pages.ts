import { readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { HttpResponse } from "../wire/http.ts";
import type { Exchange } from "./exchange.ts";
import type { MetricsPage } from "./metrics-page.ts";
import { storageHealth, type Report } from "./storage-report.ts";

/** What `/_millrace/health` tells. */
export interface Health {
  readonly version: string;
  /** `durable` (fsync before every answer) or `memory`. */
  readonly durability: "durable" | "memory";
  readonly authentication: "keys" | "dev" | "none";
  /** `encrypted` on disk, where a queue has it so, or `plain`: there is no master key. */
  readonly bodies: "encrypted" | "plain";
  readonly services: readonly string[];
}

const CONSOLE_DIRECTORY = fileURLToPath(new URL("../../console/public", import.meta.url));

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

/** The pages that are ours and not AWS's: health, metrics, the console's files. */
export interface OwnPages {
  /** Undefined where the path is none of ours. */
  answer(exchange: Exchange): Promise<HttpResponse | undefined>;
}

export interface OwnPagesOptions {
  readonly health: Health;
  /** What tells of the whole server; absent where another thread answers for it. */
  readonly whole?: { readonly report: Report; readonly metrics: MetricsPage };
  /** The certificate at a path, in PEM; undefined: there is none. */
  readonly certificateAt: (path: string) => Promise<string | undefined>;
}

type Page = (exchange: Exchange) => HttpResponse | Promise<HttpResponse>;

export function createOwnPages({ health, whole, certificateAt }: OwnPagesOptions): OwnPages {
  const ofWhole: Readonly<Record<string, Page>> =
    whole === undefined
      ? {}
      : {
          "/_millrace/health": () => json({ ...storageHealth(whole.report), ...health }),
          "/metrics": (exchange) => whole.metrics.answer(exchange),
        };
  const pages: Readonly<Record<string, Page>> = {
    ...ofWhole,
    // The path and form that tools for emulators of AWS ask for before they start.
    "/_localstack/health": () =>
      json({ services: Object.fromEntries(awsNames(health.services).map((name) => [name, "running"])), version: health.version }),
  };
  return {
    async answer(exchange) {
      const [path = ""] = exchange.target.split("?", 1);
      if (path.endsWith(".pem")) return await certificatePage(exchange, certificateAt(path));
      if (!path.startsWith("/_") && path !== "/metrics") return undefined;
      if (exchange.request.method !== "GET" && exchange.request.method !== "HEAD") return undefined;
      const page = Object.hasOwn(pages, path) ? pages[path] : undefined;
      if (page === undefined && !/^\/_console(\/|$)/.test(path)) return undefined;
      exchange.service = "own";
      return page === undefined ? consoleFile(path) : page(exchange);
    },
  };
}

/** Subscribers fetch it unsigned, from whatever origin: it is no secret, and never another one. */
async function certificatePage(exchange: Exchange, certificate: Promise<string | undefined>): Promise<HttpResponse | undefined> {
  if (exchange.request.method !== "GET" && exchange.request.method !== "HEAD") return undefined;
  const body = await certificate;
  if (body === undefined) return undefined;
  exchange.service = "own";
  return { status: 200, headers: { "content-type": "application/x-pem-file" }, body };
}

function json(value: unknown): HttpResponse {
  return { status: 200, headers: { "content-type": "application/json" }, body: JSON.stringify(value) };
}

function awsNames(services: readonly string[]): string[] {
  const names: Readonly<Record<string, string>> = { queues: "sqs", objects: "s3" };
  return services.map((service) => names[service] ?? service);
}

async function consoleFile(path: string): Promise<HttpResponse> {
  if (path === "/_console") return { status: 302, headers: { location: "/_console/" }, body: undefined };
  const name = path.slice("/_console/".length) || "index.html";
  const contentType = CONTENT_TYPES[extname(name)];
  if (!/^[a-z0-9-]+\.[a-z]+$/.test(name) || contentType === undefined) return notFound();
  try {
    const body = await readFile(join(CONSOLE_DIRECTORY, name));
    const policy = "default-src 'self'; frame-ancestors 'none'";
    return {
      status: 200,
      headers: { "content-type": contentType, "content-security-policy": policy, "x-content-type-options": "nosniff" },
      body,
    };
  } catch {
    return notFound(); // No such file, or a package built without the console.
  }
}

function notFound(): HttpResponse {
  return { status: 404, headers: { "content-type": "text/plain" }, body: "Not found.\n" };
}
