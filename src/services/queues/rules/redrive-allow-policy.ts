import { invalidAttributeValueBecause, invalidValue } from "./errors.ts";
import { REDRIVE_SOURCES_MAX } from "./limits.ts";
import { parseQueueArn, queueArn, type QueueRef } from "./queue-url.ts";

/** Which queues may name this one as their dead-letter queue. */
interface RedriveAllowPolicy {
  readonly redrivePermission: "allowAll" | "denyAll" | "byQueue";
  /** With byQueue alone. */
  readonly sourceQueueArns?: readonly string[];
}

const PERMISSIONS: readonly unknown[] = ["allowAll", "denyAll", "byQueue"];

/**
 * A RedriveAllowPolicy in canonical form: `{"redrivePermission":"byQueue","sourceQueueArns":["arn:…"]}`.
 * @param given JSON text. @throws {ServiceError} InvalidAttributeValue, InvalidParameterValue
 */
export function canonicalRedriveAllowPolicy(given: string): string {
  const { redrivePermission, sourceQueueArns } = readPolicy(given);
  const arns = sourceQueueArns ?? [];
  if (redrivePermission !== "byQueue") {
    if (arns.length > 0) throw refused(given, "sourceQueueArns can be given only when redrivePermission is byQueue.");
    return JSON.stringify({ redrivePermission });
  }
  if (arns.length === 0) throw refused(given, "sourceQueueArns must be given when redrivePermission is byQueue.");
  if (arns.length > REDRIVE_SOURCES_MAX)
    throw refused(given, `sourceQueueArns can name at most ${REDRIVE_SOURCES_MAX} queues; more need allowAll.`);
  if (arns.some((arn) => parseQueueArn(arn) === undefined)) throw refused(given, "sourceQueueArns must be ARNs of SQS queues.");
  return JSON.stringify({ redrivePermission, sourceQueueArns: arns });
}

/** @param canonical of the dead-letter queue; undefined, where none was set, allows all. */
export function allowsSource(canonical: string | undefined, source: QueueRef): boolean {
  if (canonical === undefined) return true;
  const { redrivePermission, sourceQueueArns } = JSON.parse(canonical) as RedriveAllowPolicy;
  return redrivePermission === "allowAll" || (redrivePermission === "byQueue" && sourceQueueArns?.includes(queueArn(source)) === true);
}

function readPolicy(given: string): RedriveAllowPolicy {
  try {
    const policy: unknown = JSON.parse(given);
    if (isPolicy(policy)) return policy;
  } catch {
    // Not JSON is refused like JSON of another form.
  }
  throw invalidAttributeValueBecause(
    "RedriveAllowPolicy",
    "Amazon SQS can't create the redrive allow policy, as it's in an unsupported format.",
  );
}

function isPolicy(value: unknown): value is RedriveAllowPolicy {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const { redrivePermission, sourceQueueArns, ...rest } = value as Record<string, unknown>;
  if (Object.keys(rest).length > 0 || !PERMISSIONS.includes(redrivePermission)) return false;
  return sourceQueueArns === undefined || (Array.isArray(sourceQueueArns) && sourceQueueArns.every((arn) => typeof arn === "string"));
}

function refused(given: string, reason: string): Error {
  return invalidValue(given, "RedriveAllowPolicy", reason);
}
