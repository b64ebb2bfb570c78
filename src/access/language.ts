import type { ServiceError } from "../kernel/service-error.ts";
import type { ConditionKey } from "./condition-keys.ts";

/** What policies of one kind of resource can say, in which words, and how long they may be. Each service has its own. */
export interface PolicyLanguage {
  /** What stands before the colon of its actions, in lower case: `sqs`. */
  readonly prefix: string;
  /** Every action that a policy is asked about, as policies name it: those of batches are one with the action of a single message. */
  readonly actions: readonly string[];
  /** Names that may stand in a policy though no request asks for them. */
  readonly idleActions: readonly string[];
  /** What no policy can grant to another account. */
  readonly ownerOnly: readonly string[];
  /** By these the root of the owner can mend a policy that denies everybody everything, itself included. */
  readonly neverLockedOut: readonly string[];
  /** Condition keys of the service's own. */
  readonly keys: readonly ConditionKey[];
  readonly limits: PolicyLimits;
  /** How the service refuses a policy. @param reason what is wrong; absent where it is no JSON object. */
  invalid(this: void, reason?: string): ServiceError;
}

export interface PolicyLimits {
  readonly bytes: number;
  readonly statements: number;
  /** In all statements together, as are conditions. */
  readonly principals: number;
  readonly conditions: number;
  /** Names in one statement. */
  readonly actions: number;
}

/** Where the reading of a policy stands. */
export interface Reading {
  readonly language: PolicyLanguage;
  /** `statement 1` */
  readonly where: string;
  /** Whether `${…}` is text, as in documents of version 2008-10-17. */
  readonly literally: boolean;
}
