import assert from "node:assert/strict";
import { once } from "node:events";
import { request as httpRequest } from "node:http";
import type { IncomingMessage, Server } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, it, mock } from "node:test";
import type { PhotoResponse } from "../jobs.ts";
import { MemoryObjects } from "../memory-objects.suite.ts";
import { namesOf } from "../settings.ts";
import { archiveRoute } from "./archive.ts";
import { batchRoutes } from "./batches.ts";
import { Book } from "./book.ts";
import { eventsRoute } from "./events.ts";
import { distinct, resultFileName } from "./file-names.ts";
import { hostsOf } from "./guard.ts";
import { matchPath } from "./http.ts";
import { Orders } from "./orders.ts";
import { pageRoutes } from "./pages.ts";
import { webServer } from "./server.ts";
import { uploadRoutes } from "./uploads.ts";
import { unzip } from "./zip.suite.ts";

const BATCH = "0b7c7f5e-6c1f-4a58-9d9c-3f1f3a6d2b10";
const UPLOAD = "6d1f0c9a-2f5b-4d3e-8a55-9f2d2f6f3c01";
const names = namesOf("photos");
const order = (...photoNames: string[]) => ({
  batchId: BATCH,
  photos: photoNames.map((name) => ({ uploadId: UPLOAD, name, operations: { enhance: true } })),
});
const done = (place: number, bytes: number): PhotoResponse => ({
  kind: "done",
  batchId: BATCH,
  photoId: `${BATCH}-${place}`,
  results: [{ name: "photo", key: `results/${BATCH}-${place}/photo.jpg`, width: 1, height: 1, bytes }],
});

interface WebTier extends AsyncDisposable {
  readonly base: string;
  readonly port: number;
  readonly objects: MemoryObjects;
  readonly book: Book;
  readonly sent: unknown[];
}

