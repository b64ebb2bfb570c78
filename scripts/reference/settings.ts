import { SETTINGS, type Setting } from "../../src/server/config.ts";
import { page, table } from "./markdown.ts";

/** `docs/reference/settings.md`: every setting of the server, from the list that the server itself reads. */
export function settingsPage(): string {
  const code = (text: string) => (text === "" ? "" : `\`${text}\``);
  const rows = SETTINGS.map((setting) => [code(flagOf(setting)), code(setting.variable), code(setting.fallback), setting.help]);
  return page("Settings", "npm run reference", [
    "A flag of `millrace serve` goes before the environment variable, the variable before the default.",
    table(["Flag", "Environment", "Default", "Meaning"], rows),
  ]);
}

function flagOf({ flag, kind, fallback }: Setting): string {
  if (kind !== "switch") return `--${flag} <${kind}>`;
  return fallback === "true" ? `--no-${flag}` : `--${flag}`;
}
