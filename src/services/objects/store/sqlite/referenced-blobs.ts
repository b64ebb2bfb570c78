import type { Database } from "../../../../storage/sqlite/database.ts";

/** Whether the tables know a blob: it belongs to a content, dead or not, or its removal is noted already. */
export function knownBlob(database: Database): (blob: string) => boolean {
  const known = database.prepare(
    "SELECT 1 WHERE EXISTS (SELECT 1 FROM segment WHERE blob = unhex(?)) OR EXISTS (SELECT 1 FROM dead_blob WHERE blob = unhex(?))",
  );
  return (blob) => known.get(blob, blob) !== undefined;
}

/**
 * Pages of the blobs that the objects and uploads of a database have, ascending from the one after `after`; empty: from
 * the first. Those of contents that are dead, but not yet taken apart, are nobody's any more.
 */
export function referencedBlobs(database: Database): (after: string, limit: number) => string[] {
  const page = database.prepare<{ blob: string }>(`
    SELECT DISTINCT lower(hex(blob)) AS blob FROM segment
    WHERE blob > unhex(?) AND NOT EXISTS (SELECT 1 FROM dead_content WHERE dead_content.content = segment.content)
    ORDER BY segment.blob LIMIT ?`);
  return (after, limit) => page.all(after, limit).map(({ blob }) => blob);
}
