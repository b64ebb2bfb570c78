import type { FilterOperator } from "../rules/filter-policy.ts";
import type { Schema, SentTo } from "../standard-schema.ts";

/** Output names and their schemas. */
export type Schemas = Readonly<Record<string, Schema>>;

/** Output names and what may be emitted under each. */
export type Bodies<Outputs extends Schemas> = { readonly [Name in keyof Outputs & string]: SentTo<Outputs[Name]> };

declare const TAKES: unique symbol;

/** A stage as something that messages can be sent to. */
export interface StageRef<Name extends string = string, Takes = unknown> {
  readonly name: Name;
  /** For the compiler alone. */
  readonly [TAKES]?: Takes;
}

/** One output of a stage, to be wired. */
export interface Edge<From extends string, Output extends string, Body> extends Wiring<From, Output, Body> {
  /**
   * Only messages whose fields have these values go on: `{ size: ["full"] }`, or operators of SNS filter policies as in
   * `{ total: [{ numeric: [">", 3] }] }`. The others are dropped, unless another wiring of this output takes them.
   */
  filter(policy: Filter<Body>): Wiring<From, Output, Body>;
}

export interface Wiring<From extends string, Output extends string, Body> {
  /** Sends the output to each of these stages. One and without a filter: straight to its queue; else by a topic. */
  to<const Stages extends readonly StageRef[]>(
    ...stages: { [Index in keyof Stages]: Stages[Index] & Fit<Stages[Index], From, Output, Body> }
  ): void;
}

/** `unknown` where the stage takes the body, else a text that says why not, for the compiler to show. */
type Fit<Stage, From extends string, Output extends string, Body> =
  Stage extends StageRef<infer Name, infer Takes>
    ? [Body] extends [Takes]
      ? unknown
      : `stage ${Name} does not take ${From}.${Output}: ${Misfit<Body, Takes>}`
    : never;

/** The fields that keep one type from being another. */
type Misfit<Body, Takes> = Takes extends object
  ? [FieldMisfit<Body, Takes>] extends [never]
    ? "the types differ"
    : FieldMisfit<Body, Takes>
  : "the types differ";

type FieldMisfit<Body, Takes> = {
  [Field in keyof Takes & string]-?: Field extends keyof Body
    ? Pick<Body, Field> extends Pick<Takes, Field>
      ? never
      : `its field ${Field} has another type`
    : Record<never, never> extends Pick<Takes, Field>
      ? never
      : `its field ${Field} is missing`;
}[keyof Takes & string];

type Scalar = string | number | boolean | null | undefined;

/** Fields that hold a text, a number or a truth value, and what each may be. */
export type Filter<Body> = {
  readonly [Field in keyof Body & string as NonNullable<Body[Field]> extends Scalar ? Field : never]?: readonly FilterOperator<
    NonNullable<Body[Field]>
  >[];
};
