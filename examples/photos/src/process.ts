import { stepText } from "./plan.ts";
import type { OperationName, Operations, Region } from "./jobs.ts";
import { crop, regionsWithin } from "./operations/crop.ts";
import type { Frame, Size } from "./operations/crop.ts";
import { enhance } from "./operations/enhance.ts";
import type { Picture } from "./operations/picture.ts";
import { recolour } from "./operations/recolour.ts";
import { reduceRedEye } from "./operations/red-eye.ts";
import { whitenTeeth } from "./operations/teeth.ts";
import { watermark } from "./operations/watermark.ts";

/** A photo on its way, with what is to be done to it. The regions are always those of this picture. */
export interface Work {
  readonly picture: Picture;
  readonly operations: Operations;
}

export interface ProcessOptions {
  /** Called before each step, with the steps already done. */
  onStep(done: number, text: string): void;
  /** Work stops between two steps once this is aborted. */
  readonly signal?: AbortSignal;
}

/**
 * Does the steps in the order given. The thumbnail is no step here: it is made of the finished picture when that is saved.
 * @throws the signal's reason, once aborted.
 */
export async function process(start: Work, steps: readonly OperationName[], options: ProcessOptions): Promise<Work> {
  let work = start;
  for (const [done, step] of steps.entries()) {
    options.signal?.throwIfAborted();
    options.onStep(done, stepText(step));
    work = await doStep(work, step);
  }
  return work;
}

async function doStep(work: Work, step: OperationName): Promise<Work> {
  const { picture, operations } = work;
  const withPicture = (changed: Picture): Work => ({ ...work, picture: changed });
  if (step === "crop" && operations.crop !== undefined) return cropTo(work, operations.crop.shape);
  if (step === "redEye" && operations.redEye !== undefined) return withPicture(reduceRedEye(picture, operations.redEye.regions));
  if (step === "teeth" && operations.teeth !== undefined) return withPicture(whitenTeeth(picture, operations.teeth.regions));
  if (step === "enhance") return withPicture(await enhance(picture));
  if (step === "recolour" && operations.recolour !== undefined) return withPicture(await recolour(picture, operations.recolour));
  if (step === "watermark" && operations.watermark !== undefined) return withPicture(await watermark(picture, operations.watermark.text));
  return work;
}

/** The cut keeps the marked regions where it can, and what is left of them moves with it. */
async function cropTo({ picture, operations }: Work, shape: NonNullable<Operations["crop"]>["shape"]): Promise<Work> {
  const { redEye, teeth, ...others } = operations;
  const marked = [...(redEye?.regions ?? []), ...(teeth?.regions ?? [])];
  const { picture: cut, frame } = await crop(picture, shape, marked);
  const moved: Operations = { ...others };
  const eyes = move(redEye?.regions, picture, frame);
  const mouths = move(teeth?.regions, picture, frame);
  if (eyes.length > 0) moved.redEye = { regions: eyes };
  if (mouths.length > 0) moved.teeth = { regions: mouths };
  return { picture: cut, operations: moved };
}

function move(regions: readonly Region[] | undefined, size: Size, frame: Frame): Region[] {
  return regionsWithin(regions ?? [], size, frame);
}
