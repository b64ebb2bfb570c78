/** The statement that is ours; whatever else a policy says stays. */
const SID = "MillracePipelineTopics";

interface Statement {
  readonly Sid?: string;
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
  const found =
    policy === undefined || policy === "" ? { Version: "2012-10-17", Statement: [] } : (JSON.parse(policy) as { Statement?: unknown });
  const given = found.Statement ?? [];
  const statements = (Array.isArray(given) ? given : [given]) as readonly Statement[];
  const ours = {
    Sid: SID,
    Effect: "Allow",
    Principal: { Service: "sns.amazonaws.com" },
    Action: "sqs:SendMessage",
    Resource: allow.queueArn,
    Condition: { ArnEquals: { "aws:SourceArn": [...new Set(allow.topicArns)].sort() } },
  };
  const present = statements.find(({ Sid }) => Sid === SID);
  if (JSON.stringify(present) === JSON.stringify(ours)) return undefined;
  return JSON.stringify({ ...found, Statement: [...statements.filter(({ Sid }) => Sid !== SID), ours] });
}
