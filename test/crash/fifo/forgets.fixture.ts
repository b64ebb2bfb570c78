import { DeduplicationMemory } from "../../../src/services/queues/store/sqlite/fifo-deduplication.ts";

// A server that accepts everything as new.
DeduplicationMemory.prototype.duplicateOf = () => undefined;
