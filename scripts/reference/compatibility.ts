import { objectsApi } from "../../src/services/objects/api.ts";
import { queuesApi } from "../../src/services/queues/api.ts";
import { topicsApi } from "../../src/services/topics/api.ts";
import type { Api } from "../../src/wire/api.ts";
import { clientsSection } from "./clients.ts";
import { page } from "./markdown.ts";
import { behaviours, evidenceTable } from "./behaviours.ts";

/**
 * `docs/reference/compatibility.md`: every action of AWS, offered or refused by name, read from each service's `api.ts`;
 * of queues and topics every behaviour of their contracts with the tests that show it; and what clients and programs did.
 */
export function compatibilityPage(): string {
  // The contents page is built without what the handlers work with: none of them is called.
  const none = {} as never;
  const [queues, topics] = [queuesApi(none), topicsApi(none)];
  return page("Compatibility", "npm run reference", [
    "What of each AWS service this release offers. An action that is not offered is refused by name with the service's own error; it is never ignored.",
    "## How behaviours are known",
    evidenceTable(),
    ...section("Queues (Amazon SQS)", queues),
    ...behaviours({ contract: "sqs", name: "Amazon SQS", actions: namesOf(queues) }),
    ...section("Topics (Amazon SNS)", topics),
    ...behaviours({ contract: "sns", name: "Amazon SNS", actions: namesOf({ ...topics, notOffered: [] }) }),
    ...section("Objects (Amazon S3)", objectsApi(none)),
    ...clientsSection(),
  ]);
}

function namesOf({ actions, notOffered }: Api): string[] {
  return [...Object.keys(actions), ...notOffered].toSorted((a, b) => a.localeCompare(b, "en"));
}

function section(title: string, api: Api): string[] {
  const offered = Object.keys(api.actions).filter((name) => !api.notOffered.includes(name));
  const protocols = [api.jsonTarget === undefined ? undefined : "JSON", api.query === undefined ? undefined : "Query"].filter(
    (name) => name !== undefined,
  );
  return [
    `## ${title}`,
    `Protocol: ${protocols.length === 0 ? "REST-XML" : protocols.join(" and ")}.`,
    `Offered (${offered.length}): ${list(offered)}.`,
    `Refused by name (${api.notOffered.length}): ${list(api.notOffered)}.`,
  ];
}

function list(names: readonly string[]): string {
  return names.toSorted((a, b) => a.localeCompare(b, "en")).join(", ");
}