async function webTier(): Promise<WebTier> {
  const objects = new MemoryObjects();
  const sent: unknown[] = [];
  const nowMs = () => Date.UTC(2026, 5, 1);
  const orders = new Orders({ objects, names, nowMs, sendAll: async (_queue, bodies) => void sent.push(...bodies) });
  const book = new Book({ objects, names, batchOf: (batchId) => orders.read(batchId) });
  const routes = [
    ...pageRoutes(new URL("../../public/", import.meta.url)),
    ...uploadRoutes({ objects, bucket: names.uploads, newId: () => UPLOAD }),
    ...batchRoutes({ objects, names, orders, book }),
    archiveRoute({ objects, bucket: names.results, book }),
    eventsRoute(book),
  ];
  let port = 0;
  const server: Server = webServer({
    routes,
    hosts: () => hostsOf(port, ["photos.example.com"]),
    browserEndpoint: "http://store.test:4566",
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  ({ port } = server.address() as AddressInfo);
  const close = async () => {
    server.close();
    server.closeAllConnections();
  };
  return { base: `http://127.0.0.1:${port}`, port, objects, book, sent, [Symbol.asyncDispose]: close };
}

const post = (url: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(url, { method: "POST", body: JSON.stringify(body), headers: { "content-type": "application/json", ...headers } });

/** `fetch` does not let a test choose the Host. */
async function statusFor(port: number, headers: Record<string, string>): Promise<number | undefined> {
  const request = httpRequest({ host: "127.0.0.1", port, path: "/api/batches", headers });
  request.end();
  const [response] = (await once(request, "response")) as [IncomingMessage];
  response.resume();
  return response.statusCode;
}

describe("the page", () => {
  it("is served with a policy that runs no script but its own", async () => {
    await using web = await webTier();
    const response = await fetch(`${web.base}/`);
    assert.equal(response.headers.get("content-type"), "text/html; charset=utf-8");
    const policy = response.headers.get("content-security-policy") ?? "";
    assert.match(policy, /default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: http:\/\/store\.test:4566;/);
    assert.doesNotMatch(policy, /unsafe/);
    assert.equal(response.headers.get("x-content-type-options"), "nosniff");
    assert.doesNotMatch(
      await response.text(),
      /<script(?! type="module" src=)|\son\w+=|style=/,
      "nothing inline that the policy would stop",
    );
  });

  it("is answered with 304 once the browser has it", async () => {
    await using web = await webTier();
    const etag = (await fetch(`${web.base}/app.js`)).headers.get("etag") ?? "";
    assert.equal((await fetch(`${web.base}/app.js`, { headers: { "if-none-match": etag } })).status, 304);
  });

  it("serves its own files and no other", async () => {
    await using web = await webTier();
    for (const path of ["/nothing", "/../package.json", "/%2e%2e/package.json", "/web.ts", "//etc/passwd"])
      assert.equal((await fetch(`${web.base}${path}`)).status, 404, path);
    assert.equal((await fetch(`${web.base}/`, { method: "POST" })).status, 405);
  });
});

describe("requests from elsewhere", () => {
  it("are refused under a name that is not ours, so that no name can be pointed at this machine", async () => {
    await using web = await webTier();
    assert.equal(await statusFor(web.port, { host: `127.0.0.1:${web.port}` }), 200);
    assert.equal(await statusFor(web.port, { host: `localhost:${web.port}` }), 200);
    assert.equal(await statusFor(web.port, { host: "photos.example.com" }), 200);
    assert.equal(await statusFor(web.port, { host: "evil.example" }), 421);
    assert.equal(await statusFor(web.port, { host: `localhost:${web.port + 1}` }), 421);
  });

  it("are refused when a browser says that another page sent them", async () => {
    await using web = await webTier();
    const from = async (origin: string) => (await post(`${web.base}/api/batches`, order("a.jpg"), { origin })).status;
    assert.equal(await from("https://evil.example"), 403);
    assert.equal(await from("null"), 403);
    assert.equal(await from(web.base), 202);
  });

  it("are refused when they are a form and not JSON", async () => {
    await using web = await webTier();
    const headers = { "content-type": "text/plain" };
    assert.equal((await fetch(`${web.base}/api/batches`, { method: "POST", body: JSON.stringify(order("a.jpg")), headers })).status, 415);
  });
});

describe("uploads", () => {
  it("get one URL each, for a name that the web tier chose", async () => {
    await using web = await webTier();
    const response = await post(`${web.base}/api/uploads`, { files: [{ bytes: 10, contentType: "image/png" }] });
    assert.deepEqual(await response.json(), {
      uploads: [{ uploadId: UPLOAD, url: `http://store.test/${names.uploads}/uploads/${UPLOAD}?put` }],
    });
  });

  it("are refused, with the reason, when they are too large, empty or of a type that browsers run", async () => {
    await using web = await webTier();
    const refusal = async (file: unknown) => {
      const response = await post(`${web.base}/api/uploads`, { files: [file] });
      assert.equal(response.status, 400);
      return ((await response.json()) as { error: string }).error;
    };
    assert.match(await refusal({ bytes: 50 * 1024 * 1024, contentType: "image/png" }), /at most 40 MB/);
    assert.match(await refusal({ bytes: 0, contentType: "image/png" }), /empty/);
    assert.match(await refusal({ bytes: 10, contentType: "text/html" }), /contentType/);
    assert.match(await refusal({ bytes: 10, contentType: "image/svg+xml" }), /contentType/);
  });
});

describe("batches", () => {
  it("are accepted, queued and shown", async () => {
    await using web = await webTier();
    const response = await post(`${web.base}/api/batches`, order("a.jpg", "b.jpg"));
    assert.equal(response.status, 202);
    assert.equal(web.sent.length, 2);
    const shown = await (await fetch(`${web.base}/api/batches/${BATCH}`)).json();
    assert.deepEqual(shown, await response.json());
    const list = await (await fetch(`${web.base}/api/batches`)).json();
    assert.deepEqual(list, { batches: [{ batchId: BATCH, createdMs: Date.UTC(2026, 5, 1), photos: 2, firstName: "a.jpg" }] });
  });

  it("are refused when they cannot be understood", async () => {
    await using web = await webTier();
    const statusOf = async (body: unknown) => (await post(`${web.base}/api/batches`, body)).status;
    assert.equal(await statusOf({ ...order("a.jpg"), batchId: "../x" }), 400);
    assert.equal(await statusOf(order()), 400);
    assert.equal(await statusOf(order("")), 400);
    assert.equal(
      await statusOf({ ...order("a.jpg"), photos: [{ uploadId: "../../secret", name: "a", operations: { enhance: true } }] }),
      400,
    );
    assert.equal(
      (await fetch(`${web.base}/api/batches`, { method: "POST", body: "{", headers: { "content-type": "application/json" } })).status,
      400,
    );
    assert.equal(await statusOf({ filler: "x".repeat(5_000_000) }), 413);
    assert.deepEqual(web.sent, []);
  });

  it("are 409 under a name that is taken, and 404 under one that is not", async () => {
    await using web = await webTier();
    await post(`${web.base}/api/batches`, order("a.jpg"));
    assert.equal((await post(`${web.base}/api/batches`, order("other.jpg"))).status, 409);
    assert.equal((await fetch(`${web.base}/api/batches/${UPLOAD}`)).status, 404);
    assert.equal((await fetch(`${web.base}/api/batches/nothing`)).status, 404);
  });

  it("answer 503, without details, while the store is away", async () => {
    await using web = await webTier();
    web.objects.readJson = () => Promise.reject(new Error("secret address"));
    const silent = mock.method(console, "error", () => undefined);
    const response = await fetch(`${web.base}/api/batches/${BATCH}`);
    silent.mock.restore();
    assert.equal(response.status, 503);
    assert.doesNotMatch(await response.text(), /secret/);
  });

  it("lead to originals and results by a redirect, and to a file name of the photo's when they are saved", async () => {
    await using web = await webTier();
    await post(`${web.base}/api/batches`, order("Beach/../day.PNG"));
    await web.book.apply(done(0, 3));
    const locationOf = async (path: string) => {
      const response = await fetch(`${web.base}/api/batches/${BATCH}/photos/${BATCH}-0/${path}`, { redirect: "manual" });
      return response.headers.get("location") ?? response.status;
    };
    assert.equal(await locationOf("original"), `http://store.test/${names.uploads}/uploads/${UPLOAD}?get`);
    assert.equal(await locationOf("photo.jpg"), `http://store.test/${names.results}/results/${BATCH}-0/photo.jpg?get`);
    assert.match(String(await locationOf("photo.jpg?download")), /as=Beach_.._day-processed\.jpg$/);
    assert.equal(await locationOf("thumbnail.jpg"), 404);
    assert.equal((await fetch(`${web.base}/api/batches/${BATCH}/photos/${BATCH}-9/original`)).status, 404);
  });
});

describe("live progress", () => {
  it("begins with the whole batch and goes on with what changes", async () => {
    await using web = await webTier();
    await post(`${web.base}/api/batches`, order("a.jpg", "b.jpg"));
    const response = await fetch(`${web.base}/api/batches/${BATCH}/events`);
    assert.equal(response.headers.get("content-type"), "text/event-stream");
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    const until = async (pattern: RegExp) => {
      while (!pattern.test(text)) text += (await reader.read()).value ?? "";
    };
    await until(/event: batch\ndata: .*\n\n/);
    await web.book.apply({ kind: "progress", batchId: BATCH, photoId: `${BATCH}-0`, stage: "server-a", fraction: 0.1, step: "Checking" });
    await web.book.apply({ kind: "progress", batchId: BATCH, photoId: `${BATCH}-0`, stage: "server-a", fraction: 0.5, step: "Enhancing" });
    await web.book.apply(done(1, 3));
    await until(/event: photos\ndata: .*\n\n/);
    const photos = JSON.parse(/event: photos\ndata: (.*)\n\n/.exec(text)![1]!) as { name: string; stage: string; fraction: number }[];
    assert.deepEqual(
      photos.map(({ name, stage, fraction }) => ({ name, stage, fraction })),
      [
        { name: "a.jpg", stage: "server-a", fraction: 0.5 },
        { name: "b.jpg", stage: "done", fraction: 1 },
      ],
      "several changes of a photo go out as its newest state",
    );
    await reader.cancel();
  });

  it("is 404 for a batch that does not exist", async () => {
    await using web = await webTier();
    assert.equal((await fetch(`${web.base}/api/batches/${BATCH}/events`)).status, 404);
  });
});

describe("the archive", () => {
  it("holds every result under a name of its own", async () => {
    await using web = await webTier();
    await post(`${web.base}/api/batches`, order("a.jpg", "A.JPG", "never.jpg"));
    for (const place of [0, 1]) {
      const bytes = Buffer.from(`bytes of ${place}`);
      await web.objects.write(names.results, `results/${BATCH}-${place}/photo.jpg`, { bytes, contentType: "image/jpeg" });
      await web.book.apply(done(place, bytes.length));
    }
    const response = await fetch(`${web.base}/api/batches/${BATCH}/archive.zip`);
    assert.equal(response.headers.get("content-type"), "application/zip");
    assert.match(response.headers.get("content-disposition") ?? "", /^attachment; filename="photos-0b7c7f5e\.zip"/);
    const files = unzip(Buffer.from(await response.arrayBuffer()));
    assert.deepEqual(
      [...files].map(([name, bytes]) => `${name}: ${bytes.toString()}`),
      ["a-processed.jpg: bytes of 0", "A-processed (2).jpg: bytes of 1"],
    );
  });

  it("is cut off, and not ended as if it were whole, when a result cannot be read", async () => {
    await using web = await webTier();
    await post(`${web.base}/api/batches`, order("a.jpg"));
    await web.book.apply(done(0, 3));
    const silent = mock.method(console, "error", () => undefined);
    await assert.rejects(fetch(`${web.base}/api/batches/${BATCH}/archive.zip`).then((response) => response.arrayBuffer()));
    silent.mock.restore();
  });

  it("is 409 while nothing is finished", async () => {
    await using web = await webTier();
    await post(`${web.base}/api/batches`, order("a.jpg"));
    assert.equal((await fetch(`${web.base}/api/batches/${BATCH}/archive.zip`)).status, 409);
  });
});

describe("file names", () => {
  it("keep what people called the photo and nothing that could harm them", () => {
    assert.equal(resultFileName("Übung 1.jpeg", "photo"), "Übung 1-processed.jpg");
    assert.equal(resultFileName("../../etc/passwd", "thumbnail"), "_.._etc_passwd-thumbnail.jpg");
    assert.equal(resultFileName("con.png", "photo"), "photo_con-processed.jpg");
    assert.equal(resultFileName(".jpg", "photo"), "photo-processed.jpg");
    assert.equal(resultFileName("a\u202egpj.exe", "photo"), "a_gpj-processed.jpg");
    assert.equal(resultFileName("x".repeat(300), "photo").length, 80 + "-processed.jpg".length);
  });

  it("are made different where they are the same", () => {
    const nameOf = distinct();
    assert.deepEqual(["a.jpg", "a.jpg", "A.jpg", "b.jpg"].map(nameOf), ["a.jpg", "a (2).jpg", "A (3).jpg", "b.jpg"]);
  });
});

describe("paths", () => {
  it("match part by part", () => {
    assert.deepEqual(matchPath("/api/batches/:batchId", "/api/batches/7"), { batchId: "7" });
    assert.equal(matchPath("/api/batches/:batchId", "/api/batches/"), undefined);
    assert.equal(matchPath("/api/batches/:batchId", "/api/batches/7/x"), undefined);
  });
});
