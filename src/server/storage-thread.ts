/** The storage thread: the engine with every service's store. */
import { runStorageThread } from "../storage/sqlite/index.ts";
import { storeModules, type StoreSettings } from "./stores.ts";

runStorageThread((data) => {
  const settings = data as StoreSettings & { directory: string };
  return { directory: settings.directory, modules: storeModules(settings) };
});
