import { documented, guess, recorded, type Behaviours } from "../row.ts";

/** Section 4: subscriptions and their attributes. */
export const SUBSCRIPTIONS = {
  "4.1-protocol": recorded("A protocol that does not exist: Amazon SNS does not support this protocol string."),
  "4.1-not-offered": guess("A protocol over which nothing would ever be delivered is refused by its name."),
  "4.1-scheme": guess("An endpoint whose scheme is not the protocol: Endpoint must match the specified protocol."),
  "4.1-queue-arn": recorded("The endpoint of sqs is the ARN of a queue; a URL or anything else is an InvalidParameter: SQS endpoint ARN."),
  "4.1-absent-queue": recorded("A queue that does not exist can be subscribed."),
  "4.1-fifo-queue": recorded("A FIFO queue cannot be subscribed to a standard topic; the refusal has its first words twice."),
  "4.1-standard-queue": recorded("A standard queue can be subscribed to a FIFO topic."),
  "4.1-http-on-fifo": documented("An HTTP endpoint cannot be subscribed to a FIFO topic."),
  "4.1-confirmed": recorded("A queue of the same account is confirmed at once, and shown as confirmed by somebody known."),
  "4.1-pending": recorded("An HTTP endpoint is answered pending confirmation, or with ReturnSubscriptionArn its ARN."),
  "4.1-again": recorded("The same protocol and endpoint are the same subscription where every given attribute equals, defaults counted."),
  "4.1-different": recorded("With another attribute: Subscription already exists with different attributes."),
  "4.1-pending-again": guess("A pending HTTP endpoint that is subscribed again is asked again."),
  "4.1-reason": recorded("Subscribe says of a bad attribute that it is one, Attributes Reason; SetSubscriptionAttributes does not."),

  "4.2-names": recorded("A name that is no attribute is an InvalidParameter of AttributeName."),
  "4.2-raw": recorded("RawMessageDelivery is true or false in any case, and shown in lower case."),
  "4.2-filter-policy": recorded("FilterPolicy is JSON, and an empty text removes it; other text: failed to parse JSON."),
  "4.2-empty-filter": guess("An empty filter policy lets everything through."),
  "4.2-scope": recorded("FilterPolicyScope is MessageAttributes or MessageBody."),
  "4.2-scope-shown": recorded("The scope is kept when it is set before a policy, and shown only beside one."),
  "4.2-nested": recorded("A nested policy is refused in the scope of message attributes."),
  "4.2-scope-of-nested": guess("A change of the scope is refused where the policy does not fit it."),
  "4.2-redrive": recorded("RedrivePolicy names a queue by its ARN; anything else: deadLetterTargetArn is an invalid arn."),
  "4.2-redrive-fifo": recorded("A FIFO queue on a FIFO topic needs a FIFO dead-letter queue; a standard queue may have a standard one."),
  "4.3-shown": recorded("A subscription shows what it is and who made it, and policies where they were set."),
  "4.3-absent": recorded("A subscription that does not exist: NotFound, Subscription does not exist."),
  "4.3-unsubscribe-twice": recorded("Unsubscribe twice is 200 both times; then the subscription is not found."),
} satisfies Behaviours;
