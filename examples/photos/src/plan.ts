import type { OperationName, Operations, ResultName } from "./jobs.ts";

/**
 * The order in which a photo's operations are done. Cropping comes first, so that everything after it has fewer pixels;
 * retouching sees the colours as they were taken; the watermark lies on top; the thumbnail shows the finished photo.
 */
const ORDER: readonly OperationName[] = ["crop", "redEye", "teeth", "enhance", "recolour", "watermark", "thumbnail"];

/** Operations that look at every pixel of a region: they take long, and only server B does them. */
const LONG: ReadonlySet<OperationName> = new Set(["redEye", "teeth"]);

export interface Plan {
  /** What server A does. */
  readonly now: readonly OperationName[];
  /** What server B does: everything from the first long-running operation on, so that no photo travels back. */
  readonly later: readonly OperationName[];
}

export function planOf(operations: Operations): Plan {
  const steps = ORDER.filter((name) => operations[name] !== undefined);
  const firstLong = steps.findIndex((name) => LONG.has(name));
  return firstLong < 0 ? { now: steps, later: [] } : { now: steps.slice(0, firstLong), later: steps.slice(firstLong) };
}

/** The files that a finished job leaves: one edited photo, one thumbnail, or both. */
export function resultsOf(operations: Operations): ResultName[] {
  const { thumbnail, ...edits } = operations;
  const names: ResultName[] = [];
  if (Object.values(edits).some((chosen) => chosen !== undefined)) names.push("photo");
  if (thumbnail !== undefined) names.push("thumbnail");
  return names;
}

/** What is left to do after `done`, as the operations of the next message. */
export function without(operations: Operations, done: readonly OperationName[]): Operations {
  return Object.fromEntries(Object.entries(operations).filter(([name]) => !done.includes(name as OperationName)));
}

const STEP_TEXT: Record<OperationName, string> = {
  crop: "Cropping to the subject",
  redEye: "Reducing red eyes",
  teeth: "Whitening teeth",
  enhance: "Enhancing",
  recolour: "Recolouring",
  watermark: "Adding the watermark",
  thumbnail: "Making the thumbnail",
};

/** What a person reads while the step runs. */
export function stepText(name: OperationName): string {
  return STEP_TEXT[name];
}
