import * as authErrors from "../../src/auth/errors.ts";
import { ServiceError } from "../../src/kernel/service-error.ts";
import * as objectErrors from "../../src/services/objects/rules/errors.ts";
import * as queueErrors from "../../src/services/queues/rules/errors.ts";
import * as topicErrors from "../../src/services/topics/rules/errors.ts";
import { page, table } from "./markdown.ts";

interface Row {
  readonly code: string;
  readonly queryCode: string;
  readonly httpStatus: number;
  readonly text: string;
}

/** Two moments for the texts that name times. */
const REQUEST_MS = Date.UTC(2026, 0, 1, 12, 0);
const SERVER_MS = Date.UTC(2026, 0, 1, 13, 0);

/** `docs/reference/errors.md`: every code that a caller can meet, read from the tables that make them. */
export function errorsPage(): string {
  const queueRows = rowsOf(queueErrors);
  const topicRows = rowsOf(topicErrors);
  const objectRows = [...rowsOf(objectErrors), ...settingRows()];
  const { S3_ERRORS, CHUNK_ERRORS, POST_ERRORS, V2_S3_ERRORS, SERVICE_ERRORS } = authErrors;
  return page("Errors", "npm run reference", [
    "What a caller can be answered instead of a result. `‹…›` stands for a value of the request. A code that is not here is a bug.",
    "## Queues (SQS)",
    "The JSON protocol answers the code in `__type`; the Query protocol answers the query code where it has one of its own.",
    twoProtocols(queueRows),
    unused(Object.keys(queueErrors.QUEUE_ERRORS), queueRows),
    "## Topics (SNS)",
    "The query code is what stands on the wire; the code is what AWS's SDKs call the exception.",
    twoProtocols(topicRows),
    unused(Object.keys(topicErrors.TOPIC_ERRORS), topicRows),
    "## Objects (S3)",
    oneProtocol(objectRows),
    unused(Object.keys(objectErrors.OBJECT_ERRORS), objectRows),
    "## Who is asking: services that speak JSON or Query",
    twoProtocols(authRows(SERVICE_ERRORS)),
    "## Who is asking: S3",
    oneProtocol([...authRows(S3_ERRORS), ...[CHUNK_ERRORS, POST_ERRORS, V2_S3_ERRORS].flatMap(rowsOf)]),
  ]);
}

function twoProtocols(rows: readonly Row[]): string {
  const head = ["Code", "Query code", "Status", "Text"];
  return sortedTable(
    head,
    rows.map(({ code, queryCode, httpStatus, text }) => [
      `\`${code}\``,
      queryCode === "" ? "" : `\`${queryCode}\``,
      String(httpStatus),
      text,
    ]),
  );
}

function oneProtocol(rows: readonly Row[]): string {
  return sortedTable(
    ["Code", "Status", "Text"],
    rows.map(({ code, httpStatus, text }) => [`\`${code}\``, String(httpStatus), text]),
  );
}

function sortedTable(head: readonly string[], lines: readonly string[][]): string {
  const distinct = [...new Map(lines.map((line) => [line.join("|"), line])).values()];
  return table(
    head,
    distinct.toSorted((a, b) => a.join().localeCompare(b.join(), "en")),
  );
}

/** Calls each function of a module of errors with stand-ins for its arguments, and keeps what are errors. */
function rowsOf(module: object): Row[] {
  return Object.entries(module).flatMap(([name, make]) => {
    if (typeof make !== "function" || name === "noSuchSetting") return [];
    const error: unknown = make(...argumentsOf(make).map(standIn));
    return error instanceof ServiceError ? [rowOf(error)] : [];
  });
}

function settingRows(): Row[] {
  const codes = Object.keys(objectErrors.NO_SUCH_SETTING) as (keyof typeof objectErrors.NO_SUCH_SETTING)[];
  return codes.map((code) => rowOf(objectErrors.noSuchSetting(code, "‹bucket›")));
}

function authRows(errors: authErrors.AuthErrors): Row[] {
  const others = Object.entries(errors).filter(([name]) => !["skewed", "expired", "wrongContentSha256"].includes(name));
  return [
    ...rowsOf(Object.fromEntries(others)),
    rowOf(errors.skewed(REQUEST_MS, SERVER_MS)),
    rowOf(errors.expired({ expiresMs: REQUEST_MS, nowMs: SERVER_MS })),
    rowOf(errors.wrongContentSha256(undefined)),
    rowOf(errors.wrongContentSha256("‹value›")),
  ];
}

function rowOf({ options, message }: ServiceError): Row {
  return { code: options.code, queryCode: options.queryCode ?? "", httpStatus: options.httpStatus, text: message };
}

/** The names of a function's parameters, as its source has them; those with defaults are left to these. */
function argumentsOf(make: (...given: never[]) => unknown): string[] {
  const list = /^[^(]*\(([^)]*)\)/.exec(String(make))?.[1] ?? "";
  const names = list.replace(/\{[^}]*\}/g, "options").split(",");
  return names.map((name) => name.trim()).filter((name) => name !== "" && !name.includes("="));
}

/** Shows as `‹name›` in any text; a member of it shows as the member's name, a list as its own. */
function standIn(name: string): unknown {
  const shown = `‹${name}›`;
  const target = () => shown;
  return new Proxy(target, {
    get: (_, key) =>
      key === Symbol.toPrimitive || key === "join" || key === "toString" ? () => shown : typeof key === "string" ? standIn(key) : undefined,
  });
}

/** Codes of AWS's table that nothing in this release answers. */
function unused(codes: readonly string[], rows: readonly Row[]): string {
  const left = codes.filter((code) => !rows.some((row) => row.code === code)).toSorted();
  return left.length === 0 ? "" : `Known to AWS, answered by nothing in this release: ${left.map((code) => `\`${code}\``).join(", ")}.`;
}
