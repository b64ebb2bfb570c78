import assert from "node:assert/strict";
import { test } from "node:test";
import * as sqs from "@aws-sdk/client-sqs";
import { seededRandom } from "../../kernel/random.ts";
import type { Storage } from "../../storage/storage.ts";
import { createQueues } from "./index.ts";

const storage: Storage = { unit: () => Promise.reject(new Error("no operation is expected here")), stop: () => Promise.resolve() };
const { api } = createQueues({ storage, random: seededRandom(1), ownAccountAsked: false });

test("every action of the SDK is offered or refused by name, and no other", () => {
  const commands = Object.keys(sqs).flatMap((name) => /^([A-Z]\w+)Command$/.exec(name)?.[1] ?? []);
  assert.equal(commands.length, 23);
  assert.deepEqual([...Object.keys(api.actions), ...api.notOffered].sort(), commands.sort());
});

test("an action stands under the name of its operation", () => {
  for (const [name, { operation }] of Object.entries(api.actions)) assert.equal(operation.name, name);
});

test("what is not offered is refused with the reason", () => {
  for (const name of api.notOffered) {
    const { options } = api.errors.notOffered(name);
    assert.deepEqual([options.code, options.httpStatus], ["UnsupportedOperation", 400]);
    assert.match(
      options.message,
      new RegExp(`^${name} is not supported by this release of Millrace: it has no (dead-letter queues|message move tasks) yet\\.$`),
    );
  }
});

test("a request without a QueueUrl is about a queue that does not exist", () => {
  assert.equal(api.errors.missingParameter("QueueUrl").code, "QueueDoesNotExist");
  assert.equal(api.errors.missingParameter("QueueName").message, "The request must contain the parameter QueueName.");
});
