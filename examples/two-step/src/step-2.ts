/** Step 2 as a program: draws a card of each photo with what step 1 has found. */
import { twoStep } from "./pipeline.ts";

await twoStep.ensure();
twoStep.work({ stages: ["draw"] });
console.log(`Step 2 is ready (pid ${process.pid}).`);
