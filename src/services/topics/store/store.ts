import type { Permission } from "../../../access/permissions.ts";
import type { CheckArgs, CheckPiece } from "../../../storage/storage.ts";
import type { DeliveryPolicy } from "../rules/delivery-policy.ts";
import type { Protocol } from "../rules/endpoint.ts";
import type { Outgoing } from "../rules/outgoing.ts";
import type { Publication } from "../rules/publication.ts";
import type { SignatureVersion } from "../rules/signature.ts";
import type { Tags } from "../rules/tags.ts";
import type { SubscriptionRef, TopicRef } from "../rules/topic-arn.ts";
import type { StoredAttributes, SubscriptionCounts } from "../rules/topic-attributes.ts";

export type { Permission, Publication, Protocol, StoredAttributes, SubscriptionCounts, SubscriptionRef, Tags, TopicRef };

/**
 * The store port of the topic service. One operation is one decision about one topic: it finds the topic, applies the
 * rules to the rows it reads and writes what they decide. All of them run in a transaction; what they refuse with
 * (`rules/errors.ts`) writes nothing. Where a topic is named with who asks for it (`asker`), its policy is asked first.
 * `store.suite.ts` is the meaning of this page, run on every engine.
 */
export interface TopicOperations {
  // Topics

  /** Creates the topic, or finds one of that name that has all the attributes and tags that are given. */
  createTopic(args: { topic: TopicRef; attributes: StoredAttributes; tags: Tags }): { created: boolean };
  /** Removes the topic with its subscriptions; one that is not there is as good as removed. */
  deleteTopic(args: { topic: TopicRef }): void;
  describeTopic(args: { topic: TopicRef }): TopicDescription;
  /** Changes the named attributes; an empty text removes one. */
  setTopicAttributes(args: { topic: TopicRef; attributes: StoredAttributes }): void;
  /** Adds a statement to the policy. */
  addPermission(args: { topic: TopicRef; permission: Permission }): void;
  /** Removes the statement of that label, if there is one. */
  removePermission(args: { topic: TopicRef; label: string }): void;
  /** Names in ascending order, from the one after `after`. */
  listTopics(args: { account: string; region: string; after: string; limit: number }): { names: string[]; more: boolean };
  addTags(args: { topic: TopicRef; tags: Tags }): void;
  removeTags(args: { topic: TopicRef; keys: readonly string[] }): void;
  listTags(args: { topic: TopicRef }): Tags;

  // Subscriptions

  /** Adds a subscription, or finds the one of that protocol and endpoint that has all the attributes that are given. */
  subscribe(args: NewSubscription): Subscribed;
  /** Confirms what a token was made for; once more is the same. Undefined: it is nobody's, or too old. */
  confirmSubscription(args: Confirmation): SubscriptionRef | undefined;
  /** Ends a subscription, if there is one. An HTTP endpoint that somebody unknown has ended is asked whether it wants it back. */
  unsubscribe(args: Ending): void;
  describeSubscription(args: { subscription: SubscriptionRef }): SubscriptionDescription;
  /** Changes one attribute; an empty text removes it. */
  setSubscriptionAttribute(args: { subscription: SubscriptionRef; name: string; value: string }): void;
  /** The account's own subscriptions, whosever topics they are to, in the order of their making, from the one after `after`. */
  listSubscriptions(args: { account: string; region: string; after: number; limit: number }): SubscriptionPage;
  listSubscriptionsByTopic(args: { topic: TopicRef; after: number; limit: number }): SubscriptionPage;

  // Messages

  /**
   * Brings messages to every confirmed subscription that wants them, in the order given: into queues in this same
   * transaction. What a queue does not take goes to the subscription's dead-letter queue, and is told. What a FIFO topic has
   * taken in the last five minutes is answered as it was then, and brought to nobody. Where a subscription wants
   * the envelope of a message that is not signed for it, it answers how to sign, and has done nothing.
   */
  publish(args: PublishArgs): Published | Unsigned;
  /** The same for a message that another service publishes: answered, and never refused, so that it keeps nothing else of its unit out. */
  deliver(args: { topic: TopicRef; message: NewPublication }): Delivered;

  // Messages on their way to HTTP endpoints

  /** Takes some of what is due to be sent, of each subscription a few. What is taken is settled, or waits again after a start. */
  takeDeliveries(args: TakeArgs): Taken;
  /**
   * Notes what became of a message. One that has failed for good goes to the subscription's dead-letter queue in the form that
   * the endpoint would have got; a confirmation goes nowhere.
   */
  settleDelivery(args: { id: number; outcome: DeliveryOutcome }): Settled;
  /** Whatever was taken waits again: to be asked at the start alone. */
  releaseDeliveries(args: Record<string, never>): void;

  /**
   * Looks for what is wrong in the tables: subscriptions without their topic, counts that differ from rows. It writes
   * nothing.
   */
  check(args: CheckArgs): CheckPiece;
}

/** The names of the operations, for whoever makes a client of them. */
export const TOPIC_OPERATIONS = [
  "createTopic",
  "deleteTopic",
  "describeTopic",
  "setTopicAttributes",
  "addPermission",
  "removePermission",
  "listTopics",
  "addTags",
  "removeTags",
  "listTags",
  "subscribe",
  "confirmSubscription",
  "unsubscribe",
  "describeSubscription",
  "setSubscriptionAttribute",
  "listSubscriptions",
  "listSubscriptionsByTopic",
  "publish",
  "deliver",
  "takeDeliveries",
  "settleDelivery",
  "releaseDeliveries",
  "check",
] as const satisfies readonly (keyof TopicOperations)[];

