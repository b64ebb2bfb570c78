import { operation, structure } from "../../../wire/shapes.ts";
import { objectAction, type Context } from "./context.ts";
import { readAnswer, readInput, readOutput, select } from "./read.ts";

const headObjectOperation = operation("HeadObject", { input: structure(readInput), output: structure(readOutput) });

/** What GetObject would say, without the bytes. */
export const headObject = (context: Context) =>
  objectAction(headObjectOperation, async (input, call) => readAnswer(await select(context, input, call), input));
