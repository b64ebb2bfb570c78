/** The SQLite engine: `startInline` on the caller's thread, `startStorageThread` on one of its own. */
export { startInline, type InlineOptions } from "./inline.ts";
export { CannotOpen } from "./open.ts";
export { isCorrupt } from "./failures.ts";
export type { Database, Statement } from "./database.ts";
export { RunAgain, type EnginePort, type OpenedStore, type StoreModule } from "./module.ts";
export { startStorageThread, type ThreadStorage } from "./thread.ts";
export { runStorageThread } from "./thread-main.ts";
