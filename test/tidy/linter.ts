import { execFile } from "node:child_process";
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
 * Runs the linter as `npm run lint` does. It has a real parser, so the length of functions and the number of their
 * parameters are its business and not the scanner's.
 * @param cwd the folder with `.oxlintrc.json`.
 */
export async function lint(cwd: string, folders: readonly string[] = []): Promise<LintFinding[]> {
  const output = await new Promise<string>((resolve, reject) => {
    execFile(LINTER, ["--format", "json", ...folders], { cwd, maxBuffer: 2 ** 26 }, (failure, stdout, stderr) => {
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

/** Functions over 70 lines and more than three parameters, with what to do instead. */
export function sizes(findings: readonly LintFinding[]): Finding[] {
  return findings.flatMap(({ path, line, rule, message }) => {
    const instead = INSTEAD[rule];
    return instead === undefined ? [] : [{ path, line, message: `${message.replace(/\.$/, "")} ${instead}` }];
  });
}
