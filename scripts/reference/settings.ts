import { SETTINGS } from "../../src/server/config.ts";
import { page, table } from "./markdown.ts";

/** `docs/reference/settings.md`: every setting of the server, from the list that the server itself reads. */
export function settingsPage(): string {
  const code = (text: string) => (text === "" ? "" : `\`${text}\``);
  const rows = SETTINGS.map(({ flag, kind, variable, fallback, help }) => [
    code(kind === "switch" ? `--${flag}` : `--${flag} <${kind}>`),
    code(variable),
    code(fallback),
    help,
  ]);
  return page("Settings", "npm run reference", [
    "A flag of `millrace serve` goes before the environment variable, the variable before the default.",
    table(["Flag", "Environment", "Default", "Meaning"], rows),
  ]);
}
