import type { RowId } from "./rows.ts";

/**
 * Says, inside a test, which rows of the contract it shows:
 *
 *     test("a deleted message never comes back", async () => {
 *       covers("sqs/5.2-deleted-delete");
 *
 * Nothing happens when it runs. `test/contract.test.ts` finds the calls by reading the sources, so ids are written out as
 * they are; the compiler refuses one that is no row. A test is cited for what it would notice the absence of.
 */
export function covers(..._rows: readonly [RowId, ...RowId[]]): void {}
