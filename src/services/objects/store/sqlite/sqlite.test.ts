import { startInline } from "../../../../storage/sqlite/inline.ts";
import type { StartStore } from "../store.fixture.ts";
import { objectCheckSuite } from "../check.suite.ts";
import { sequenceSuite } from "../sequence.suite.ts";
import { objectStoreSuite } from "../store.suite.ts";
import { uploadSuite } from "../uploads.suite.ts";
import { objectStore } from "./index.ts";

const start: StartStore = async (clock) =>
  startInline({
    directory: undefined,
    modules: [objectStore],
    clock,
    onFatal: (reason) => {
      throw reason;
    },
  });

objectStoreSuite("SQLite", start);
sequenceSuite("SQLite", start);
uploadSuite("SQLite", start);
objectCheckSuite("SQLite", start);
