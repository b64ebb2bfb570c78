import assert from "node:assert/strict";
import { test } from "node:test";
import * as sqs from "@aws-sdk/client-sqs";
import { seededRandom } from "../../kernel/random.ts";
import type { Storage } from "../../storage/storage.ts";
import { createQueues } from "./index.ts";

const storage: Storage = {
  unit: () => Promise.reject(new Error("no operation is expected here")),
  report: new Map(),
  stop: () => Promise.resolve(),
};
const { api } = createQueues({ storage, random: seededRandom(1), ownAccountAsked: false });

test("every action of the SDK is offered, and no other", () => {
  const commands = Object.keys(sqs).flatMap((name) => /^([A-Z]\w+)Command$/.exec(name)?.[1] ?? []);
  assert.equal(commands.length, 23);
  assert.deepEqual(Object.keys(api.actions).sort(), commands.sort());
});

test("an action stands under the name of its operation", () => {
  for (const [name, { operation }] of Object.entries(api.actions)) assert.equal(operation.name, name);
});

test("a request without a QueueUrl is about a queue that does not exist", () => {
  assert.equal(api.errors.missingParameter("QueueUrl").code, "QueueDoesNotExist");
  assert.equal(api.errors.missingParameter("QueueName").message, "The request must contain the parameter QueueName.");
});
