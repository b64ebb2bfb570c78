/** Step 1 as a program: analyses photos. Start as many as there is work for, and kill any of them. */
import { twoStep } from "./pipeline.ts";

await twoStep.ensure();
twoStep.work({ stages: ["analyse"] });
console.log(`Step 1 is ready (pid ${process.pid}).`);
