import type { StoreModule } from "../storage/sqlite/index.ts";
import { objectStore } from "../services/objects/store/sqlite/index.ts";
import { queueStore } from "../services/queues/store/sqlite/index.ts";

/** What the stores must be told; plain data, since it crosses to the storage thread. */
export interface StoreSettings {
  readonly coolDown: boolean;
}

/** Every service's store, on whichever thread the engine runs. */
export function storeModules(settings: StoreSettings): StoreModule[] {
  return [queueStore({ coolDown: settings.coolDown }), objectStore];
}
