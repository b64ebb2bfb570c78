import { pipeline } from "node:stream/promises";
import { PassThrough } from "node:stream";
import type { Readable } from "node:stream";
import yazl from "yazl";
import { attachment } from "../s3-objects.ts";
import type { Result } from "../jobs.ts";
import type { Objects } from "../objects.ts";
import { batchFor } from "./batches.ts";
import type { BatchView } from "./batch.ts";
import type { Book } from "./book.ts";
import { distinct, resultFileName } from "./file-names.ts";
import { HttpError } from "./http.ts";
import type { Route } from "./http.ts";

export interface ArchiveParts {
  readonly objects: Objects;
  readonly bucket: string;
  readonly book: Book;
}

/** All results of a batch as one ZIP file, made while it is sent: it is never whole in memory or on a disk. */
export function archiveRoute({ objects, bucket, book }: ArchiveParts): Route {
  return {
    method: "GET",
    path: "/api/batches/:batchId/archive.zip",
    async handle(request, response) {
      const batch = await batchFor(request, book);
      const files = filesOf(batch);
      if (files.length === 0) throw new HttpError(409, "No photo of this batch is finished yet.");
      response.writeHead(200, {
        "content-type": "application/zip",
        "content-disposition": attachment(`photos-${batch.batchId.slice(0, 8)}.zip`),
        "cache-control": "no-store",
      });
      if (request.raw.method === "HEAD") response.end();
      else
        await pipeline(
          zipOf(files, new Date(batch.createdMs), (key) => objects.stream(bucket, key)),
          response,
        );
      return undefined;
    },
  };
}

interface ArchivedFile {
  readonly name: string;
  readonly result: Result;
}

function filesOf(batch: BatchView): ArchivedFile[] {
  const nameOf = distinct();
  return batch.photos.flatMap(({ name, results = [] }) =>
    results.map((result) => ({ name: nameOf(resultFileName(name, result.name)), result })),
  );
}

function zipOf(files: readonly ArchivedFile[], mtime: Date, open: (key: string) => Promise<Readable | undefined>): Readable {
  const zip = new yazl.ZipFile();
  const out = new PassThrough();
  const fail = (failure: Error) => void out.destroy(failure);
  zip.on("error", fail);
  for (const { name, result } of files) {
    // A JPEG does not get smaller. Each is opened only when the one before has been sent.
    zip.addReadStreamLazy(name, { compress: false, mtime, size: result.bytes }, (give) => {
      open(result.key).then(
        (stream) => (stream === undefined ? fail(new Error(`${result.key} is gone`)) : give(null, stream)),
        (failure: unknown) => fail(failure instanceof Error ? failure : new Error(String(failure))),
      );
    });
  }
  zip.end();
  zip.outputStream.pipe(out);
  return out;
}
