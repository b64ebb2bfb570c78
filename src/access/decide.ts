import type { Asker } from "./asker.ts";
import type { AccessRequest } from "./condition-keys.ts";
import type { Policy, Statement } from "./document.ts";
import { isAbout } from "./principals.ts";

/** What a policy has to say of a request: `silent` is neither. */
export type PolicyDecision = "allowed" | "denied" | "silent";

/** One Deny that applies outweighs any number of Allows. */
export function decide({ statements }: Policy, request: AccessRequest): PolicyDecision {
  let decision: PolicyDecision = "silent";
  for (const statement of statements) {
    if (!applies(statement, request.asker, request)) continue;
    if (statement.effect === "Deny") return "denied";
    decision = "allowed";
  }
  return decision;
}

function applies({ principals, actions, conditions }: Statement, asker: Asker, request: AccessRequest): boolean {
  return actions.has(asker.action) && isAbout(principals, asker) && conditions.every((met) => met(request));
}
