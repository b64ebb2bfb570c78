import { Busboy } from "@fastify/busboy";
import type { Readable } from "node:stream";
import type { ByteStream } from "../../../wire/shapes.ts";
import { formFieldsTooLong, invalidArgument, malformedForm } from "../rules/errors.ts";
import { FORM_FIELDS_BYTES_MAX } from "../rules/limits.ts";

/** A browser's form, read up to its file. */
export interface Form {
  /** The fields before the file, by lower-case name. */
  readonly fields: ReadonlyMap<string, string>;
  /** As the browser names it; some clients do not. */
  readonly filename: string | undefined;
  /** Ends only when the whole body has been read and was in order; what comes behind the file is passed over. */
  readonly file: ByteStream;
}

/**
 * Reads a multipart/form-data body as it comes: the fields, then the file at its reader's pace.
 * @throws {ServiceError} MalformedPOSTRequest, InvalidArgument, MaxPostPreDataLengthExceeded, and what the body throws.
 */
export async function readForm(body: ByteStream, contentType: string): Promise<Form> {
  const parser = parserOf(contentType);
  const fields = new Map<string, string>();
  const begun = Promise.withResolvers<Pick<Form, "fields" | "filename"> & { file: Readable }>();
  const ended = Promise.withResolvers<void>();
  const stopped = new AbortController();
  let fieldBytes = 0;
  parser.on("field", (...[name, value, , cut]: [string | undefined, string, boolean, boolean]) => {
    fieldBytes += Buffer.byteLength(name ?? "") + Buffer.byteLength(value);
    if (cut || fieldBytes > FORM_FIELDS_BYTES_MAX) begun.reject(formFieldsTooLong(FORM_FIELDS_BYTES_MAX));
    else if (name !== undefined) fields.set(name.toLowerCase(), value);
  });
  parser.on("file", (_name: string | undefined, file: Readable, filename: string | undefined) => {
    file.on("error", () => ended.reject(notWellFormed())); // It fails when the body is cut, whether or not anybody reads it yet.
    begun.resolve({ fields: new Map(fields), filename, file });
  });
  parser.on("error", () => ended.reject(notWellFormed()));
  parser.once("finish", ended.resolve);
  const fed = feed(body, { parser, ended: ended.promise, signal: stopped.signal });
  fed.then(() => begun.reject(noFile()), begun.reject);
  try {
    const { file, ...form } = await begun.promise;
    return { ...form, file: wholeFile({ file, fed, stopped }) };
  } catch (error) {
    stopped.abort();
    throw error;
  }
}

function parserOf(contentType: string): InstanceType<typeof Busboy> {
  try {
    return new Busboy({
      headers: { "content-type": contentType },
      // A file may come without a file name, which would make a field of it.
      isPartAFile: (name) => name?.toLowerCase() === "file",
      preservePath: true,
      limits: { fieldSize: FORM_FIELDS_BYTES_MAX, fieldNameSize: 1000, files: 1, headerSize: 16_384 },
    });
  } catch {
    throw malformedForm("The body of your POST request is not well-formed multipart/form-data: it names no boundary.");
  }
}

interface Feeding {
  readonly parser: InstanceType<typeof Busboy>;
  /** How the parser ends: rejected where the body is not in order. */
  readonly ended: Promise<void>;
  readonly signal: AbortSignal;
}

/** Gives the body to the parser, no faster than the file is read. Resolves at the end of a body that was in order. */
async function feed(body: ByteStream, { parser, ended, signal }: Feeding): Promise<void> {
  ended.catch(() => {}); // Seen below, unless the body itself fails first.
  for await (const bytes of body) {
    if (signal.aborted) return;
    if (!parser.write(bytes)) await Promise.race([ended, drained(parser, signal)]);
  }
  parser.end();
  await ended;
}

function drained(parser: InstanceType<typeof Busboy>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      parser.off("drain", done);
      signal.removeEventListener("abort", done);
      resolve();
    };
    parser.on("drain", done);
    signal.addEventListener("abort", done);
  });
}

/** The file's bytes; whoever stops reading stops the feeding too. */
async function* wholeFile({ file, fed, stopped }: { file: Readable; fed: Promise<void>; stopped: AbortController }): ByteStream {
  fed.catch((error: unknown) => file.destroy(error instanceof Error ? error : undefined));
  try {
    yield* file as AsyncIterable<Uint8Array>;
    await fed;
  } finally {
    stopped.abort();
  }
}

function notWellFormed(): Error {
  return malformedForm("The body of your POST request is not well-formed multipart/form-data.");
}

function noFile(): Error {
  return invalidArgument("POST requires exactly one file upload per request.", { name: "file", value: "0" });
}
