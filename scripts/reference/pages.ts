import { commandLinePage } from "./command-line.ts";
import { compatibilityPage } from "./compatibility.ts";
import { credentialsPage } from "./credentials.ts";
import { errorsPage } from "./errors.ts";
import { queuePoliciesPage, topicPoliciesPage } from "./policies.ts";
import { settingsPage } from "./settings.ts";

/** The generated pages by their path from the repository's root. */
export function referencePages(): Record<string, string> {
  return {
    "docs/reference/command-line.md": commandLinePage(),
    "docs/reference/compatibility.md": compatibilityPage(),
    "docs/reference/credentials.md": credentialsPage(),
    "docs/reference/errors.md": errorsPage(),
    "docs/reference/queue-policies.md": queuePoliciesPage(),
    "docs/reference/settings.md": settingsPage(),
    "docs/reference/topic-policies.md": topicPoliciesPage(),
  };
}
