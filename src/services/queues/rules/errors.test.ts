import assert from "node:assert/strict";
import { test } from "node:test";
import * as sqs from "@aws-sdk/client-sqs";
import { covers } from "../../../../test/contract/covers.ts";
import * as errors from "./errors.ts";

test("every error that the SDK has a class for is in the table, and no other", () => {
  const classes = Object.values(sqs).filter(
    (value): value is typeof sqs.SQSServiceException => typeof value === "function" && value.prototype instanceof sqs.SQSServiceException,
  );
  const names = classes.map(({ name }) => name).sort();
  assert.ok(names.length > 20);
  assert.deepEqual(Object.keys(errors.QUEUE_ERRORS).sort(), names);
});

test("every shape has the code of the Query protocol and the status of the model", () => {
  covers(
    "sqs/2-queue-does-not-exist",
    "sqs/2-queue-name-exists",
    "sqs/2-queue-deleted-recently",
    "sqs/2-purge-queue-in-progress",
    "sqs/2-unsupported-operation",
    "sqs/2-message-not-inflight",
    "sqs/2-batches",
    "sqs/2-receipt-handle-is-invalid",
    "sqs/2-invalid-address",
    "sqs/2-resource-not-found",
    "sqs/2-over-limit",
    "sqs/2-request-throttled",
    "sqs/2-invalid-security",
    "sqs/2-invalid-attribute",
    "sqs/2-kms",
    "sqs/2-kms-opt-in",
  );
  const prefix = "AWS.SimpleQueueService.";
  const table: [shape: keyof typeof errors.QUEUE_ERRORS, queryCode: string, httpStatus: number][] = [
    ["QueueDoesNotExist", `${prefix}NonExistentQueue`, 400],
    ["QueueNameExists", "QueueAlreadyExists", 400],
    ["QueueDeletedRecently", `${prefix}QueueDeletedRecently`, 400],
    ["PurgeQueueInProgress", `${prefix}PurgeQueueInProgress`, 403],
    ["UnsupportedOperation", `${prefix}UnsupportedOperation`, 400],
    ["MessageNotInflight", `${prefix}MessageNotInflight`, 400],
    ["EmptyBatchRequest", `${prefix}EmptyBatchRequest`, 400],
    ["TooManyEntriesInBatchRequest", `${prefix}TooManyEntriesInBatchRequest`, 400],
    ["BatchEntryIdsNotDistinct", `${prefix}BatchEntryIdsNotDistinct`, 400],
    ["InvalidBatchEntryId", `${prefix}InvalidBatchEntryId`, 400],
    ["BatchRequestTooLong", `${prefix}BatchRequestTooLong`, 400],
    ["ReceiptHandleIsInvalid", "ReceiptHandleIsInvalid", 404],
    ["InvalidAddress", "InvalidAddress", 404],
    ["ResourceNotFoundException", "ResourceNotFoundException", 404],
    ["OverLimit", "OverLimit", 403],
    ["RequestThrottled", "RequestThrottled", 403],
    ["InvalidSecurity", "InvalidSecurity", 403],
    ["InvalidAttributeName", "InvalidAttributeName", 400],
    ["InvalidAttributeValue", "InvalidAttributeValue", 400],
    ["InvalidMessageContents", "InvalidMessageContents", 400],
    ["InvalidIdFormat", "InvalidIdFormat", 400],
    ["KmsAccessDenied", "KMS.AccessDeniedException", 400],
    ["KmsDisabled", "KMS.DisabledException", 400],
    ["KmsInvalidKeyUsage", "KMS.InvalidKeyUsageException", 400],
    ["KmsInvalidState", "KMS.InvalidStateException", 400],
    ["KmsNotFound", "KMS.NotFoundException", 400],
    ["KmsThrottled", "KMS.ThrottlingException", 400],
    ["KmsOptInRequired", "KMS.OptInRequired", 403],
  ];
  assert.deepEqual(table.map(([shape]) => shape).sort(), Object.keys(errors.QUEUE_ERRORS).sort());
  for (const [shape, queryCode, httpStatus] of table) {
    const kind: { httpStatus: number; queryCode?: string } = errors.QUEUE_ERRORS[shape];
    assert.deepEqual([kind.queryCode ?? shape, kind.httpStatus], [queryCode, httpStatus], shape);
  }
});

