import { accessDenied, entityTooLarge, entityTooSmall, invalidPolicyDocument } from "./errors.ts";

/** What a signed policy allows a form to upload. */
export interface PostPolicy {
  readonly expiresMs: number;
  readonly conditions: readonly FieldCondition[];
  readonly sizeBytes: { readonly min: number; readonly max: number };
}

interface FieldCondition {
  readonly operator: "eq" | "starts-with";
  /** Lower case, without `$`. */
  readonly field: string;
  readonly value: string;
  /** As errors show it. */
  readonly text: string;
}

/**
 * Reads the policy field of a form. @param encoded base64 of JSON.
 * @throws InvalidPolicyDocument, AccessDenied
 */
export function postPolicyOf(encoded: string): PostPolicy {
  const { expiration, conditions } = documentOf(encoded);
  const expiresMs = typeof expiration === "string" ? Date.parse(expiration) : Number.NaN;
  if (Number.isNaN(expiresMs)) throw invalidPolicyDocument("Policy missing expiration.");
  if (!Array.isArray(conditions)) throw invalidPolicyDocument("Policy missing conditions.");
  const fields: FieldCondition[] = [];
  const size = { min: 0, max: Infinity };
  for (const condition of conditions as unknown[]) {
    const limits = sizeLimits(condition);
    if (limits === undefined) fields.push(fieldCondition(condition));
    else Object.assign(size, limits);
  }
  return { expiresMs, conditions: fields, sizeBytes: size };
}

function documentOf(encoded: string): { expiration?: unknown; conditions?: unknown } {
  let document: unknown;
  try {
    document = JSON.parse(Buffer.from(encoded, "base64").toString());
  } catch {
    throw invalidPolicyDocument("Invalid JSON.");
  }
  if (typeof document !== "object" || document === null) throw invalidPolicyDocument("Invalid JSON.");
  return document;
}

/** `["content-length-range", min, max]` */
function sizeLimits(condition: unknown): { min: number; max: number } | undefined {
  if (!Array.isArray(condition) || String(condition[0]).toLowerCase() !== "content-length-range") return undefined;
  const [min, max] = [Number(condition[1]), Number(condition[2])];
  if (condition.length !== 3 || !Number.isSafeInteger(min) || !Number.isSafeInteger(max) || min < 0) {
    throw invalidPolicyDocument("Invalid content-length-range.");
  }
  return { min, max };
}

/** `{"field": "value"}`, `["eq", "$field", "value"]` or `["starts-with", "$field", "value"]`. */
function fieldCondition(condition: unknown): FieldCondition {
  if (Array.isArray(condition)) {
    const [operator, field, value] = condition.map(String);
    const name = operator?.toLowerCase();
    if (condition.length !== 3 || (name !== "eq" && name !== "starts-with") || field === undefined || value === undefined) {
      throw invalidPolicyDocument("Invalid Simple-Condition: a list is an operator, a field and a value.");
    }
    const text = textOf(name, field, value);
    if (!field.startsWith("$")) throw conditionFailed(text);
    return { operator: name, field: field.slice(1).toLowerCase(), value, text };
  }
  const entries = typeof condition === "object" && condition !== null ? Object.entries(condition) : [];
  const [entry] = entries;
  if (entry === undefined || entries.length > 1)
    throw invalidPolicyDocument("Invalid Simple-Condition: Simple-Conditions must have exactly one property specified.");
  const [field, value] = [entry[0], String(entry[1])];
  return { operator: "eq", field: field.toLowerCase(), value, text: textOf("eq", `$${field}`, value) };
}

function textOf(operator: string, field: string, value: string): string {
  return `[${[operator, field, value].map((part) => JSON.stringify(part)).join(", ")}]`;
}

/** Fields that no condition need name: the file, the policy and what signs it. */
const UNCONDITIONAL: ReadonlySet<string> = new Set(["file", "policy", "signature", "awsaccesskeyid", "x-amz-signature"]);

/**
 * Whether the form is what the policy allows: not expired, every condition held, and every field named by one.
 * @param fields by lower-case name, `bucket` and the final key among them. @throws AccessDenied
 */
export function checkPostPolicy(policy: PostPolicy, fields: ReadonlyMap<string, string>, nowMs: number): void {
  if (nowMs >= policy.expiresMs) throw accessDenied("Invalid according to Policy: Policy expired.");
  for (const { operator, field, value, text } of policy.conditions) {
    const actual = fields.get(field) ?? "";
    const holds = operator === "eq" ? actual === value : actual.startsWith(value);
    if (!holds) throw conditionFailed(text);
  }
  const named = new Set(policy.conditions.map(({ field }) => field));
  const extra = [...fields.keys()].find((field) => !named.has(field) && !UNCONDITIONAL.has(field) && !field.startsWith("x-ignore-"));
  if (extra !== undefined) throw accessDenied(`Invalid according to Policy: Extra input fields: ${extra}`);
}

function conditionFailed(text: string): Error {
  return accessDenied(`Invalid according to Policy: Policy Condition failed: ${text}`);
}

/** @throws EntityTooLarge, EntityTooSmall */
export function checkPostSize(policy: Pick<PostPolicy, "sizeBytes"> | undefined, sizeBytes: number): void {
  if (policy === undefined) return;
  if (sizeBytes > policy.sizeBytes.max) throw entityTooLarge(sizeBytes, policy.sizeBytes.max);
  if (sizeBytes < policy.sizeBytes.min) throw entityTooSmall(sizeBytes, policy.sizeBytes.min);
}

/** The file's name in place of `${filename}`: the last component of the path that the browser gave. */
export function formKey(key: string, filename: string | undefined): string {
  if (filename === undefined) return key;
  return key.replaceAll("${filename}", () => filename.split(/[\\/]/).at(-1) ?? "");
}

/** What is told of a stored file. */
export interface Posted {
  readonly location: string;
  readonly bucket: string;
  readonly key: string;
  /** With its quotes. */
  readonly etag: string;
}

/** The answer as the form asks for it: a redirection, the new object in XML, or just a status; 204 if it asks for nothing known. */
export function postAnswer(fields: ReadonlyMap<string, string>, posted: Posted) {
  const redirect = redirection(fields.get("success_action_redirect") ?? fields.get("redirect"), posted);
  if (redirect !== undefined) return { StatusCode: 303, LocationHeader: redirect };
  const status = fields.get("success_action_status");
  if (status !== "201") return { StatusCode: status === "200" ? 200 : 204, LocationHeader: posted.location };
  const { location, bucket, key, etag } = posted;
  return { StatusCode: 201, LocationHeader: location, PostResponse: { Location: location, Bucket: bucket, Key: key, ETag: etag } };
}

/** A URL that cannot be read is passed over. */
function redirection(to: string | undefined, { bucket, key, etag }: Posted): string | undefined {
  if (to === undefined || !URL.canParse(to)) return undefined;
  const url = new URL(to);
  if (url.protocol !== "http:" && url.protocol !== "https:") return undefined;
  for (const [name, value] of Object.entries({ bucket, key, etag })) url.searchParams.append(name, value);
  return url.href;
}
