import type { TopicFigures } from "./meter.ts";

const FAMILIES: readonly { name: string; help: string; read: (figures: TopicFigures) => number }[] = [
  {
    name: "delivered",
    help: "Notifications that endpoints of a topic's subscriptions have taken (AWS: NumberOfNotificationsDelivered).",
    read: ({ delivered }) => delivered,
  },
  {
    name: "failed",
    help: "Notifications that they have not taken (AWS: NumberOfNotificationsFailed).",
    read: ({ failed }) => failed,
  },
  {
    name: "redriven",
    help: "Of those that failed, the ones that a dead-letter queue has (AWS: NumberOfNotificationsRedrivenToDlq).",
    read: ({ redriven }) => redriven,
  },
];

/**
 * What became of the notifications of topics since the start, in the text format of Prometheus.
 * @param account whose topics alone are named; undefined: all.
 */
export function topicExposition(topics: ReadonlyMap<string, TopicFigures>, account: string | undefined): string {
  const labelled = [...topics].flatMap(([arn, figures]) => {
    // No part of an ARN can hold what would have to be escaped.
    const [, , , region = "", owner = "", name = ""] = arn.split(":");
    return account === undefined || account === owner ? [{ figures, labels: `account="${owner}",region="${region}",topic="${name}"` }] : [];
  });
  const lines = FAMILIES.flatMap(({ name, help, read }) => [
    `# HELP millrace_topic_notifications_${name}_total ${help}`,
    `# TYPE millrace_topic_notifications_${name}_total counter`,
    ...labelled.map(({ figures, labels }) => `millrace_topic_notifications_${name}_total{${labels}} ${read(figures)}`),
  ]);
  return `${lines.join("\n")}\n`;
}
