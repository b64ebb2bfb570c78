import { isAbout } from "./policy-principals.ts";
import type { Policy, Statement } from "./policy-document.ts";
import type { AccessRequest } from "./policy-keys.ts";
import { fitsWildcard } from "./policy-wildcard.ts";
import { queueArn } from "./queue-url.ts";

/** What a policy has to say of a request: `silent` is neither. */
export type PolicyDecision = "allowed" | "denied" | "silent";

/** One Deny that applies outweighs any number of Allows. */
export function decide({ statements }: Policy, request: AccessRequest): PolicyDecision {
  const arn = queueArn(request.queue);
  let decision: PolicyDecision = "silent";
  for (const statement of statements) {
    if (!applies(statement, request, arn)) continue;
    if (statement.effect === "Deny") return "denied";
    decision = "allowed";
  }
  return decision;
}

function applies({ principals, actions, resources, conditions }: Statement, request: AccessRequest, arn: string): boolean {
  return (
    actions.has(request.asker.action) &&
    isAbout(principals, request.asker) &&
    resources.some((pattern) => fitsWildcard(pattern, arn)) &&
    conditions.every((met) => met(request))
  );
}
