import { ServiceError, type ServiceErrorOptions } from "./service-error.ts";

/** What makes up an error, as plain data: errors lose their class between threads. */
export type SentError =
  | { readonly service: ServiceErrorOptions }
  | { readonly name: string; readonly message: string; readonly stack?: string | undefined; readonly code?: string | undefined };

export function sentError(error: unknown): SentError {
  if (error instanceof ServiceError) return { service: error.options };
  if (!(error instanceof Error)) return { name: "Error", message: String(error) };
  const { name, message, stack, code } = error as NodeJS.ErrnoException;
  return { name, message, stack, ...(typeof code === "string" ? { code } : {}) };
}

/** The error again: a ServiceError, an AbortError, or an Error of that name, code and stack. */
export function receivedError(sent: SentError): Error {
  if ("service" in sent) return new ServiceError(sent.service);
  const { name, message, stack, code } = sent;
  if (name === "AbortError") return new DOMException(message, name);
  const error = Object.assign(new Error(message), { name }, code === undefined ? {} : { code });
  if (stack !== undefined) Object.defineProperty(error, "stack", { value: stack });
  return error;
}
