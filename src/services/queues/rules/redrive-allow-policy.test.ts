import assert from "node:assert/strict";
import { test } from "node:test";
import { allowsSource, canonicalRedriveAllowPolicy } from "./redrive-allow-policy.ts";

const source = { account: "000000000000", region: "us-east-1", name: "jobs" };
const arns = (count: number) => Array.from({ length: count }, (_, index) => `arn:aws:sqs:us-east-1:000000000000:q${index}`);

test("a policy has one form, however its caller wrote it", () => {
  assert.equal(canonicalRedriveAllowPolicy('{ "redrivePermission": "denyAll" }'), '{"redrivePermission":"denyAll"}');
  assert.equal(canonicalRedriveAllowPolicy('{"sourceQueueArns":[],"redrivePermission":"allowAll"}'), '{"redrivePermission":"allowAll"}');
  const byQueue = { redrivePermission: "byQueue", sourceQueueArns: arns(10) };
  assert.equal(
    canonicalRedriveAllowPolicy(JSON.stringify({ sourceQueueArns: arns(10), redrivePermission: "byQueue" })),
    JSON.stringify(byQueue),
  );
});

test("sources are named with byQueue, and with it alone: one to ten ARNs of queues", () => {
  for (const [redrivePermission, sourceQueueArns] of [
    ["byQueue", undefined],
    ["byQueue", []],
    ["byQueue", arns(11)],
    ["byQueue", ["arn:aws:sns:us-east-1:000000000000:topic"]],
    ["denyAll", arns(1)],
  ] as const) {
    const given = JSON.stringify({ redrivePermission, sourceQueueArns });
    assert.throws(() => canonicalRedriveAllowPolicy(given), { code: "InvalidParameterValueException" }, given);
  }
});

test("what is of another form is refused as a whole", () => {
  for (const given of ["", "{", "null", "[]", "{}", '{"redrivePermission":"AllowAll"}', '{"redrivePermission":"denyAll","more":1}'])
    assert.throws(() => canonicalRedriveAllowPolicy(given), { code: "InvalidAttributeValue", message: /unsupported format\.$/ }, given);
});

test("all sources are allowed, none, or those that are named", () => {
  const named = (name: string) =>
    JSON.stringify({ redrivePermission: "byQueue", sourceQueueArns: [`arn:aws:sqs:us-east-1:000000000000:${name}`] });
  assert.equal(allowsSource(undefined, source), true);
  assert.equal(allowsSource('{"redrivePermission":"allowAll"}', source), true);
  assert.equal(allowsSource('{"redrivePermission":"denyAll"}', source), false);
  assert.equal(allowsSource(named("jobs"), source), true);
  assert.equal(allowsSource(named("other"), source), false);
});
