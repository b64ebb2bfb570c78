import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ServiceError } from "../../../kernel/service-error.ts";
import { checkPostPolicy, checkPostSize, formKey, postAnswer, postPolicyOf } from "./post-policy.ts";

const NOW = Date.UTC(2026, 0, 1);
const encode = (document: unknown) => Buffer.from(JSON.stringify(document)).toString("base64");
const policy = (...conditions: unknown[]) => encode({ expiration: "2026-01-01T00:01:00.000Z", conditions });

function outcome(decide: () => unknown): string {
  try {
    decide();
    return "allowed";
  } catch (error) {
    if (error instanceof ServiceError) return `${error.code}: ${error.message}`;
    throw error;
  }
}

describe("what a policy allows", () => {
  const failed = (condition: string) => `AccessDenied: Invalid according to Policy: Policy Condition failed: ${condition}`;
  const fields = { bucket: "b", key: "up/a.jpg", "content-type": "image/png" };
  const all = [{ bucket: "b" }, ["starts-with", "$key", "up/"], ["starts-with", "$Content-Type", ""]];
  for (const [what, conditions, more, expected] of [
    ["all fields named, all conditions held", all, {}, "allowed"],
    [
      "names of fields in any case",
      [{ BUCKET: "b" }, ["eq", "$Key", "up/a.jpg"], ["Starts-With", "$content-TYPE", "image/"]],
      {},
      "allowed",
    ],
    ["values in the case they have", [{ bucket: "B" }, ...all.slice(1)], {}, failed('["eq", "$bucket", "B"]')],
    ["another beginning", [all[0], ["starts-with", "$key", "down/"], all[2]], {}, failed('["starts-with", "$key", "down/"]')],
    ["a field that must be there", [...all, { acl: "private" }], {}, failed('["eq", "$acl", "private"]')],
    ["a field that no condition names", all, { acl: "private" }, "AccessDenied: Invalid according to Policy: Extra input fields: acl"],
    [
      "fields to be ignored, and the signature's",
      all,
      { "x-ignore-a": "1", "x-amz-signature": "s", policy: "p", signature: "s", awsaccesskeyid: "a" },
      "allowed",
    ],
    ["a bucket that no condition names", all.slice(1), {}, "AccessDenied: Invalid according to Policy: Extra input fields: bucket"],
    ["a condition without a dollar", [...all, ["eq", "key", "up/a.jpg"]], {}, failed('["eq", "key", "up/a.jpg"]')],
    [
      "an operator that does not exist",
      [["matches", "$key", "x"]],
      {},
      "InvalidPolicyDocument: Invalid Policy: Invalid Simple-Condition: a list is an operator, a field and a value.",
    ],
    [
      "two properties in one",
      [{ bucket: "b", key: "k" }],
      {},
      "InvalidPolicyDocument: Invalid Policy: Invalid Simple-Condition: Simple-Conditions must have exactly one property specified.",
    ],
    [
      "a range of sizes that is none",
      [["content-length-range", "a", 1]],
      {},
      "InvalidPolicyDocument: Invalid Policy: Invalid content-length-range.",
    ],
  ] as const) {
    test(what, () => {
      const form = new Map(Object.entries({ ...fields, ...more }));
      assert.equal(
        outcome(() => checkPostPolicy(postPolicyOf(policy(...conditions)), form, NOW)),
        expected,
      );
    });
  }
});

test("a policy ends at its expiration", () => {
  const read = postPolicyOf(policy());
  assert.equal(
    outcome(() => checkPostPolicy(read, new Map(), NOW + 59_999)),
    "allowed",
  );
  assert.equal(
    outcome(() => checkPostPolicy(read, new Map(), NOW + 60_000)),
    "AccessDenied: Invalid according to Policy: Policy expired.",
  );
});

test("what is no policy is refused", () => {
  for (const encoded of [
    "",
    "junk",
    encode([]),
    encode(null),
    encode({ expiration: "soon", conditions: [] }),
    encode({ expiration: "2026-01-01T00:00:00Z" }),
  ]) {
    assert.match(
      outcome(() => postPolicyOf(encoded)),
      /^InvalidPolicyDocument/,
    );
  }
});

test("sizes lie in the range that the policy gives", () => {
  const read = postPolicyOf(policy(["content-length-range", 2, 4]));
  assert.deepEqual(
    [1, 2, 4, 5].map((size) => outcome(() => checkPostSize(read, size)).split(":")[0]),
    ["EntityTooSmall", "allowed", "allowed", "EntityTooLarge"],
  );
  assert.equal(
    outcome(() => checkPostSize(undefined, 1e12)),
    "allowed",
  );
});

test("${filename} is the last part of the browser's path", () => {
  assert.equal(formKey("a/${filename}", "C:\\photos\\x.jpg"), "a/x.jpg");
  assert.equal(formKey("a/${filename}", "../../x$&.jpg"), "a/x$&.jpg");
  assert.equal(formKey("a/${filename}", undefined), "a/${filename}");
});

test("the form says how it is answered", () => {
  const posted = { location: "http://h/b/k", bucket: "b", key: "k", etag: '"e"' };
  const answer = (fields: Record<string, string>) => postAnswer(new Map(Object.entries(fields)), posted);
  assert.equal(answer({}).StatusCode, 204);
  assert.equal(answer({ success_action_status: "200" }).StatusCode, 200);
  assert.equal(answer({ success_action_status: "418" }).StatusCode, 204);
  assert.deepEqual(answer({ success_action_status: "201" }).PostResponse, { Location: "http://h/b/k", Bucket: "b", Key: "k", ETag: '"e"' });
  assert.equal(answer({ success_action_redirect: "http://x/?a=1" }).LocationHeader, "http://x/?a=1&bucket=b&key=k&etag=%22e%22");
  assert.equal(answer({ success_action_redirect: "javascript:alert(1)" }).StatusCode, 204);
  assert.equal(answer({ success_action_redirect: "not a url" }).StatusCode, 204);
});