test("a queue that does not exist has two names and two texts, one for each protocol", () => {
  const { options } = errors.queueDoesNotExist();
  assert.deepEqual(
    { ...options },
    {
      code: "QueueDoesNotExist",
      httpStatus: 400,
      fault: "client",
      queryCode: "AWS.SimpleQueueService.NonExistentQueue",
      message: "The specified queue does not exist.",
      queryMessage: "The specified queue does not exist for this wsdl version.",
    },
  );
});

test("errors carry the code, status and text of AWS", () => {
  const table: [ReturnType<typeof errors.queueDoesNotExist>, string, number, string][] = [
    [
      errors.queueNameExists("DelaySeconds"),
      "QueueAlreadyExists",
      400,
      "A queue already exists with the same name and a different value for attribute DelaySeconds",
    ],
    [
      errors.queueDeletedRecently(),
      "AWS.SimpleQueueService.QueueDeletedRecently",
      400,
      "You must wait 60 seconds after deleting a queue before you can create another with the same name.",
    ],
    [
      errors.purgeQueueInProgress("q"),
      "AWS.SimpleQueueService.PurgeQueueInProgress",
      403,
      "Only one PurgeQueue operation on q is allowed every 60 seconds.",
    ],
    [
      errors.emptyBatchRequest("SendMessageBatchRequestEntry"),
      "AWS.SimpleQueueService.EmptyBatchRequest",
      400,
      "There should be at least one SendMessageBatchRequestEntry in the request.",
    ],
    [
      errors.tooManyEntriesInBatchRequest(11),
      "AWS.SimpleQueueService.TooManyEntriesInBatchRequest",
      400,
      "Maximum number of entries per request are 10. You have sent 11.",
    ],
    [errors.batchEntryIdsNotDistinct("b"), "AWS.SimpleQueueService.BatchEntryIdsNotDistinct", 400, "Id b repeated."],
    [
      errors.batchRequestTooLong(1_048_577),
      "AWS.SimpleQueueService.BatchRequestTooLong",
      400,
      "Batch requests cannot be longer than 1048576 bytes. You have sent 1048577 bytes.",
    ],
    [
      errors.messageTooLong(1024),
      "InvalidParameterValue",
      400,
      "One or more parameters are invalid. Reason: Message must be shorter than 1024 bytes.",
    ],
    [
      errors.messageTooLongInBatch(1024),
      "InvalidParameterValue",
      400,
      "One or more parameters cannot be validated. Reason: Message must be shorter than 1024 bytes.",
    ],
    [errors.missingParameter("MessageBody"), "MissingParameter", 400, "The request must contain the parameter MessageBody."],
    [errors.unknownAction("Fly", true), "InvalidAction", 400, "The action Fly is not valid for this endpoint."],
    [
      errors.visibilityOverLimit(43_199),
      "InvalidParameterValue",
      400,
      "Value 43199 for parameter VisibilityTimeout is invalid. Reason: Total VisibilityTimeout for the message is beyond the limit [43200 seconds].",
    ],
  ];
  for (const [error, queryCode, httpStatus, message] of table) {
    const { options } = error;
    assert.deepEqual([options.queryCode ?? options.code, options.httpStatus, options.message], [queryCode, httpStatus, message]);
    assert.equal(options.fault, "client");
  }
});

test("a receipt handle that is not one is answered with 404, and named", () => {
  const { options } = errors.receiptHandleIsInvalid("garbage");
  assert.deepEqual(
    [options.code, options.httpStatus, options.message],
    ["ReceiptHandleIsInvalid", 404, 'The input receipt handle "garbage" is not a valid receipt handle.'],
  );
});

test("errors outside the model have the namespace of their own", () => {
  assert.equal(errors.missingParameter("X").options.namespace, "com.amazon.coral.service");
  assert.equal(errors.queueDoesNotExist().options.namespace, undefined);
});
