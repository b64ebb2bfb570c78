import { CREDENTIAL_FIELDS } from "../../src/server/credentials.ts";
import { page, table } from "./markdown.ts";

/** A file with two accounts; `test/docs.test.ts` has the server read it. */
const EXAMPLE = [
  { accessKeyId: "AKIASHOPROOT", secretAccessKey: "replace this by 40 random characters", accountId: "000000000000" },
  { accessKeyId: "AKIASHOPWEB", secretAccessKey: "replace this by 40 random characters", accountId: "000000000000", name: "web" },
  { accessKeyId: "AKIAPARTNERROOT", secretAccessKey: "replace this by 40 random characters", accountId: "111111111111" },
];

/** `docs/reference/credentials.md`: the file that `--credentials` names. */
export function credentialsPage(): string {
  const lines = EXAMPLE.map((entry) => `  ${JSON.stringify(entry)}`).join(",\n");
  return page("Credentials", "npm run reference", [
    "`--credentials FILE` (`MILLRACE_CREDENTIALS_FILE`) names a JSON file of access keys. With it every request must be signed by one of them; without it the server listens on loopback alone and believes whoever calls.",
    `\`\`\`json\n[\n${lines}\n]\n\`\`\``,
    table(
      ["Member", "Must be", "Meaning"],
      CREDENTIAL_FIELDS.map(({ name, required, expected, meaning }) => [`\`${name}\`${required ? "" : ", optional"}`, expected, meaning]),
    ),
    "The file is read when the server starts: a key is replaced by adding an entry of the same account and name, giving the new key to all who use the old one, and taking the old entry out, with a restart after the first and the last step. Keep the file readable for the server alone (mode 0600); the server warns where it is not. `openssl rand -base64 30` makes a secret.",
    "## What an identity may do",
    "An account owns the queues, topics and buckets that it creates. Its root and its users may do everything with them: there are no policies of identities. The policy of a queue or topic can deny something to a user of its own account, and allow something to other accounts, to users of theirs and to their buckets: [policies of queues](queue-policies.md), [policies of topics](topic-policies.md). Buckets are their account's alone.",
    "An account is known by its number alone and needs no registration. A key that is not in the file is refused, whatever a policy says; so is a request that is not signed.",
  ]);
}
