import { CONDITION_KEYS } from "../../src/access/condition-keys.ts";
import { OPERATORS } from "../../src/access/operators.ts";
import { GRANTABLE_ACTIONS, OWNER_ONLY_ACTIONS, QUEUE_POLICIES } from "../../src/services/queues/rules/policy.ts";
import * as limits from "../../src/services/queues/rules/limits.ts";
import { page, table } from "./markdown.ts";

const code = (text: string) => `\`${text}\``;
const codes = (names: readonly string[]) => names.map(code).join(", ");

/** `docs/reference/queue-policies.md`: what a queue's policy can say, from the tables that read it. */
export function policiesPage(): string {
  const others = QUEUE_POLICIES.actions.filter((action) => !GRANTABLE_ACTIONS.includes(action) && !OWNER_ONLY_ACTIONS.includes(action));
  return page("Policies of queues", "npm run reference", [
    "The attribute `Policy` of a queue says who else may use it, and who of its own account may not. What is not on this page is refused when the policy is set; nothing is ignored.",
    "## Who may do what",
    "A statement that denies and applies outweighs all that allow. Without one, identities of the queue's own account may do everything, other accounts what a statement allows. Policies of identities do not exist. Requests must be signed where credentials are configured, even where the principal is `*`. Where none are, only other accounts are asked about (access keys of twelve digits are accounts).",
    `Other accounts can be allowed, also with AddPermission: ${codes(GRANTABLE_ACTIONS)}. In a policy alone: ${codes(others)}. Never: ${codes(OWNER_ONLY_ACTIONS)}. The action for one message is that for a batch, too.`,
    "The root of the queue's account can always GetQueueAttributes, SetQueueAttributes and RemovePermission.",
    "## Statements",
    table(
      ["Element", "May be"],
      [
        ["`Version`", "`2008-10-17` or `2012-10-17`; the first where it is missing"],
        ["`Id`, `Sid`", "any text; a `Sid` stands once"],
        ["`Effect`", "`Allow` or `Deny`"],
        [
          "`Principal`",
          '`"*"`; `{"AWS": …}` with `*`, twelve digits, or the ARN of a root, user or role; `{"Service": …}` with `s3.amazonaws.com` and the like; one or a list',
        ],
        ["`Action`", "`sqs:` and an action in any case, with `*` and `?`; or `*`; one or a list"],
        ["`Resource`", "the queue's ARN, with `*` and `?`; one or a list"],
        ["`Condition`", "operators, keys and values as below"],
      ],
    ),
    `At most ${limits.POLICY_BYTES_MAX} bytes, ${limits.POLICY_STATEMENTS_MAX} statements, ${limits.POLICY_PRINCIPALS_MAX} principals and ${limits.POLICY_CONDITIONS_MAX} conditions in all, ${limits.POLICY_ACTIONS_MAX} actions a statement.`,
    "## Condition keys",
    table(
      ["Key", "Value"],
      CONDITION_KEYS.map(({ name, meaning }) => [code(name), meaning]),
    ),
    "## Condition operators",
    `${codes([...OPERATORS.keys()])} and \`Null\`; all but the last also with \`IfExists\` behind, or \`ForAnyValue:\` or \`ForAllValues:\` in front.`,
    "Operators for texts look at every key, others at keys of their kind: ARNs, addresses, true and false, times. A request that has no such value fails a condition, or passes where its operator says Not.",
  ]);
}
