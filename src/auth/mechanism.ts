import type { HttpRequest } from "../wire/http.ts";
import { parseParameters, splitTarget } from "./percent.ts";
import type { Parsed } from "./signature-v4-header.ts";
import { hasVersionTwo, isQueryProtocol } from "./signature-v2-query.ts";
import { isPresigned } from "./signature-v4-presigned.ts";

/** The places where a request may carry its credentials. */
export type Mechanism = "header" | "presigned" | "versionTwoQuery" | "versionTwoPresigned" | "several" | "none";

/** Whether what a request has beside its head may carry the credentials. */
export type Bodily = "form" | "postPolicy" | "no";

/** @returns undefined where the query string cannot be percent-decoded. */
export function parseRequest(request: HttpRequest): Parsed | undefined {
  if (!request.target.includes("?")) return { request, path: request.target, parameters: [] };
  const { path, query } = splitTarget(request.target);
  const parameters = parseParameters(query);
  return parameters === undefined ? undefined : { request, path, parameters };
}

/** Where the credentials stand. A request that has them in two places is not looked at further. */
export function mechanismOf({ request, parameters }: Parsed): Mechanism {
  const found: Mechanism[] = [];
  if (request.headers["authorization"] !== undefined) found.push("header");
  if (parameters.length > 0) {
    if (isPresigned(parameters)) found.push("presigned");
    if (hasVersionTwo(parameters)) found.push(isQueryProtocol(parameters) ? "versionTwoQuery" : "versionTwoPresigned");
  }
  return found.length > 1 ? "several" : (found[0] ?? "none");
}

/** Whether the body may carry the credentials that the head has not. */
export function bodilyOf(request: HttpRequest): Bodily {
  if (request.method !== "POST") return "no";
  const type = mediaType(request);
  if (type === "application/x-www-form-urlencoded") return "form";
  return type === "multipart/form-data" ? "postPolicy" : "no";
}

/** Whether errors are told in S3's words, where no scope says it: everything that shows no sign of JSON or Query. */
export function looksLikeS3({ request, parameters }: Parsed): boolean {
  if (request.headers["x-amz-target"] !== undefined) return false;
  const type = mediaType(request);
  if (type.startsWith("application/x-amz-json") || type.startsWith("application/x-amz-cbor")) return false;
  if (type === "application/x-www-form-urlencoded" && request.method === "POST") return false;
  return !isQueryProtocol(parameters);
}

function mediaType(request: HttpRequest): string {
  const type = request.headers["content-type"];
  return type === undefined ? "" : (type.split(";")[0] ?? "").trim().toLowerCase();
}
