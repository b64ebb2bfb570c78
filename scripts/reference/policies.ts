import { CONDITION_KEYS } from "../../src/access/condition-keys.ts";
import type { PolicyLanguage } from "../../src/access/language.ts";
import { OPERATORS } from "../../src/access/operators.ts";
import * as queues from "../../src/services/queues/rules/policy.ts";
import * as topics from "../../src/services/topics/rules/topic-policy.ts";
import { page, table } from "./markdown.ts";

const code = (text: string) => `\`${text}\``;
const codes = (names: readonly string[]) => names.map(code).join(", ");

/** What is said of policies of one kind of resource alone. */
interface Kind {
  readonly language: PolicyLanguage;
  /** `queue` */
  readonly resource: string;
  readonly grantable: readonly string[];
  readonly about: readonly string[];
}

/** `docs/reference/queue-policies.md`: what a queue's policy can say, from the tables that read it. */
export function queuePoliciesPage(): string {
  return policiesPage({
    language: queues.QUEUE_POLICIES,
    resource: "queue",
    grantable: queues.GRANTABLE_ACTIONS,
    about: ["Where no credentials are configured, only other accounts are asked about (access keys of twelve digits are accounts)."],
  });
}

/** `docs/reference/topic-policies.md`: the same of topics. */
export function topicPoliciesPage(): string {
  return policiesPage({
    language: topics.TOPIC_POLICIES,
    resource: "topic",
    grantable: topics.GRANTABLE_ACTIONS,
    about: [
      "A topic without a policy of its own shows the default one, and is its account's alone: for its callers and for events of its buckets. Where no credentials are configured, callers are not asked about.",
      `A subscription is also of the account that made it: ${codes(["GetSubscriptionAttributes", "SetSubscriptionAttributes", "Unsubscribe"])} are for both accounts, unless the topic's policy denies them. ConfirmSubscription needs the token alone.`,
    ],
  });
}

function policiesPage({ language, resource, grantable, about }: Kind): string {
  const { prefix, actions, idleActions, ownerOnly, neverLockedOut, keys, limits } = language;
  const others = actions.filter((action) => !grantable.includes(action) && !ownerOnly.includes(action));
  const alone = others.length === 0 ? "" : ` In a policy alone: ${codes(others)}.`;
  const idle = idleActions.length === 0 ? "" : ` ${codes(idleActions)} is taken, too, and asked for by no request.`;
  return page(`Policies of ${resource}s`, "npm run reference", [
    `The attribute \`Policy\` of a ${resource} says who else may use it, and who of its own account may not. What is not on this page is refused when the policy is set; nothing is ignored.`,
    "## Who may do what",
    `A statement that denies and applies outweighs all that allow. Without one, identities of the ${resource}'s own account may do everything, other accounts what a statement allows. Policies of identities do not exist. Requests must be signed where credentials are configured, even where the principal is \`*\`.`,
    ...about,
    `Services that act for a bucket or topic (\`s3.amazonaws.com\`, \`sns.amazonaws.com\`) may do what a statement allows, whosever these are. A ${resource} without a policy takes what they bring for its own account, and so does any where no credentials are configured.`,
    `Other accounts can be allowed, also with AddPermission: ${codes(grantable)}.${alone} Never: ${codes(ownerOnly)}. The action for one message is that for a batch, too.${idle}`,
    `The root of the ${resource}'s account can always ${neverLockedOut.slice(0, -1).join(", ")} and ${neverLockedOut.at(-1)}.`,
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
        ["`Action`", `\`${prefix}:\` and an action in any case, with \`*\` and \`?\`; or \`*\`; one or a list`],
        ["`Resource`", `the ${resource}'s ARN, with \`*\` and \`?\`; one or a list`],
        ["`Condition`", "operators, keys and values as below"],
      ],
    ),
    `At most ${limits.bytes} bytes, ${limits.statements} statements, ${limits.principals} principals and ${limits.conditions} conditions in all, ${limits.actions} actions a statement.`,
    "## Condition keys",
    table(
      ["Key", "Value"],
      [...CONDITION_KEYS, ...keys].map(({ name, meaning }) => [code(name), meaning]),
    ),
    "## Condition operators",
    `${codes([...OPERATORS.keys()])} and \`Null\`; all but the last also with \`IfExists\` behind, or \`ForAnyValue:\` or \`ForAllValues:\` in front.`,
    "Operators for texts look at every key, others at keys of their kind: ARNs, addresses, true and false, times. A request that has no such value fails a condition, or passes where its operator says Not.",
  ]);
}
