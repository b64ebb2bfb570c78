/**
 * The part of the Standard Schema interface, version 1, that a worker asks of a validator; zod, valibot, arktype and
 * others offer it. https://standardschema.dev
 */
export interface StandardSchema<Output, Input = unknown> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
    /** For the compiler alone: what is sent, and what a handler gets. */
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

export type SchemaResult<Output> = { readonly value: Output; readonly issues?: undefined } | { readonly issues: readonly SchemaIssue[] };

export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** Any validator. */
export type Schema = StandardSchema<unknown>;

/** What may be sent to whoever validates with this schema: before its defaults and transforms. */
export type SentTo<S extends Schema> = NonNullable<S["~standard"]["types"]>["input"];

/** What a handler gets: after them. */
export type GotFrom<S extends Schema> = S extends StandardSchema<infer Output> ? Output : never;
