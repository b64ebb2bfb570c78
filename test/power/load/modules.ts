import { silentLogger } from "../../../src/kernel/logger.ts";
import { storeModules } from "../../../src/server/stores.ts";
import type { StoreModule } from "../../../src/storage/sqlite/module.ts";

/** Midnight of the first of January 2026, UTC, and a bit. */
export const START_MS: number = Date.UTC(2026, 0, 1) + 345;

/** The stores of a server as it is by default, but that nothing rests: a scenario may purge twice a minute. */
export function modules(): StoreModule[] {
  return storeModules({ coolDown: false, ownAccountAsked: false, masterKeys: [], ignoreLostKeys: false }, silentLogger);
}
