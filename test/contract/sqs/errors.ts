import { documented, guess, model, recorded, recordedByAnother, type Behaviours } from "../row.ts";

/** Section 2: every error's shape, its code in the Query protocol and its HTTP status. */
export const ERRORS = {
  "2-queue-does-not-exist": model("QueueDoesNotExist: AWS.SimpleQueueService.NonExistentQueue, 400."),
  "2-queue-name-exists": model("QueueNameExists: QueueAlreadyExists, 400."),
  "2-queue-deleted-recently": model("QueueDeletedRecently: AWS.SimpleQueueService.QueueDeletedRecently, 400."),
  "2-purge-queue-in-progress": model("PurgeQueueInProgress: AWS.SimpleQueueService.PurgeQueueInProgress, 403."),
  "2-unsupported-operation": model("UnsupportedOperation: AWS.SimpleQueueService.UnsupportedOperation, 400."),
  "2-message-not-inflight": model("MessageNotInflight: AWS.SimpleQueueService.MessageNotInflight, 400."),
  "2-batches": model(
    "EmptyBatchRequest, TooManyEntriesInBatchRequest, BatchEntryIdsNotDistinct, InvalidBatchEntryId and BatchRequestTooLong: AWS.SimpleQueueService.‹the same›, 400.",
  ),
  "2-receipt-handle-is-invalid": model("ReceiptHandleIsInvalid: the same, 404."),
  "2-invalid-address": model("InvalidAddress: the same, 404."),
  "2-resource-not-found": model("ResourceNotFoundException: the same, 404."),
  "2-over-limit": model("OverLimit: the same, 403."),
  "2-request-throttled": model("RequestThrottled: the same, 403."),
  "2-invalid-security": model("InvalidSecurity: the same, 403."),
  "2-invalid-attribute": model("InvalidAttributeName, InvalidAttributeValue, InvalidMessageContents and InvalidIdFormat: the same, 400."),
  "2-kms": model("KmsAccessDenied, KmsDisabled, KmsInvalidKeyUsage, KmsInvalidState, KmsNotFound and KmsThrottled: KMS.‹…›Exception, 400."),
  "2-kms-opt-in": model("KmsOptInRequired: KMS.OptInRequired, 403."),
  "2-invalid-parameter-value": recorded("InvalidParameterValueException: InvalidParameterValue, 400; what most wrong values are."),
  "2-missing-parameter": recorded("MissingRequiredParameterException: MissingParameter, 400; a required member is absent."),
  "2-serialization": recordedByAnother(
    "SerializationException: MalformedInput, 400; the body is no JSON, no object, or a member is of another type.",
  ),
  "2-unknown-operation": recordedByAnother("UnknownOperationException: InvalidAction, 400; there is no such operation."),
  "2-internal-failure": guess("InternalFailure: the same, 500; our own fault."),
  "2-service-unavailable": guess("ServiceUnavailable: the same, 503; to be tried again."),
  "2-throttling": documented("ThrottlingException: Throttling, 400; too many requests."),
  "2-sdk-retries": model("SDKs try again after 500, 502, 503, 504 and throttling, and after no other error."),
  "2-text-missing-member": recorded("A missing member: The request must contain the parameter ‹name›."),
  "2-text-no-queue": recorded(
    "A missing queue: The specified queue does not exist., in Query: The specified queue does not exist for this wsdl version.",
  ),
  "2-text-bad-value": recorded("A wrong value: Value ‹v› for parameter ‹name› is invalid. Reason: ‹reason›"),
  "2-text-bad-handle": recorded('A wrong handle: The input receipt handle "‹h›" is not a valid receipt handle.'),
  "2-text-unknown-attribute": recorded("An unknown attribute: Unknown Attribute ‹name›."),
} satisfies Behaviours;
