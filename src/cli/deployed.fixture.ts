/** A pipeline that needs one of everything, for the commands that make and remove what it needs. */
import { definePipeline, type StandardSchema } from "../worker/index.ts";

interface Picture {
  readonly photo: string;
  readonly size: "thumb" | "full";
}

const picture: StandardSchema<Picture, Picture> = {
  "~standard": { version: 1, vendor: "test", validate: (value) => ({ value: value as Picture }) },
};

/** @param sizes that are printed. */
export const printing = (sizes: readonly Picture["size"][]) =>
  definePipeline("prints", (p) => {
    const resize = p.stage("resize", { input: picture, outputs: { done: picture }, run: (message, ctx) => ctx.emit("done", message) });
    const print = p.stage("print", { input: picture, run: () => {} });
    const notify = p.stage("notify", { input: picture, fifo: { group: ({ photo }) => photo }, run: () => {} });
    resize.on.done.filter({ size: sizes }).to(print);
    resize.on.done.to(notify);
    return { resize, print, notify };
  });

export const prints = printing(["full"]);
