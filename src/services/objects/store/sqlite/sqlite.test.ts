import { startInline } from "../../../../storage/sqlite/inline.ts";
import { objectStoreSuite } from "../store.suite.ts";
import { objectStore } from "./index.ts";

objectStoreSuite("SQLite", async (clock) =>
  startInline({
    directory: undefined,
    modules: [objectStore],
    clock,
    onFatal: (reason) => {
      throw reason;
    },
  }),
);
