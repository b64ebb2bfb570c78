import { blobMemory } from "./blob-memory.ts";
import { blobStoreSuite } from "./blob-store.suite.ts";

blobStoreSuite("memory", async () => ({ blobs: blobMemory(), stop: async () => {} }));
