import os from "node:os";
import { syncBuiltinESMExports } from "node:module";

/** Loaded into the server before its own code (`node --import`), this makes it believe that it has four processors and is busy on one. */
os.availableParallelism = () => 4;
syncBuiltinESMExports();
Object.defineProperty(performance, "eventLoopUtilization", { value: () => ({ idle: 0, active: 1, utilization: 1 }) });
