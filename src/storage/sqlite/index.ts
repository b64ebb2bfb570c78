/** The SQLite engine: `startInline` on the caller's thread, `startStorageThread` on one of its own. */
export { startInline, type InlineOptions } from "./inline.ts";
export { isCorrupt } from "./failures.ts";
export { CannotOpen, syncNames, takeOwnership } from "./open.ts";
export { CopyFailed, startCopy } from "./copy/start.ts";
export { describeDatabase, foldLog, openStill, tellRestored, type DatabaseDescription } from "./copy/description.ts";
export { checkFile } from "./integrity.ts";
export { EnginePorts } from "./engine-ports.ts";
export { Database, type Statement, type Value } from "./database.ts";
export { RunAgain, type EnginePort, type OpenedStore, type StoreModule } from "./module.ts";
export { startStorageThread, type ThreadStorage } from "./thread.ts";
export { runStorageThread } from "./thread-main.ts";
