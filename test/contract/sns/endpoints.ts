import { documented, guess, model, recorded, type Behaviours } from "../row.ts";

/** Sections 6 to 9: HTTP endpoints, queues, FIFO topics, dead-letter queues. */
export const ENDPOINTS = {
  "6.1-handshake": recorded(
    "An HTTP endpoint is sent a SubscriptionConfirmation with a Token and a SubscribeURL, also where delivery is raw.",
  ),
  "6.1-headers": recorded(
    "Requests to an endpoint say their type, message and topic in headers, and but for the first one their subscription.",
  ),
  "6.1-content-type": recorded("The content type that a delivery policy names is that of notifications alone."),
  "6.1-confirm": recorded(
    "A GET of the SubscribeURL confirms, and so does ConfirmSubscription; again is the same ARN.",
    "ConfirmSubscription",
  ),
  "6.1-bad-topic": recorded("ConfirmSubscription with no ARN of a topic of this region: Invalid parameter: Topic.", "ConfirmSubscription"),
  "6.1-unknown-token": recorded("A token of nobody: Invalid parameter: Token.", "ConfirmSubscription"),
  "6.1-no-token": recorded("A token that is not hexadecimal: Invalid token.", "ConfirmSubscription"),
  "6.1-other-topic": recorded("A token confirms also with the ARN of another topic of the region.", "ConfirmSubscription"),
  "6.1-two-days": model("A token is good for two days; what is pending then is dropped.", "ConfirmSubscription"),
  "6.1-nothing-before": documented("Nothing is delivered before the confirmation."),
  "6.1-authenticated": model("With AuthenticateOnUnsubscribe an end needs a signature.", "Unsubscribe"),
  "6.1-unsubscribed": recorded(
    "Whoever is unsubscribed by a plain GET is sent an UnsubscribeConfirmation by which it can be restored.",
    "Unsubscribe",
  ),

  "6.2-success": documented("A status of 2xx within 15 seconds is success."),
  "6.2-retried": documented("Retried are failures of the connection, timeouts, 5xx and 429."),
  "6.2-permanent": documented("Any other 4xx is permanent: dead-letter queue, or dropped."),
  "6.2-redirect": guess("A redirect is permanent."),
  "6.3-forms": recorded("A subscription's policy and a topic's have their own forms; what is shown has every member."),
  "6.3-effective": recorded("The subscription's policy counts before the topic's, that before the default."),
  "6.3-phases": documented("Retries come at once, then after the least delay, then growing, then after the greatest."),
  "6.3-ranges": documented("Delays, numbers and the whole have their limits."),
  "6.3-content-type": documented("The content type is one of those that AWS lists; text/plain by default."),

  "7-queue": recorded("A message comes to a queue with the queue's own delay and retention."),
  "7-trace": recorded("The trace header of the publish is the message's AWSTraceHeader."),
  "7-sender": recorded("The sender is the service, not the publisher."),
  "7-refused": recorded("A queue that is gone or whose policy forbids it: dead-letter queue or dropped, the subscription stays."),
  "7-made-again": guess("A queue that is made again under its name gets messages again."),
  "7-policy": documented("A queue's policy sees the service sns.amazonaws.com, and the topic as aws:SourceArn."),
  "7-lenient": guess(
    "Without credentials queues of the same account are not asked; with them a policy must allow what comes, and a queue without one takes what its own account brings.",
  ),
  "7-counted": guess("A delivery that was refused is counted and logged."),

  "8-order": recorded("Every FIFO queue sees the messages of a group in the order of their publishing."),
  "8-duplicate": recorded(
    "A duplicate within five minutes is answered with the first MessageId and SequenceNumber, and delivered to nobody.",
  ),
  "8-other-group": recorded("The same id in another group is a duplicate."),
  "8-per-group": model("With a FifoThroughputScope of MessageGroup it is not."),
  "8-filtered": guess("A message that no subscription wanted counts for duplicates as well."),
  "8-content": recorded("An id of the content is the SHA-256 of the message; it is the deduplication id in the queue."),
  "8-queue": recorded("A FIFO queue gets group and deduplication id and gives its own SequenceNumber; the envelope has the topic's."),
  "8-standard-queue": recorded("A standard queue gets neither, and no duplicate either."),
  "8-fair": recorded("The group of a standard topic's message is that of the message in a standard queue."),
  "8-independent": guess("A subscriber that fails holds no other back."),

  "9-body": recorded("The dead-letter queue gets what the endpoint would have got, with nothing added."),
  "9-fifo": recorded("And with the same group and deduplication id."),
} satisfies Behaviours;
