/** Where workers are killed. */
export const STEPS = [
  "after receive",
  "in the handler",
  "after taking a claim",
  "after storing the result",
  "after each publish",
  "after all publishes",
  "before the delete",
  "in a batch",
] as const;

/** `after the delete` is where a worker that deletes too early loses what it had; `never`: it works until it is stopped. */
export type Step = (typeof STEPS)[number] | "after the delete" | "never";
