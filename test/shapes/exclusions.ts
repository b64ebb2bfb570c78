import { S3_EXCLUSIONS } from "./s3-exclusions.ts";

/** A difference from AWS's model that is meant, and why. One that no longer exists fails the test: it must not outlive its reason. */
export interface Exclusion {
  /** The difference as it is reported, or a pattern for several. */
  readonly difference: string | RegExp;
  readonly reason: string;
}

/** By signing name. */
export const EXCLUSIONS: Readonly<Record<string, readonly Exclusion[]>> = {
  sqs: [
    {
      difference: /\.Message(?:System)?Attributes\{\}\.DataType: required at AWS, optional here$/,
      reason: "AWS refuses its absence in words of its own, which name the message attribute.",
    },
  ],
  sns: [
    {
      difference: /\.MessageAttributes\{\}\.DataType: required at AWS, optional here$/,
      reason: "AWS refuses its absence in words of its own, which name the message attribute.",
    },
  ],
  s3: S3_EXCLUSIONS,
};
