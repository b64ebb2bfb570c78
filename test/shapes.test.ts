import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { test } from "node:test";
import * as S3 from "@aws-sdk/client-s3";
import * as SNS from "@aws-sdk/client-sns";
import * as SQS from "@aws-sdk/client-sqs";
import type { Api } from "../src/wire/api.ts";
import { integer, list, map, nothing, operation, optional, required, string, structure, timestamp } from "../src/wire/shapes.ts";
import { differencesOf } from "./shapes/differences.ts";
import { EXCLUSIONS, type Exclusion } from "./shapes/exclusions.ts";
import { operationsOf } from "./shapes/model.ts";

const SERVICES = new URL("../src/services/", import.meta.url);

/** The AWS SDK's model of each service, by signing name. */
const MODELS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = { sqs: { ...SQS }, sns: { ...SNS }, s3: { ...S3 } };

for (const service of readdirSync(SERVICES)) {
  const file = new URL(`${service}/api.ts`, SERVICES);
  if (!existsSync(file)) continue;

  test(`${service}: every action of AWS is offered or refused by name`, async () => {
    const api = await loadApi(file);
    const named = [...Object.keys(api.actions), ...api.notOffered].toSorted();
    assert.deepEqual(named, [...modelOf(api).keys()].toSorted());
  });

  test(`${service}: every shape is that of AWS, but for what is meant to differ`, async () => {
    const api = await loadApi(file);
    const model = modelOf(api);
    const differences = Object.entries(api.actions).flatMap(([name, { operation }]) => {
      const theirs = model.get(name);
      return theirs === undefined
        ? [`${name}: we have it, AWS does not`]
        : differencesOf(operation, theirs, { rest: api.jsonTarget === undefined && api.query === undefined });
    });
    assert.deepEqual(judge(differences, EXCLUSIONS[api.signingName] ?? []), { unexplained: [], stale: [] });
  });
}

function modelOf({ signingName }: Api) {
  const client = MODELS[signingName];
  assert.ok(client, `no AWS SDK client is known for ${signingName}: add it to MODELS`);
  return operationsOf(client);
}

/** The Api itself, or what a factory gives for parts that are never used here. */
async function loadApi(file: URL): Promise<Api> {
  const exported = Object.values((await import(file.href)) as Record<string, unknown>);
  const apis = exported
    .map((value) => (typeof value === "function" ? tried(() => (value as (parts: unknown) => unknown)(ANYTHING)) : value))
    .filter(isApi);
  assert.equal(apis.length, 1, `${file.pathname} must export one Api, or one function that makes it`);
  return apis[0]!;
}

function tried<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch {
    return undefined;
  }
}

function isApi(value: unknown): value is Api {
  return typeof value === "object" && value !== null && "signingName" in value && "actions" in value;
}

/** Whatever is asked of it is there and can be called: handlers are made of it, but never run. */
const ANYTHING: unknown = new Proxy(() => ANYTHING, {
  get: (_target, name) => (name === Symbol.toPrimitive ? () => "anything" : ANYTHING),
  apply: () => ANYTHING,
});

function judge(differences: readonly string[], exclusions: readonly Exclusion[]): { unexplained: string[]; stale: string[] } {
  const explains = ({ difference }: Exclusion, found: string) =>
    typeof difference === "string" ? difference === found : difference.test(found);
  return {
    unexplained: differences.filter((found) => !exclusions.some((exclusion) => explains(exclusion, found))),
    stale: exclusions
      .filter((exclusion) => !differences.some((found) => explains(exclusion, found)))
      .map(({ difference }) => String(difference)),
  };
}

// The comparison itself, against a model made by hand.

const ENTRY = [3, "n", "Entry", 0, ["Id", "When"], [0, 4], 1];
const NAMES = [1, "n", "Names", 0, [0, { xmlName: "Name" }]];
const TAGS = [2, "n", "Tags", 0, [0, { xmlName: "Key" }], [0, { xmlName: "Value" }]];
const INPUT = [
  3,
  "n",
  "Input",
  0,
  ["Url", "Size", "Entries", "Names", "Tags", "Plain", "Kind"],
  [
    [0, 1],
    1,
    [() => [1, "n", "Entries", 0, [() => ENTRY, 0]], { xmlFlattened: 1, xmlName: "Entry" }],
    () => NAMES,
    [() => TAGS, { xmlFlattened: 1 }],
    64,
    [0, { httpHeader: "X-Kind" }],
  ],
  1,
];
const OUTPUT = [3, "n", "Output", { xmlName: "Root" }, ["Until"], [4]];
const THEIRS = operationsOf({ Act$: [9, "n", "Act", { http: ["GET", "/", 204] }, () => INPUT, () => OUTPUT] }).get("Act")!;

const entry = structure({ Id: required(string), When: timestamp("iso8601") });
const input = {
  Url: required(string, { label: "bucket" }),
  Size: integer,
  Entries: optional(list(entry, { flattened: true }), { wireName: "Entry" }),
  Names: list(string, { itemName: "Name" }),
  Tags: map(string, { flattened: true, keyName: "Key", valueName: "Value" }),
  Plain: list(string),
  Kind: optional(string, { header: "x-kind" }),
} as const;
const output = structure({ Until: timestamp("iso8601") });
const answer = { xmlRoot: { response: "Root" }, status: 204 };

test("shapes that agree have no differences", () => {
  assert.deepEqual(differencesOf(operation("Act", { input: structure(input), output, ...answer }), THEIRS, { rest: true }), []);
});

test("every kind of difference is told with its place", () => {
  const changed = structure({
    Url: string,
    Size: string,
    Entries: list(structure({ Id: string, When: timestamp("httpDate"), Extra: string })),
    Names: list(string),
    Tags: map(string),
    Kind: optional(string, { parameter: "kind" }),
  });
  assert.deepEqual(differencesOf(operation("Act", { input: changed, output: nothing }), THEIRS, { rest: true }), [
    "Act input.Plain: AWS has it, we do not",
    "Act input.Url: required at AWS, optional here",
    "Act input.Url: the label is set at AWS, none here",
    "Act input.Size: a number at AWS, a string here",
    "Act input.Entries: the name is Entry at AWS, Entries here",
    "Act input.Entries: flattening is set at AWS, none here",
    "Act input.Entries[].Id: required at AWS, optional here",
    "Act input.Entries[].When: written as iso8601 at AWS, httpDate here",
    "Act input.Entries[].Extra: we have it, AWS does not",
    "Act input.Names: items are called Name at AWS, member here",
    "Act input.Tags: flattening is set at AWS, none here",
    "Act input.Tags: entries are called Key/Value at AWS, key/value here",
    "Act input.Kind: the header is x-kind at AWS, none here",
    "Act input.Kind: the parameter is none at AWS, kind here",
    "Act output.Until: AWS has it, we do not",
    "Act output: the status is 204 at AWS, 200 here",
  ]);
});

test("a difference needs its exclusion, and an exclusion its difference", () => {
  const exclusions = [
    { difference: "a: x", reason: "" },
    { difference: /^b\./, reason: "" },
    { difference: "gone", reason: "" },
  ];
  assert.deepEqual(judge(["a: x", "b.c: y", "d: z"], exclusions), { unexplained: ["d: z"], stale: ["gone"] });
});
