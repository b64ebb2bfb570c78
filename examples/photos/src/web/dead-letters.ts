import { z } from "zod";
import { deadKey } from "../keys.ts";
import type { Objects } from "../objects.ts";
import type { Names } from "../settings.ts";
import type { Book } from "./book.ts";

/** What the worker SDK says of a dead message in its attribute `Millrace.DeadLetter`. */
const Note = z.object({ cause: z.string(), reason: z.string(), queue: z.string() }).partial();
const OfPhoto = z.object({ photoId: z.string() });

export interface DeadLetter {
  readonly id: string;
  readonly body: string;
  readonly note: string | undefined;
}

export interface DeadLettersParts {
  readonly objects: Objects;
  readonly names: Names;
  readonly book: Book;
}

function parsed<T>(schema: z.ZodType<T>, text: string | undefined): T | undefined {
  try {
    return schema.parse(JSON.parse(text ?? ""));
  } catch {
    return undefined;
  }
}

/**
 * Takes a message out of the dead-letter queue: keeps it in the bucket for a person to look at, and tells whoever waits for
 * the photo. Only a dead job fails its photo; a dead response says nothing about it.
 */
export async function buryDeadLetter(letter: DeadLetter, { objects, names, book }: DeadLettersParts): Promise<void> {
  const kept = Buffer.from(JSON.stringify(letter));
  await objects.write(names.results, deadKey(letter.id), { bytes: kept, contentType: "application/json" });
  const note = parsed(Note, letter.note);
  const job = parsed(OfPhoto, letter.body);
  if (job === undefined || note?.queue === names.responses) return;
  await book.fail(job.photoId, "The photo could not be processed. We have kept the details and will look at it.");
}
