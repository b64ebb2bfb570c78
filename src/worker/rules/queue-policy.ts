import { isDeepStrictEqual } from "node:util";

/** The statement that is ours; whatever else a policy says stays. */
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
export function withTopicsAllowed(
  policy: string | undefined,
  allow: { queueArn: string; topicArns: readonly string[] },
): string | undefined {
  const { statements, ...found } = readPolicy(policy);
  const ours = {
    Sid: SID,
    Effect: "Allow",
    Principal: { Service: "sns.amazonaws.com" },
    Action: "sqs:SendMessage",
    Resource: allow.queueArn,
    Condition: { ArnEquals: { "aws:SourceArn": [...new Set(allow.topicArns)].sort() } },
  };
  const present = statements.find(isOurs);
  if (isDeepStrictEqual(present, ours)) return undefined;
  return JSON.stringify({ ...found, Statement: [...statements.filter((each) => !isOurs(each)), ours] });
}

/**
 * The policy without that statement, where it lets in none but these topics; the empty text where nothing else is left.
 * @returns `undefined` where there is no such statement.
 */
export function withoutTopics(policy: string | undefined, topicArns: readonly string[]): string | undefined {
  const { statements, ...found } = readPolicy(policy);
  const present = statements.find(isOurs);
  const senders = [present?.Condition?.ArnEquals?.["aws:SourceArn"] ?? []].flat();
  if (senders.length === 0 || !senders.every((arn) => topicArns.includes(arn))) return undefined;
  const others = statements.filter((each) => !isOurs(each));
  return others.length === 0 ? "" : JSON.stringify({ ...found, Statement: others });
}

function isOurs({ Sid }: Statement): boolean {
  return Sid === SID;
}

/** A policy may have one statement, or a list of them. */
function readPolicy(policy: string | undefined): { readonly statements: readonly Statement[] } {
  const text = policy === undefined || policy === "" ? `{"Version":"2012-10-17"}` : policy;
  const { Statement = [], ...rest } = JSON.parse(text) as { Statement?: Statement | readonly Statement[] };
  return { ...rest, statements: [Statement].flat() };
}
