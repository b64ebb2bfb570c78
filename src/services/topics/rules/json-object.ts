export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * A policy's text as the object that it must be.
 * @param options `told` makes the refusal of a reason; `notAnObject` is the reason where the text is JSON of another kind.
 * @throws {ServiceError} as `told` makes it.
 */
export function parseObject(text: string, { told, notAnObject }: { told: (reason: string) => Error; notAnObject: string }): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw told("failed to parse JSON.");
  }
  if (isObject(value)) return value;
  throw told(notAnObject);
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
