import { POISON_RECEIVES } from "./limits.ts";

/**
 * How often a message may have been received to count for ApproximateAgeOfOldestMessage. On a standard queue one that was
 * received three times or more does not: nobody seems able to process it, and it is not to hide how long the others wait.
 */
export function agingReceivesMax(fifo: boolean): number {
  return fifo ? Number.MAX_SAFE_INTEGER : POISON_RECEIVES - 1;
}
