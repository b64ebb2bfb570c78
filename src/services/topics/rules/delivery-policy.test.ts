import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { covers } from "../../../../test/contract/covers.ts";
import { ServiceError } from "../../../kernel/service-error.ts";
import {
  canonicalTopicPolicy,
  checkSubscriptionPolicy,
  effectivePolicy,
  retryDelayMs,
  shownSubscriptionPolicy,
  shownTopicPolicy,
  type BackoffFunction,
  type RetryPolicy,
} from "./delivery-policy.ts";

const refuse = (message: string) => new ServiceError({ code: "InvalidParameter", httpStatus: 400, fault: "client", message });

const policy = (given: Partial<RetryPolicy>): RetryPolicy => ({ ...effectivePolicy(undefined, undefined).retry, ...given });

/** Seconds before each retry. */
const delays = (given: RetryPolicy) => Array.from({ length: given.numRetries }, (_, at) => (retryDelayMs(given, at + 1) ?? 0) / 1000);

test("three retries, each after twenty seconds, unless a policy says otherwise", () => {
  assert.deepEqual(delays(policy({})), [20, 20, 20]);
  assert.equal(retryDelayMs(policy({}), 4), undefined);
});

test("retries come at once, then after the least delay, then later and later, then after the greatest", () => {
  covers("sns/6.3-phases");
  const phases = { numRetries: 9, numNoDelayRetries: 2, numMinDelayRetries: 2, numMaxDelayRetries: 2 };
  assert.deepEqual(delays(policy({ ...phases, minDelayTarget: 10, maxDelayTarget: 30 })), [0, 0, 10, 10, 10, 20, 30, 30, 30]);
});

test("delays grow by equal steps, growing steps, equal factors or doubled steps", () => {
  const growing = (backoffFunction: BackoffFunction) =>
    delays(policy({ minDelayTarget: 1, maxDelayTarget: 16, numRetries: 5, backoffFunction })).map((delay) => Math.round(delay * 10) / 10);
  assert.deepEqual(growing("linear"), [1, 4.8, 8.5, 12.3, 16]);
  assert.deepEqual(growing("arithmetic"), [1, 2.5, 5.5, 10, 16]);
  assert.deepEqual(growing("geometric"), [1, 2, 4, 8, 16]);
  assert.deepEqual(growing("exponential"), [1, 2, 4, 8, 16]);
});

test("no delay is outside its range, and none is shorter than the one before", () => {
  const some = fc.record({
    minDelayTarget: fc.integer({ min: 1, max: 100 }),
    maxDelayTarget: fc.integer({ min: 100, max: 3600 }),
    numRetries: fc.integer({ min: 4, max: 100 }),
    numMaxDelayRetries: fc.nat(2),
    numNoDelayRetries: fc.constant(0),
    numMinDelayRetries: fc.nat(2),
    backoffFunction: fc.constantFrom<BackoffFunction>("linear", "arithmetic", "geometric", "exponential"),
  });
  fc.assert(
    fc.property(some, (given) => {
      const all = delays(given);
      return all.every((delay, at) => delay >= given.minDelayTarget && delay <= given.maxDelayTarget && delay >= (all[at - 1] ?? 0));
    }),
  );
});

test("a subscription's policy goes before its topic's, part by part, unless the topic forbids it", () => {
  covers("sns/6.3-effective", "sns/3.4-effective-policy");
  const topic = {
    http: {
      defaultHealthyRetryPolicy: { numRetries: 5 },
      defaultThrottlePolicy: { maxReceivesPerSecond: 7 },
      defaultRequestPolicy: { headerContentType: "text/csv" },
    },
  };
  const own = JSON.stringify({ healthyRetryPolicy: { numRetries: 1 }, throttlePolicy: null });
  const effective = effectivePolicy(own, JSON.stringify(topic));
  assert.deepEqual([effective.retry.numRetries, effective.maxReceivesPerSecond, effective.contentType], [1, 7, "text/csv"]);
  const closed = JSON.stringify({ http: { ...topic.http, disableSubscriptionOverrides: true } });
  assert.equal(effectivePolicy(own, closed).retry.numRetries, 5);
  const nothing = JSON.stringify({ http: { defaultHealthyRetryPolicy: null } });
  assert.equal(effectivePolicy(undefined, nothing).retry.numRetries, 3);
});

test("a wrong policy is refused with what is wrong", () => {
  covers("sns/6.3-ranges", "sns/6.3-content-type");
  const told = (given: unknown): string => {
    try {
      checkSubscriptionPolicy(typeof given === "string" ? given : JSON.stringify(given), refuse);
      return "";
    } catch (error) {
      assert.ok(error instanceof ServiceError, String(error));
      return error.message;
    }
  };
  const retry = (healthyRetryPolicy: unknown) => told({ healthyRetryPolicy });
  assert.equal(told({}), "");
  assert.equal(retry({ numRetries: 100, minDelayTarget: 1, maxDelayTarget: 36 }), "");
  assert.match(told("{"), /^DeliveryPolicy: failed to parse JSON/);
  assert.match(told("[]"), /must be a JSON object/);
  assert.match(told({ http: {} }), /unknown member http/);
  assert.match(retry(5), /healthyRetryPolicy must be a JSON object/);
  assert.match(retry({ numRetries: 101 }), /numRetries must be a whole number from 0 to 100/);
  assert.match(retry({ minDelayTarget: 0 }), /minDelayTarget must be a whole number from 1 to 3600/);
  assert.match(retry({ minDelayTarget: 30, maxDelayTarget: 20 }), /minDelayTarget must be less/);
  assert.match(retry({ numRetries: 2, numNoDelayRetries: 3 }), /numRetries must be at least/);
  assert.match(retry({ numRetries: 100, minDelayTarget: 60, maxDelayTarget: 60 }), /no longer than 3600 seconds/);
  assert.match(retry({ backoffFunction: "random" }), /backoffFunction must be one of linear/);
  assert.match(told({ throttlePolicy: { maxReceivesPerSecond: 0 } }), /maxReceivesPerSecond must be a whole number of at least 1/);
  assert.match(told({ requestPolicy: { headerContentType: "video/mp4" } }), /headerContentType must be one of/);
  assert.match(told({ requestPolicy: { headerContentType: "text/csv\r\nx: y" } }), /headerContentType must be one of/);
  assert.equal(told({ requestPolicy: { headerContentType: "text/csv; charset=UTF-8" } }), "");
});

test("policies are shown with what they leave out", () => {
  covers("sns/6.3-forms");
  assert.deepEqual(JSON.parse(shownSubscriptionPolicy('{"throttlePolicy":{"maxReceivesPerSecond":5}}')), {
    healthyRetryPolicy: null,
    sicklyRetryPolicy: null,
    throttlePolicy: { maxReceivesPerSecond: 5 },
    requestPolicy: null,
    guaranteed: false,
  });
  const stored = canonicalTopicPolicy('{"http":{"defaultHealthyRetryPolicy":{"numRetries":5}}}', refuse);
  assert.deepEqual(JSON.parse(stored), { http: { defaultHealthyRetryPolicy: { numRetries: 5 }, disableSubscriptionOverrides: false } });
  const { http } = JSON.parse(shownTopicPolicy(stored)) as { http: { defaultHealthyRetryPolicy: RetryPolicy } };
  assert.deepEqual(http.defaultHealthyRetryPolicy, policy({ numRetries: 5 }));
});