export interface TopicDescription {
  /** What was set; defaults are not filled in. */
  readonly attributes: StoredAttributes;
  readonly counts: SubscriptionCounts;
}

export interface NewSubscription {
  readonly topic: TopicRef;
  /** A UUID, for one that is new. */
  readonly id: string;
  readonly protocol: Protocol;
  readonly endpoint: string;
  readonly attributes: StoredAttributes;
  /** Who subscribes: account and ARN. */
  readonly owner: string;
  readonly principal: string;
  /** What the URLs that subscribers are given begin with. */
  readonly baseUrl: string;
  /** By which an HTTP endpoint confirms: hexadecimal digits that nobody can guess. */
  readonly token: string;
}

export interface Confirmation {
  readonly token: string;
  /** Whether whoever confirms has said who it is. */
  readonly authenticated: boolean;
  /** Whether only such a one may end the subscription. */
  readonly signedEnd: boolean;
}

export interface Ending {
  readonly subscription: SubscriptionRef;
  /** Whether the caller has said who it is. */
  readonly authenticated: boolean;
  /** By which an HTTP endpoint has the subscription back. */
  readonly token: string;
}

export interface Subscribed {
  readonly id: string;
  readonly confirmed: boolean;
}

export interface SubscriptionSummary {
  /** Its place in the order of making. */
  readonly sequence: number;
  readonly subscription: SubscriptionRef;
  readonly owner: string;
  readonly protocol: Protocol;
  readonly endpoint: string;
  readonly confirmed: boolean;
}

export interface SubscriptionPage {
  readonly subscriptions: readonly SubscriptionSummary[];
  readonly more: boolean;
}

export interface SubscriptionDescription extends Omit<SubscriptionSummary, "sequence"> {
  readonly attributes: StoredAttributes;
  readonly principal: string;
  /** As it is stored; null: the topic has none. */
  readonly topicDeliveryPolicy: string | null;
  /** Whether whoever confirmed it has said who it was. */
  readonly authenticated: boolean;
}

export interface NewPublication extends Publication {
  /** The MessageId. */
  readonly id: string;
  /** `2026-01-31T12:00:00.000Z` */
  readonly timestamp: string;
  readonly traceHeader: string | null;
  /** None: the message was not signed. */
  readonly signatures: readonly Signature[];
}

/** A signature of a message as subscribers of some protocols get it. */
export interface Signature {
  readonly version: SignatureVersion;
  /** The text that was signed. */
  readonly text: string;
  /** Base64. */
  readonly signature: string;
  /** Path of the certificate that proves it. */
  readonly certificatePath: string;
}

export interface PublishArgs {
  readonly topic: TopicRef;
  readonly messages: readonly NewPublication[];
  /** Whether the messages came as a batch, which decides the words of a refusal. */
  readonly batch: boolean;
}

export interface Published extends DeliveryCounts {
  readonly accepted: readonly AcceptedPublication[];
  /** How messages of this topic are to be signed; null: nobody wants a signature. */
  readonly signedBy: SignatureVersion | null;
}

/** What must be signed before it can be published. */
export interface Unsigned {
  readonly accepted: null;
  readonly signedBy: SignatureVersion;
}

export interface AcceptedPublication {
  readonly id: string;
  /** Its place in the order of a FIFO topic. */
  readonly sequence: number | null;
}

/** `gone`: there is no such topic; `denied`: its policy does not let the service. */
export type Delivered = ({ readonly outcome: "delivered" } & DeliveryCounts) | { readonly outcome: "gone" | "denied" | "unsigned" };

export interface DeliveryCounts {
  /** Messages that endpoints have taken. */
  readonly delivered: number;
  /** Of those that they have not, the first. */
  readonly failed: readonly FailedDelivery[];
  /** How many failed besides; absent where none did. */
  readonly failedBesides?: readonly FailedCount[];
  /** Some wait now to be sent to HTTP endpoints. */
  readonly waits?: true;
}

export interface TakeArgs {
  readonly limit: number;
  /** Subscriptions, by their UUIDs, of which nothing more is to be taken now. */
  readonly busy: readonly string[];
}

export interface Taken {
  readonly messages: readonly Outbound[];
  /** There may be more that is due. */
  readonly again: boolean;
  /** Until something else is due; null: nothing is. */
  readonly nextMs: number | null;
}

/** A message that was taken to be sent. */
export interface Outbound {
  readonly id: number;
  /** Its UUID. */
  readonly subscription: string;
  /** That have failed before. */
  readonly tries: number;
  readonly message: Outgoing;
  readonly policy: DeliveryPolicy;
}

/** @param body what the endpoint would have got. */
export type DeliveryOutcome =
  | { readonly kind: "delivered" }
  | { readonly kind: "later"; readonly delayMs: number }
  | { readonly kind: "failed"; readonly body: string };

export interface Settled {
  /** What became of it in the dead-letter queue; null: it was not sent there. */
  readonly deadLetter: string | null;
}

/** So many messages that endpoints have not taken, each with the same outcome. */
export interface FailedCount extends Pick<FailedDelivery, "reason" | "deadLetter"> {
  readonly count: number;
}

/** A message that its endpoint has not taken. */
export interface FailedDelivery {
  readonly subscriptionArn: string;
  readonly endpoint: string;
  /** `gone`: there is no such queue; `denied`: its policy does not let us; `too-long`: for the queue; `unfit`: it takes no such message. */
  readonly reason: string;
  /** What became of it in the dead-letter queue; null where the subscription has none, and the message is lost to it. */
  readonly deadLetter: string | null;
}
