import { invalidRequest, malformedXml } from "./errors.ts";
import { CORS_RULES_MAX } from "./limits.ts";

/** One rule of a bucket, as its XML has it. */
export interface CorsRule {
  readonly ID?: string | undefined;
  readonly AllowedHeaders?: readonly string[] | undefined;
  readonly AllowedMethods: readonly string[];
  readonly AllowedOrigins: readonly string[];
  readonly ExposeHeaders?: readonly string[] | undefined;
  readonly MaxAgeSeconds?: number | undefined;
}

const METHODS: readonly string[] = ["GET", "PUT", "HEAD", "POST", "DELETE"];

/** @throws MalformedXML, InvalidRequest */
export function checkCorsRules(rules: readonly CorsRule[]): void {
  if (rules.length === 0) throw malformedXml();
  if (rules.length > CORS_RULES_MAX)
    throw invalidRequest(`The number of CORS rules should not exceed allowed limit of ${CORS_RULES_MAX} rules.`);
  for (const rule of rules) {
    if (rule.AllowedMethods.length === 0 || rule.AllowedOrigins.length === 0) throw malformedXml();
    const method = rule.AllowedMethods.find((method) => !METHODS.includes(method));
    if (method !== undefined) throw invalidRequest(`Found unsupported HTTP method in CORS config. Unsupported method is ${method}`);
    checkWildcards("AllowedOrigin", rule.AllowedOrigins);
    checkWildcards("AllowedHeader", rule.AllowedHeaders ?? []);
    const exposed = rule.ExposeHeaders?.find((header) => header.includes("*"));
    if (exposed !== undefined) {
      throw invalidRequest(`ExposeHeader "${exposed}" contains wildcard. We currently do not support wildcard for ExposeHeader.`);
    }
  }
}

function checkWildcards(element: string, patterns: readonly string[]): void {
  const several = patterns.find((pattern) => pattern.split("*").length > 2);
  if (several !== undefined) throw invalidRequest(`${element} "${several}" can not have more than one wildcard.`);
}

export interface CorsQuestion {
  readonly origin: string;
  readonly method: string;
  /** What a preflight asks for; none for a real request, whose headers the browser has checked. */
  readonly headers: readonly string[];
}

/** The headers that let a page of that origin read the answer: from the first rule that allows all. Undefined: none does. */
export function corsHeaders(rules: readonly CorsRule[], question: CorsQuestion): Record<string, string> | undefined {
  const { origin, method } = question;
  const wanted = question.headers.map((header) => header.toLowerCase());
  for (const rule of rules) {
    const pattern = rule.AllowedOrigins.find((pattern) => matchesWildcard(pattern, origin));
    if (pattern === undefined || !rule.AllowedMethods.includes(method)) continue;
    const allowed = (rule.AllowedHeaders ?? []).map((header) => header.toLowerCase());
    if (!wanted.every((header) => allowed.some((pattern) => matchesWildcard(pattern, header)))) continue;
    return headersOf(rule, { origin: pattern === "*" ? "*" : origin, wanted });
  }
  return undefined;
}

function headersOf(rule: CorsRule, answer: { origin: string; wanted: readonly string[] }): Record<string, string> {
  return {
    "access-control-allow-origin": answer.origin,
    ...(answer.origin === "*" ? {} : { "access-control-allow-credentials": "true" }),
    "access-control-allow-methods": rule.AllowedMethods.join(", "),
    ...(answer.wanted.length > 0 ? { "access-control-allow-headers": answer.wanted.join(", ") } : {}),
    ...(rule.ExposeHeaders !== undefined && rule.ExposeHeaders.length > 0
      ? { "access-control-expose-headers": rule.ExposeHeaders.join(", ") }
      : {}),
    ...(rule.MaxAgeSeconds === undefined ? {} : { "access-control-max-age": String(rule.MaxAgeSeconds) }),
    vary: "Origin, Access-Control-Request-Headers, Access-Control-Request-Method",
  };
}

/** A pattern with at most one `*`, which stands for any text. */
function matchesWildcard(pattern: string, text: string): boolean {
  const star = pattern.indexOf("*");
  if (star < 0) return pattern === text;
  const [before, after] = [pattern.slice(0, star), pattern.slice(star + 1)];
  return text.length >= before.length + after.length && text.startsWith(before) && text.endsWith(after);
}
