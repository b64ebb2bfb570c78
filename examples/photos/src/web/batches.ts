import type { Objects } from "../objects.ts";
import type { Names } from "../settings.ts";
import { BatchRequest } from "./batch.ts";
import type { BatchView } from "./batch.ts";
import type { Book } from "./book.ts";
import { HttpError, jsonAnswer } from "./http.ts";
import type { Route, WebRequest } from "./http.ts";
import { resultFileName } from "./file-names.ts";
import { BatchDiffers } from "./orders.ts";
import type { Orders } from "./orders.ts";

export interface BatchesParts {
  readonly objects: Objects;
  readonly names: Names;
  readonly orders: Orders;
  readonly book: Book;
}

const RECENT_COUNT = 12;

/** A name of another form has no object, and is not looked for. */
const isBatchId = (text: string): boolean => /^[0-9a-f-]{36}$/.test(text);

/** @throws {HttpError} 404. */
export async function batchFor(request: WebRequest, book: Book): Promise<BatchView> {
  const id = request.params["batchId"] ?? "";
  const batch = isBatchId(id) ? await book.view(id) : undefined;
  if (batch === undefined) throw new HttpError(404, "There is no such batch.");
  return batch;
}

export function batchRoutes(parts: BatchesParts): Route[] {
  const { orders, book } = parts;
  return [
    {
      method: "POST",
      path: "/api/batches",
      async handle(request) {
        try {
          const { batchId } = await orders.accept(await request.json(BatchRequest));
          return jsonAnswer(202, await book.view(batchId));
        } catch (failure) {
          if (failure instanceof BatchDiffers) throw new HttpError(409, failure.message);
          throw failure;
        }
      },
    },
    {
      method: "GET",
      path: "/api/batches",
      async handle() {
        const recent = await orders.recent(RECENT_COUNT);
        const short = recent.map(({ batchId, createdMs, photos }) => ({
          batchId,
          createdMs,
          photos: photos.length,
          firstName: photos[0]?.name ?? "",
        }));
        return jsonAnswer(200, { batches: short });
      },
    },
    { method: "GET", path: "/api/batches/:batchId", handle: async (request) => jsonAnswer(200, await batchFor(request, book)) },
    imageRoute(parts),
  ];
}

/**
 * `…/photos/:photoId/original`, `/photo.jpg` or `/thumbnail.jpg`: sends the browser to the object store with a URL that is
 * good for an hour. With `?download` the file is saved under the name it was sent with.
 */
function imageRoute({ objects, names, book }: BatchesParts): Route {
  return {
    method: "GET",
    path: "/api/batches/:batchId/photos/:photoId/:file",
    async handle({ params, query }) {
      const { batchId = "", photoId = "", file } = params;
      const found = isBatchId(batchId) ? await book.photo(batchId, photoId) : undefined;
      if (found === undefined) throw new HttpError(404, "There is no such photo.");
      if (file === "original") return redirect(await objects.downloadUrl(names.uploads, found.order.uploadKey));
      const result = found.status.results?.find((result) => `${result.name}.jpg` === file);
      if (result === undefined) throw new HttpError(404, "There is no such result.");
      const fileName = query.has("download") ? resultFileName(found.order.name, result.name) : undefined;
      return redirect(await objects.downloadUrl(names.results, result.key, fileName));
    },
  };
}

function redirect(location: string) {
  // The signed URL lives an hour; a browser that kept the way to it a little shorter never finds it expired.
  return { status: 302, headers: { location, "cache-control": "private, max-age=1800" } };
}
