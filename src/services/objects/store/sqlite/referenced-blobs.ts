import type { Database } from "../../../../storage/sqlite/database.ts";

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
