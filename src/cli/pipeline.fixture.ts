/** A pipeline for the commands that take one. */
import { definePipeline, type StandardSchema } from "../worker/index.ts";

const anything: StandardSchema<{ photo: string }, { photo: string }> = {
  "~standard": { version: 1, vendor: "test", validate: (value) => ({ value: value as { photo: string } }) },
};

export const photos = definePipeline("photos", (p) => {
  const resize = p.stage("resize", { input: anything, outputs: { done: anything }, run: (message, ctx) => ctx.emit("done", message) });
  const notify = p.exec("notify", { input: anything, command: ["sh", "-c", "cat"] });
  resize.on.done.to(notify);
  return { resize, notify };
});
