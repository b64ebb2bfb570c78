import { createHash } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { extname } from "node:path";
import type { Route } from "./http.ts";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
};

/** One route for each file of the folder, read once: what is asked for never becomes a path on this machine. */
export function pageRoutes(folder: URL): Route[] {
  const names = readdirSync(folder).filter((name) => extname(name) in TYPES);
  return names.map((name) => {
    const body = readFileSync(new URL(name, folder));
    const etag = `"${createHash("sha256").update(body).digest("hex").slice(0, 32)}"`;
    const headers = { "content-type": TYPES[extname(name)] ?? "application/octet-stream", "cache-control": "no-cache", etag };
    return {
      method: "GET",
      path: name === "index.html" ? "/" : `/${name}`,
      handle: async ({ raw }) => (raw.headers["if-none-match"] === etag ? { status: 304, headers } : { status: 200, headers, body }),
    };
  });
}
