import type { Exchange } from "./exchange.ts";

/** Upper ends of the buckets of response times, in seconds. */
const BUCKETS_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 20];

interface Series {
  readonly service: string;
  readonly action: string;
  readonly status: number;
  readonly buckets: number[];
  count: number;
  sumMs: number;
}

/** What became of the notifications of one topic. */
export interface TopicFigures {
  delivered: number;
  failed: number;
  /** Of those that failed. */
  redriven: number;
}

/** Topics that are counted apart: each is three series, and whoever collects them pays for each. */
const TOPICS_MAX = 1000;

/** What was counted, as plain data: each thread counts for itself. */
export interface MeterFigures {
  readonly series: readonly Series[];
  readonly deliveries: readonly (readonly [labels: string, count: number])[];
  readonly topics: readonly (readonly [arn: string, figures: Readonly<TopicFigures>])[];
  readonly inProgress: number;
}

/** Counts requests by action and status, and how long they took; and what one service delivers to another. */
export class Meter {
  /** By action: each has few. */
  readonly #series = new Map<string, Series[]>();
  readonly #deliveries = new Map<string, number>();
  readonly #topics = new Map<string, TopicFigures>();

  #inProgress = 0;

  began(): void {
    this.#inProgress += 1;
  }

  ended(): void {
    this.#inProgress -= 1;
  }

  /** @param outcome `delivered`, or why not. */
  countDelivery(service: string, outcome: string, count: number = 1): void {
    const labels = `service="${service}",outcome="${outcome}"`;
    this.#deliveries.set(labels, (this.#deliveries.get(labels) ?? 0) + count);
  }

  /** Counts for one topic; those beyond the first thousand count among all deliveries alone. */
  countNotifications(topicArn: string, { delivered = 0, failed = 0, redriven = 0 }: Partial<TopicFigures>): void {
    let figures = this.#topics.get(topicArn);
    if (figures === undefined) {
      if (this.#topics.size >= TOPICS_MAX) return;
      figures = { delivered: 0, failed: 0, redriven: 0 };
      this.#topics.set(topicArn, figures);
    }
    figures.delivered += delivered;
    figures.failed += failed;
    figures.redriven += redriven;
  }

  /** By ARN. */
  get topics(): ReadonlyMap<string, TopicFigures> {
    return this.#topics;
  }

  count({ service, action }: Exchange, status: number, tookMs: number): void {
    const series = this.#seriesOf(service, action, status);
    series.count += 1;
    series.sumMs += tookMs;
    const bucket = BUCKETS_S.findIndex((upToS) => tookMs <= upToS * 1000);
    if (bucket !== -1) series.buckets[bucket] = (series.buckets[bucket] ?? 0) + 1;
  }

  figures(): MeterFigures {
    return {
      series: [...this.#series.values()].flat(),
      deliveries: [...this.#deliveries],
      topics: [...this.#topics],
      inProgress: this.#inProgress,
    };
  }

  /** Takes what was counted elsewhere to what was counted here. */
  add({ series, deliveries, topics, inProgress }: MeterFigures): void {
    for (const theirs of series) {
      const ours = this.#seriesOf(theirs.service, theirs.action, theirs.status);
      ours.count += theirs.count;
      ours.sumMs += theirs.sumMs;
      for (const [index, count] of theirs.buckets.entries()) ours.buckets[index] = (ours.buckets[index] ?? 0) + count;
    }
    for (const [labels, count] of deliveries) this.#deliveries.set(labels, (this.#deliveries.get(labels) ?? 0) + count);
    for (const [arn, figures] of topics) this.countNotifications(arn, figures);
    this.#inProgress += inProgress;
  }

  #seriesOf(service: string, action: string, status: number): Series {
    const ofAction = this.#series.get(action);
    const known = ofAction?.find((one) => one.status === status && one.service === service);
    if (known !== undefined) return known;
    const series: Series = { service, action, status, buckets: BUCKETS_S.map(() => 0), count: 0, sumMs: 0 };
    if (ofAction === undefined) this.#series.set(action, [series]);
    else ofAction.push(series);
    return series;
  }

  /** In the text format of Prometheus, version 0.0.4. */
  exposition(): string {
    const lines = [
      "# HELP millrace_request_seconds Time from a request's head to its answer.",
      "# TYPE millrace_request_seconds histogram",
    ];
    for (const { service, action, status, buckets, count, sumMs } of [...this.#series.values()].flat()) {
      const labels = `service="${service}",action="${action}",status="${status}"`;
      let below = 0;
      for (const [index, upToS] of BUCKETS_S.entries()) {
        below += buckets[index] ?? 0;
        lines.push(`millrace_request_seconds_bucket{${labels},le="${upToS}"} ${below}`);
      }
      lines.push(`millrace_request_seconds_bucket{${labels},le="+Inf"} ${count}`);
      lines.push(`millrace_request_seconds_sum{${labels}} ${sumMs / 1000}`, `millrace_request_seconds_count{${labels}} ${count}`);
    }
    lines.push(
      "# HELP millrace_requests_in_progress Requests that are not answered yet: long polls that wait, and this one.",
      "# TYPE millrace_requests_in_progress gauge",
      `millrace_requests_in_progress ${this.#inProgress}`,
      "# HELP millrace_deliveries_total Messages that a service brought to a queue, by what became of them.",
      "# TYPE millrace_deliveries_total counter",
    );
    for (const [labels, count] of this.#deliveries) lines.push(`millrace_deliveries_total{${labels}} ${count}`);
    return `${lines.join("\n")}\n`;
  }
}
