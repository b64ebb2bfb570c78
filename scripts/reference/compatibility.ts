import { queuesApi } from "../../src/services/queues/api.ts";
import type { Api } from "../../src/wire/api.ts";
import { page, table } from "./markdown.ts";

/** `docs/reference/compatibility.md`: every action of AWS, offered or refused by name, read from each service's `api.ts`. */
export function compatibilityPage(): string {
  // The contents page is built without what the handlers work with: none of them is called.
  const none = {} as never;
  return page("Compatibility", "npm run reference", [
    "What of each AWS service this release offers. An action that is not offered is refused by name with the service's own error; it is never ignored.",
    ...section("Queues (Amazon SQS)", queuesApi(none)),
  ]);
}

function section(title: string, api: Api): string[] {
  const rows = [...Object.keys(api.actions).map((name) => [name, "offered"]), ...api.notOffered.map((name) => [name, "refused"])].toSorted(
    ([a = ""], [b = ""]) => a.localeCompare(b, "en"),
  );
  const protocols = [api.jsonTarget === undefined ? undefined : "JSON", api.query === undefined ? undefined : "Query"].filter(
    (name) => name !== undefined,
  );
  return [`## ${title}`, `Protocols: ${protocols.length === 0 ? "REST-XML" : protocols.join(", ")}.`, table(["Action", ""], rows)];
}
