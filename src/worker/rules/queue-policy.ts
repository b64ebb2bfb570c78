import { isDeepStrictEqual } from "node:util";

/** What a queue's policy is to say for a pipeline. */
export interface Allowed {
  /** Its name. */
  readonly pipeline: string;
  readonly queueArn: string;
  readonly topicArns: readonly string[];
}

/** The statement of a pipeline is told by its Sid; whatever else a policy says stays, also what it says for other pipelines. */
const SID = "MillracePipelineTopics";

interface Statement {
  readonly Sid?: string;
  readonly Condition?: { readonly ArnEquals?: { readonly "aws:SourceArn"?: string | readonly string[] } };
}

/**
 * A queue's policy with a statement that lets these topics send to it.
 * @param policy the policy as it is, JSON text; `undefined` or empty where there is none.
 * @returns `undefined` where it says so already.
 */
export function withTopicsAllowed(policy: string | undefined, allow: Allowed): string | undefined {
  const { statements, ...found } = readPolicy(policy);
  const ours = {
    Sid: sidOf(allow.pipeline),
    Effect: "Allow",
    Principal: { Service: "sns.amazonaws.com" },
    Action: "sqs:SendMessage",
    Resource: allow.queueArn,
    Condition: { ArnEquals: { "aws:SourceArn": [...new Set(allow.topicArns)].sort() } },
  };
  const others = statements.filter((each) => !isOf(each, allow));
  if (others.length === statements.length - 1 && statements.some((each) => isDeepStrictEqual(each, ours))) return undefined;
  return JSON.stringify({ ...found, Statement: [...others, ours] });
}

/**
 * The policy without what it says for a pipeline; the empty text where nothing else is left.
 * @returns `undefined` where it says nothing for it.
 */
export function withoutTopics(policy: string | undefined, of: Pick<Allowed, "pipeline" | "topicArns">): string | undefined {
  const { statements, ...found } = readPolicy(policy);
  const others = statements.filter((each) => !isOf(each, of));
  if (others.length === statements.length) return undefined;
  return others.length === 0 ? "" : JSON.stringify({ ...found, Statement: others });
}

function sidOf(pipeline: string): string {
  return `${SID}-${pipeline}`;
}

/** Earlier ones had one Sid for all pipelines: that statement is a pipeline's if it lets in no topics but its own. */
function isOf({ Sid, Condition }: Statement, { pipeline, topicArns }: Pick<Allowed, "pipeline" | "topicArns">): boolean {
  if (Sid !== SID) return Sid === sidOf(pipeline);
  const senders = [Condition?.ArnEquals?.["aws:SourceArn"] ?? []].flat();
  return senders.length > 0 && senders.every((arn) => topicArns.includes(arn));
}

/** A policy may have one statement, or a list of them. */
function readPolicy(policy: string | undefined): { readonly statements: readonly Statement[] } {
  const text = policy === undefined || policy === "" ? `{"Version":"2012-10-17"}` : policy;
  const { Statement = [], ...rest } = JSON.parse(text) as { Statement?: Statement | readonly Statement[] };
  return { ...rest, statements: [Statement].flat() };
}
