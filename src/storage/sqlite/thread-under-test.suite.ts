/** A storage thread with a service of its own, for `thread.test.ts`. */
import { ServiceError } from "../../kernel/service-error.ts";
import { Wait } from "../storage.ts";
import type { StoreModule } from "./module.ts";
import { runStorageThread } from "./thread-main.ts";

const notes: StoreModule = {
  service: "notes",
  migrations: ["CREATE TABLE note (text TEXT NOT NULL)"],
  open(database, engine) {
    const insert = database.prepare("INSERT INTO note VALUES (?)");
    const first = database.prepareTuples<[string]>("SELECT text FROM note");
    return {
      operations: {
        echo: (value: unknown) => value,
        nothing: () => undefined,
        refuse() {
          throw new ServiceError({ code: "Refused", httpStatus: 409, fault: "client", message: "no" });
        },
        fail() {
          throw new TypeError("a bug");
        },
        note(text: string) {
          insert.run(text);
          engine.wake(7);
        },
        wait: (waitMs: number) => first.get()?.[0] ?? new Wait(7, engine.nowMs() + waitMs, "nothing"),
        breakDisk() {
          throw Object.assign(new Error("disk I/O error"), { code: "ERR_SQLITE_ERROR", errcode: 10 });
        },
      },
    };
  },
};

runStorageThread((data) => ({ ...(data as { directory: string }), modules: [notes] }));
