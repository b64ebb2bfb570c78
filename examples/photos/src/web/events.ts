import type { ServerResponse } from "node:http";
import type { PhotoView } from "./batch.ts";
import { batchFor } from "./batches.ts";
import type { Book } from "./book.ts";
import type { Route } from "./http.ts";

/** Photos that changed within this time go out together. */
const FLUSH_MS = 150;
/** How often to look for what other web tiers have written. */
const CATCH_UP_MS = 3_000;
/** Something is sent this often, so that no proxy takes the silence for death. */
const HEARTBEAT_MS = 15_000;

/**
 * `GET /api/batches/:batchId/events`: first the whole batch (`batch`), then whatever changes (`photos`, a list). A browser that
 * lost the connection asks again by itself and gets the whole batch again; so nothing needs to be remembered for it.
 */
export function eventsRoute(book: Book): Route {
  return {
    method: "GET",
    path: "/api/batches/:batchId/events",
    async handle(request, response) {
      const changed = new Map<string, PhotoView>();
      const batchId = request.params["batchId"] ?? "";
      // Between looking and watching nothing may be missed: changes are listened to before the picture is taken.
      const unwatch = book.watch(batchId, (photos) => photos.forEach((photo) => changed.set(photo.photoId, photo)));
      response.once("close", unwatch);
      const batch = await batchFor(request, book);
      changed.clear();
      response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store", "x-accel-buffering": "no" });
      say(response, "batch", batch);
      const timers = [
        setInterval(() => flush(response, changed), FLUSH_MS),
        setInterval(() => void book.catchUp(batchId).catch(() => undefined), CATCH_UP_MS),
        setInterval(() => response.write(": still here\n\n"), HEARTBEAT_MS),
      ];
      response.once("close", () => {
        for (const timer of timers) clearInterval(timer);
      });
      return undefined;
    },
  };
}

function flush(response: ServerResponse, changed: Map<string, PhotoView>): void {
  // A reader that is slower than the news gets the newest state of each photo once it can take more.
  if (changed.size === 0 || response.writableNeedDrain) return;
  say(response, "photos", [...changed.values()]);
  changed.clear();
}

function say(response: ServerResponse, event: string, value: unknown): void {
  response.write(`event: ${event}\ndata: ${JSON.stringify(value)}\n\n`);
}
