import type { Clock } from "../../kernel/clock.ts";
import type { Logger } from "../../kernel/logger.ts";
import type { Random } from "../../kernel/random.ts";
import { ServiceError } from "../../kernel/service-error.ts";
import { storeClient, type Storage, type StoreCall, type StoreClient } from "../../storage/storage.ts";
import type { Api } from "../../wire/api.ts";
import { newPublication, signedNow, tell } from "./actions/published.ts";
import { topicsApi } from "./api.ts";
import type { Signer } from "./drivers/driver.ts";
import { httpSender } from "./drivers/http-sender.ts";
import type { Reachable } from "./drivers/reachable.ts";
import type { DeliveryReports } from "./needs.ts";
import type { TOPIC_ERRORS } from "./rules/errors.ts";
import { parseTopicArn } from "./rules/topic-arn.ts";
import { isFifoTopicName } from "./rules/topic-name.ts";
import { TOPIC_OPERATIONS, type Delivered, type TopicOperations, type TopicRef } from "./store/store.ts";
import { Deliveries } from "./upkeep.ts";

export { Reachable } from "./drivers/reachable.ts";
export { signingKey } from "./drivers/signing-key.ts";
export type { DeliveryReports, QueueMessage, QueueTargets } from "./needs.ts";
export type { Delivered, FailedDelivery } from "./store/store.ts";

/** The topic service, as the server and its links to other services see it. */
export interface Topics {
  readonly api: Api;
  /** To be awaited before the first request, on one thread alone: from now on it sends what waits. */
  start(): Promise<void>;
  /** There may be something to send: another thread has published it. */
  wake(): void;
  /** What is being sent is cut, and sent again by the next start. */
  stop(): Promise<void>;
  readonly store: StoreClient<TopicOperations>;
  /**
   * A message of another service as a store operation, to be committed in one unit with what caused it. `notified` takes
   * what it answers.
   * @returns undefined where the ARN names no topic that could take it: a FIFO topic does not, since the message has no group.
   */
  notification(notice: Notice): StoreCall | undefined;
  /** Has what became of the notification said aloud. @returns `delivered`, or why the topic has not taken it. */
  notified(topicArn: string, answer: Delivered | undefined): string;
  /** The certificate by which subscribers verify messages, in PEM. Undefined: the path is none of a certificate. */
  certificateAt(path: string): Promise<string | undefined>;
  /** Whether a topic of that ARN exists and takes what the service publishes from there. */
  takesFrom(topicArn: string, source: NoticeSource): Promise<boolean>;
}

/** What another service has to tell on an account's behalf: an event of a bucket. */
export interface Notice {
  readonly topicArn: string;
  readonly subject: string;
  readonly message: string;
  readonly source: NoticeSource;
}

export interface NoticeSource {
  /** The service's name as a principal: `s3.amazonaws.com`. */
  readonly service: string;
  /** The bucket. */
  readonly arn: string;
  /** The account whose it is, twelve digits. */
  readonly accountId: string;
}

export interface TopicsOptions {
  /** Has the topic store open among its modules. */
  readonly storage: Storage;
  /** Engine time. */
  readonly clock: Clock;
  readonly random: Random;
  readonly reports: DeliveryReports;
  readonly signer: Signer;
  readonly logger: Logger;
  /** Whether a topic's policy is asked about events of its own account's buckets, too: wherever callers prove who they are. */
  readonly ownAccountAsked: boolean;
  /** Which addresses subscriptions may have messages sent to. */
  readonly reachable: Reachable;
  /** Of several threads that publish only one is started; on the others this wakes it. */
  readonly wakeElsewhere?: () => void;
}

export function createTopics(options: TopicsOptions): Topics {
  const { storage, clock, random, reports, signer, logger, ownAccountAsked, reachable, wakeElsewhere } = options;
  const store = storeClient<TopicOperations>(storage, "topics", TOPIC_OPERATIONS);
  const sender = httpSender({ reachable, clock });
  const deliveries = new Deliveries({ store, sender, signer, clock, random, logger, reports, wakeElsewhere });
  const context = { store, clock, random, reports, signer, signatureVersions: new Map(), wake: () => deliveries.wake() };
  return {
    api: topicsApi(context),
    store,
    start: () => deliveries.start(),
    wake: () => deliveries.wake(),
    async stop() {
      await deliveries.stop();
      signer.close();
    },
    certificateAt: (path) => signer.certificateAt(path),
    notification({ topicArn, subject, message, source }) {
      const topic = topicForService(topicArn, source, ownAccountAsked);
      if (topic === undefined) return undefined;
      const sizeBytes = Buffer.byteLength(message);
      const publication = { subject, texts: { default: message }, attributes: [], groupId: null, deduplication: null, sizeBytes };
      return store.call("deliver", { topic, message: signedNow(context, topicArn, newPublication(context, publication)) });
    },
    notified(topicArn, answer) {
      if (answer?.outcome !== "delivered") return answer?.outcome ?? "gone";
      tell(reports, topicArn, answer);
      if (answer.waits === true) deliveries.wake();
      return answer.outcome;
    },
    async takesFrom(topicArn, source) {
      const topic = topicForService(topicArn, source, ownAccountAsked);
      if (topic === undefined) return false;
      try {
        await store.listTags({ topic });
        return true;
      } catch (error) {
        if (error instanceof ServiceError && REFUSED.includes(error.code)) return false;
        throw error;
      }
    },
  };
}

/** No such topic, or one whose policy does not let the service publish. */
const REFUSED: readonly string[] = ["NotFoundException", "AuthorizationErrorException"] satisfies (keyof typeof TOPIC_ERRORS)[];

/** The topic of an ARN as a service asks for it; undefined where the ARN names none that could take its messages. */
function topicForService(topicArn: string, source: NoticeSource, ownAccountAsked: boolean): TopicRef | undefined {
  const topic = parseTopicArn(topicArn);
  if (topic === undefined || isFifoTopicName(topic.name)) return undefined;
  const { service, arn: sourceArn, accountId } = source;
  if (!ownAccountAsked && topic.account === accountId) return topic;
  return { ...topic, asker: { kind: "service", action: "Publish", accountId, service, sourceArn } };
}
