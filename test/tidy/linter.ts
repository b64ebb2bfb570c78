import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Finding } from "./source.ts";

/** A rule of the linter that found something. */
export interface LintFinding extends Finding {
  /** `eslint(max-params)`. */
  readonly rule: string;
}

interface Diagnostic {
  readonly message: string;
  readonly code?: string;
  readonly filename: string;
  readonly labels?: readonly { readonly span: { readonly line: number } }[];
}

const LINTER = join(import.meta.dirname, "../../node_modules/.bin/oxlint");

/**
 * Runs the linter as `npm run lint` does.
 * @param cwd the folder with `.oxlintrc.json`. @param options further arguments.
 */
export async function lint(cwd: string, options: readonly string[] = []): Promise<LintFinding[]> {
  const output = await new Promise<string>((resolve, reject) => {
    execFile(LINTER, ["--format", "json", ...options], { cwd, maxBuffer: 2 ** 26 }, (failure, stdout, stderr) => {
      // It exits 1 when it finds something; without an answer it did not run at all.
      if (stdout.startsWith("{")) resolve(stdout);
      else reject(new Error(`oxlint did not run: ${stderr || stdout || failure?.message}`));
    });
  });
  const { diagnostics } = JSON.parse(output) as { diagnostics: Diagnostic[] };
  return diagnostics.map(({ message, code, filename, labels }) => ({
    path: filename,
    line: labels?.[0]?.span.line ?? 1,
    rule: code ?? "",
    message,
  }));
}

const INSTEAD: Readonly<Record<string, string>> = {
  "eslint(max-lines-per-function)": "name its steps and make each a function",
  "eslint(max-params)": "take one named options object after the third",
};

interface Settings {
  readonly rules: Readonly<Record<string, unknown>>;
  readonly overrides: readonly { readonly files: readonly string[]; readonly rules: Readonly<Record<string, unknown>> }[];
  readonly ignorePatterns: readonly string[];
}

/** Of `.oxlintrc.json` what concerns these rules alone: without those that need types it takes a second instead of half a minute. */
function withoutTypes(root: string): object {
  const text = readFileSync(join(root, ".oxlintrc.json"), "utf8").replaceAll(/^\s*\/\/.*$/gm, "");
  const { rules, overrides, ignorePatterns } = JSON.parse(text) as Settings;
  const only = (given: Settings["rules"]) =>
    Object.fromEntries(Object.entries(given).filter(([name]) => INSTEAD[name.replace("/", "(") + ")"] !== undefined));
  return {
    plugins: ["eslint"],
    categories: { correctness: "off" },
    rules: only(rules),
    overrides: overrides.map(({ files, rules: given }) => ({ files: files.map(anywhere), rules: only(given) })),
    ignorePatterns: ignorePatterns.map(anywhere),
  };
}

/** Patterns are relative to the file that they stand in. */
function anywhere(pattern: string): string {
  return pattern.startsWith("**/") ? pattern : `**/${pattern}`;
}

/**
 * Functions over 70 lines and more than three parameters, with what to do instead. The linter has a real parser, so these
 * are its business and not the scanner's.
 */
export async function sizesIn(root: string): Promise<Finding[]> {
  const folder = mkdtempSync(join(tmpdir(), "millrace-tidy-"));
  const config = join(folder, "sizes.json");
  try {
    writeFileSync(config, JSON.stringify(withoutTypes(root)));
    return sizes(await lint(root, ["--config", config]));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Of all that the linter finds. */
export function sizes(findings: readonly LintFinding[]): Finding[] {
  return findings.flatMap(({ path, line, rule, message }) => {
    const instead = INSTEAD[rule];
    return instead === undefined ? [] : [{ path, line, message: `${message.replace(/\.$/, "")} ${instead}` }];
  });
}
