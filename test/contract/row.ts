/**
 * How sure we are that the service behaves so:
 *
 *     recorded             an answer of the real service, or a test that was run against it
 *     recorded by another  another project says that its own recordings of the real service show it
 *     reported             the service's own text, quoted in somebody's bug report
 *     emulators            in the sources of emulators only, which seem to have copied the wording
 *     model                the service's published model, or what its SDKs do
 *     documented           the service's documentation
 *     guess                ours: the service and its documentation leave it open
 */
export type Evidence = "recorded" | "recorded by another" | "reported" | "emulators" | "model" | "documented" | "guess";

/** One behaviour of the contract as its section lists it, by an id such as `5.2-expired-delete`. */
export interface Stated {
  readonly evidence: Evidence;
  readonly statement: string;
  /** The actions that it is about, where they are not those of the section. */
  readonly actions?: readonly string[];
}

/** A behaviour of the contract. */
export interface Row extends Stated {
  /** `sqs/5.2-expired-delete`: service, section, and what it is about. */
  readonly id: string;
  /** `5.2` */
  readonly section: string;
  readonly actions: readonly string[];
}

export type Behaviours = Readonly<Record<string, Stated>>;

export const recorded = (statement: string, ...actions: string[]): Stated => stated("recorded", statement, actions);
export const recordedByAnother = (statement: string, ...actions: string[]): Stated => stated("recorded by another", statement, actions);
export const reported = (statement: string, ...actions: string[]): Stated => stated("reported", statement, actions);
export const emulators = (statement: string, ...actions: string[]): Stated => stated("emulators", statement, actions);
export const model = (statement: string, ...actions: string[]): Stated => stated("model", statement, actions);
export const documented = (statement: string, ...actions: string[]): Stated => stated("documented", statement, actions);
export const guess = (statement: string, ...actions: string[]): Stated => stated("guess", statement, actions);

function stated(evidence: Evidence, statement: string, actions: readonly string[]): Stated {
  return actions.length === 0 ? { evidence, statement } : { evidence, statement, actions };
}
