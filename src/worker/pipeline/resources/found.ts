export interface FoundQueue {
  readonly url: string;
  readonly arn: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface FoundSubscription {
  /** Or why it has none yet, in SNS's words. */
  readonly arn: string;
  /** The ARN of a queue, a URL, an address. */
  readonly endpoint: string;
  readonly isRaw: boolean;
  /** JSON; `undefined` where everything is let through. */
  readonly filter: string | undefined;
}

export interface FoundTopic {
  readonly arn: string;
  readonly subscriptions: readonly FoundSubscription[];
}

/** What there is of the things that a pipeline needs, by name. */
export interface FoundResources {
  readonly hasBucket: boolean;
  readonly queues: ReadonlyMap<string, FoundQueue>;
  readonly topics: ReadonlyMap<string, FoundTopic>;
}

/** The tag of what a pipeline has made. Nothing else is ever removed. */
export const OWNER_TAG = "millrace:pipeline";

/** The subscription of a queue, which need not be there any more. */
export function subscriptionFor({ arn, subscriptions }: FoundTopic, queue: string): FoundSubscription | undefined {
  const queueArn = arn.replace(/^(arn:[^:]+):sns:(.*):[^:]+$/, `$1:sqs:$2:${queue}`);
  return subscriptions.find(({ endpoint }) => endpoint === queueArn);
}
