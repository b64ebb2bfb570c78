import { isRoot } from "./asker.ts";
import type { AccessRequest } from "./condition-keys.ts";
import { decide } from "./decide.ts";
import type { Policy } from "./document.ts";
import type { PolicyLanguage } from "./language.ts";

/**
 * Whether a request may be done.
 *
 * Identities of the resource's own account may do everything that its policy does not deny: there are no policies of
 * identities here that would have to allow it first. Everybody else may do what the policy allows and does not deny,
 * but never what is its owner's alone. So may services, also those that act for a bucket or topic of the same account: a
 * policy that names one topic keeps the others out. A resource without a policy takes what they bring for its own account.
 * @param policy undefined where the resource has none.
 */
export function isAuthorised(policy: Policy | undefined, request: AccessRequest, language: PolicyLanguage): boolean {
  const { asker, resource } = request;
  const own = asker.accountId === resource.account;
  if (asker.kind === "service") return policy === undefined ? own : decide(policy, request) === "allowed";
  if (own && isRoot(asker) && language.neverLockedOut.includes(asker.action)) return true;
  const decision = policy === undefined ? "silent" : decide(policy, request);
  if (own) return decision !== "denied";
  return decision === "allowed" && !language.ownerOnly.includes(asker.action);
}
