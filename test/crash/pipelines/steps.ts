/** Where workers are killed. */
export const STEPS = [
  "after receive",
  "in the handler",
  "after taking a claim",
  "after storing the result",
  "in a batch",
  "after each publish",
  "after all publishes",
  "before the delete",
  "after the delete",
] as const;

export type Step = (typeof STEPS)[number];
