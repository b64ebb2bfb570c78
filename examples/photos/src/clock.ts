/** The one place that reads the wall clock; everything else is handed this function. Epoch milliseconds. */
export const nowMs = (): number => Date.now();
