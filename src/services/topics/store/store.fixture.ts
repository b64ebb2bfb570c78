import assert from "node:assert/strict";
import { afterEach, beforeEach } from "node:test";
import { manualClock, type ManualClock } from "../../../kernel/clock.ts";
import { ServiceError } from "../../../kernel/service-error.ts";
import { storeClient, type Storage, type StoreClient } from "../../../storage/storage.ts";
import type { QueueMessage } from "../needs.ts";
import {
  TOPIC_OPERATIONS,
  type NewPublication,
  type NewSubscription,
  type Published,
  type TopicOperations,
  type TopicRef,
} from "./store.ts";

/** An empty store beside queues that are only a list: those that are `gone` or `denied` by their names take nothing. */
export interface TopicStoreUnderTest {
  readonly storage: Storage;
  /** What queues have taken by now, as it is stored. */
  delivered(): readonly QueueMessage[];
  /** Ends the engine and starts another one on the same data. */
  reopen(): Promise<void>;
  /** So many topics in one go, as if each had been created: their names begin with a number. */
  makeMany(like: TopicRef, count: number): Promise<void>;
  close(): Promise<void>;
}

export type OpenTopics = (clock: ManualClock) => Promise<TopicStoreUnderTest>;

export const ACCOUNT = "000000000000";
export const NEWS = { account: ACCOUNT, region: "us-east-1", name: "news" };
export const ORDERED = { ...NEWS, name: "news.fifo" };
export const queueArn = (name: string) => `arn:aws:sqs:us-east-1:${ACCOUNT}:${name}`;
export const refusedWith =
  (code: string, text = /./) =>
  (error: unknown) =>
    error instanceof ServiceError && error.options.queryCode === code && text.test(error.message);

/** What a test works with: a store of its own with the topics `news` and `news.fifo`. */
export interface TopicScene {
  readonly clock: ManualClock;
  readonly storage: Storage;
  readonly store: StoreClient<TopicOperations>;
  /** `queue: body` of what queues have taken, in the order in which they took it. */
  readonly delivered: () => string[];
  readonly messages: () => readonly QueueMessage[];
  readonly reopen: () => Promise<void>;
  readonly makeMany: TopicStoreUnderTest["makeMany"];
}

/** Registers the hooks that make a scene for each test. */
export function topicFixture(open: OpenTopics) {
  let scene: TopicScene & { close: () => Promise<void> };

  beforeEach(async () => {
    const clock = manualClock();
    const subject = await open(clock);
    const client = () => storeClient<TopicOperations>(subject.storage, "topics", TOPIC_OPERATIONS);
    scene = {
      clock,
      get storage() {
        return subject.storage;
      },
      get store() {
        return client();
      },
      messages: () => subject.delivered(),
      delivered: () => subject.delivered().map(({ queueArn, body }) => `${queueArn.slice(queueArn.lastIndexOf(":") + 1)}: ${body}`),
      reopen: () => subject.reopen(),
      makeMany: (like, count) => subject.makeMany(like, count),
      close: () => subject.close(),
    };
    await scene.store.createTopic({ topic: NEWS, attributes: {}, tags: {} });
    await scene.store.createTopic({ topic: ORDERED, attributes: {}, tags: {} });
  });
  afterEach(() => scene.close());

  let made = 0;
  return {
    now: (): TopicScene => scene,
    subscribe: (queue: string, given: Partial<NewSubscription> = {}) => {
      made += 1;
      const subscription = {
        id: `s${made}`,
        protocol: "sqs" as const,
        endpoint: queueArn(queue),
        attributes: { RawMessageDelivery: "true" },
      };
      const owner = { owner: ACCOUNT, principal: `arn:aws:iam::${ACCOUNT}:root`, baseUrl: "http://localhost:4566", token: "ab" };
      return scene.store.subscribe({ topic: NEWS, ...subscription, ...owner, ...given });
    },
    publish: async (text: string, given: Partial<NewPublication> = {}, topic = NEWS): Promise<Published> => {
      const answer = await scene.store.publish({ topic, messages: [publication(text, given)], batch: false });
      assert.ok(answer.accepted !== null);
      return answer;
    },
  };
}

export function publication(text: string, given: Partial<NewPublication> = {}): NewPublication {
  return {
    id: `m-${text}`,
    timestamp: "2026-01-01T00:00:00.000Z",
    subject: null,
    texts: { default: text },
    attributes: [],
    groupId: null,
    deduplication: null,
    traceHeader: null,
    sizeBytes: text.length,
    signatures: [],
    ...given,
  };
}

/** What makes it a message of a FIFO topic. */
export function ordered(groupId: string, id: string): Partial<NewPublication> {
  return { groupId, deduplication: { id, ofContent: false } };
}
