import type { ServiceError } from "../kernel/service-error.ts";
import type { Api } from "./api.ts";
import type { HttpResponse } from "./http.ts";
import { XML_DECLARATION } from "./query-response.ts";
import { headerText } from "./rest-headers.ts";
import { S3_CONTENT_TYPE, S3_XML_DECLARATION } from "./rest-xml.ts";
import { escapeXml, QUERY_XML, S3_XML, type XmlDialect } from "./xml.ts";

export const JSON_CONTENT_TYPE = "application/x-amz-json-1.0";
export const QUERY_XML_CONTENT_TYPE = "text/xml";
export const QUERY_JSON_CONTENT_TYPE = "application/json";

/** An error in AWS JSON 1.0. The code of the Query protocol stands in a header, since programs written for it test that. */
export function jsonError(error: ServiceError, api: Api, requestId: string): HttpResponse {
  const { code, namespace, message, headers } = error.options;
  const queryError = api.query === undefined ? {} : { "x-amzn-query-error": headerText(`${queryCode(error)};${faultOf(error)}`) };
  return {
    status: error.options.httpStatus,
    headers: { "content-type": JSON_CONTENT_TYPE, "x-amzn-requestid": requestId, ...queryError, ...headers },
    body: JSON.stringify({ __type: `${namespace ?? api.errorNamespace}#${code}`, message }),
  };
}

/** An error in the Query protocol's XML. */
export function queryError(error: ServiceError, api: Api, requestId: string): HttpResponse {
  const { httpStatus, headers } = error.options;
  const xmlns = api.query === undefined ? "" : ` xmlns="${api.query.xmlNamespace}"`;
  const inside = [
    element("Type", faultOf(error), QUERY_XML),
    element("Code", queryCode(error), QUERY_XML),
    element("Message", queryMessage(error), QUERY_XML),
    api.query?.errorDetail === true ? "<Detail/>" : "",
  ].join("");
  return {
    status: httpStatus,
    headers: { "content-type": QUERY_XML_CONTENT_TYPE, "x-amzn-requestid": requestId, ...headers },
    body: `${XML_DECLARATION}<ErrorResponse${xmlns}><Error>${inside}</Error>${element("RequestId", requestId, QUERY_XML)}</ErrorResponse>`,
  };
}

/** The same as JSON, for a Query request that accepts nothing else. */
export function queryJsonError(error: ServiceError, requestId: string): HttpResponse {
  const { httpStatus, headers } = error.options;
  const described = { Code: queryCode(error), Message: queryMessage(error), Type: faultOf(error) };
  return {
    status: httpStatus,
    headers: { "content-type": QUERY_JSON_CONTENT_TYPE, "x-amzn-requestid": requestId, ...headers },
    body: JSON.stringify({ Error: described, RequestId: requestId }),
  };
}

export interface S3ErrorContext {
  readonly requestId: string;
  readonly hostId: string;
  /** Answers a HEAD request: the same headers, no body. */
  readonly head?: boolean;
}

/** An error of S3: its details follow code and message in their own elements. */
export function s3Error(error: ServiceError, context: S3ErrorContext): HttpResponse {
  const { httpStatus, code, message, details, headers } = error.options;
  const ids = { "x-amz-request-id": context.requestId, "x-amz-id-2": context.hostId };
  if (context.head === true || httpStatus === 304 || httpStatus === 204)
    return { status: httpStatus, headers: { ...ids, ...headers }, body: undefined };
  const told = Object.entries({ Code: code, Message: message, ...details, RequestId: context.requestId, HostId: context.hostId });
  return {
    status: httpStatus,
    headers: { "content-type": S3_CONTENT_TYPE, ...ids, ...headers },
    body: `${S3_XML_DECLARATION}<Error>${told.map(([name, text]) => element(name, text, S3_XML)).join("")}</Error>`,
  };
}

/** What a queue's URL answers to a GET without an action, whatever the caller accepts. */
export function unknownOperationPage(requestId: string): HttpResponse {
  return {
    status: 404,
    headers: { "content-type": QUERY_XML_CONTENT_TYPE, "x-amzn-requestid": requestId },
    body: "<UnknownOperationException/>",
  };
}

function queryCode(error: ServiceError): string {
  return error.options.queryCode ?? error.options.code;
}

function queryMessage(error: ServiceError): string {
  return error.options.queryMessage ?? error.options.message;
}

function faultOf(error: ServiceError): "Sender" | "Receiver" {
  return error.options.fault === "client" ? "Sender" : "Receiver";
}

function element(name: string, text: string, dialect: XmlDialect): string {
  return `<${name}>${escapeXml(text, dialect)}</${name}>`;
}
