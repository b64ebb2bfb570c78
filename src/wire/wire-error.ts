import type { ServiceError } from "../kernel/service-error.ts";
import type { ApiErrors } from "./api.ts";

/** `missing`: a required member is absent; `wrong-type`: a member is there and is something else; `malformed`: the whole cannot be read. */
export type Problem = "missing" | "wrong-type" | "malformed";

/** What was sent does not fit its shape. Services word it for their callers: `asServiceError`, or a table of their own. */
export class WireError extends Error {
  override readonly name = "WireError";
  readonly problem: Problem;
  /** The member in question from the outside in, `Entries[0].Id` or `Attribute.1.Name`; empty for the whole. */
  readonly path: string;
  /** What should have been there, and for `wrong-type` what was: the message without its path. */
  readonly expectation: string;

  constructor(problem: Problem, expectation: string, path: string = "") {
    super(path === "" ? expectation : `${path}: ${expectation}`);
    this.problem = problem;
    this.expectation = expectation;
    this.path = path;
  }

  /** The same, seen from the container that holds it. */
  within(segment: string): WireError {
    const rest = this.path === "" || this.path.startsWith("[") ? this.path : `.${this.path}`;
    return new WireError(this.problem, this.expectation, segment + rest);
  }
}

/** A header or query parameter that is something else than its shape says; some services name its value in their answer. */
export class ArgumentError extends WireError {
  readonly value: string;

  constructor(name: string, value: string, cause: WireError) {
    super(cause.problem, cause.expectation, name);
    this.value = value;
  }
}

export function missing(name: string): WireError {
  return new WireError("missing", "a value is required", name);
}

/** @param expected with its article: `an integer`. */
export function wrongType(expected: string, received: unknown): WireError {
  return new WireError("wrong-type", `expected ${expected}, received ${describe(received)}`);
}

export function malformed(expectation: string): WireError {
  return new WireError("malformed", expectation);
}

/** Adds the container's segment to a WireError on its way out; anything else is a bug and passes as it is. */
export function within(segment: string, failure: unknown): unknown {
  return failure instanceof WireError ? failure.within(segment) : failure;
}

/** What does not fit its shape, in the service's own words. */
export function asServiceError(failure: WireError, errors: ApiErrors): ServiceError {
  if (failure instanceof ArgumentError && errors.invalidArgument !== undefined) return errors.invalidArgument(failure.path, failure.value);
  return failure.problem === "missing" ? errors.missingParameter(failure.path) : errors.malformedInput(failure.message);
}

/** Callers see their own value back, but not pages of it. */
const SHOWN_CHARACTERS_MAX = 40;

function describe(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a structure";
  if (typeof value === "number" || typeof value === "boolean") return `the ${typeof value} ${value}`;
  if (typeof value !== "string") return `a value of type ${typeof value}`;
  const shown = value.length > SHOWN_CHARACTERS_MAX ? `${value.slice(0, SHOWN_CHARACTERS_MAX)}…` : value;
  return `the string ${JSON.stringify(shown)}`;
}
