import { MESSAGE_SIZE_BUCKETS, type MeasuredQueue, type MeasuredQueues } from "../services/queues/index.ts";

interface Family {
  readonly name: string;
  readonly type: "gauge" | "counter";
  readonly help: string;
  /** Its samples of one queue: further labels, and the value. */
  readonly samples: (queue: MeasuredQueue) => readonly (readonly [labels: string, value: number])[];
}

const one = (value: number) => [["", value]] as const;

function byState({ visible, inFlight, delayed }: Pick<MeasuredQueue, "visible" | "inFlight" | "delayed">) {
  return [
    [',state="visible"', visible],
    [',state="in_flight"', inFlight],
    [',state="delayed"', delayed],
  ] as const;
}

const FAMILIES: readonly Family[] = [
  {
    name: "millrace_queue_messages",
    type: "gauge",
    help: "Messages in a queue by state.",
    samples: byState,
  },
  {
    name: "millrace_queue_oldest_message_age_seconds",
    type: "gauge",
    help: "Time since the oldest message was sent; 0 where there is none.",
    samples: ({ oldestAgeMs }) => one(oldestAgeMs / 1000),
  },
  {
    name: "millrace_queue_groups_in_flight",
    type: "gauge",
    help: "Message groups of a FIFO queue that have messages in flight.",
    samples: ({ queue, groupsInFlight }) => (queue.name.endsWith(".fifo") ? one(groupsInFlight) : []),
  },
  {
    name: "millrace_queue_noisy_groups",
    type: "gauge",
    help: "Noisy message groups of a fair queue.",
    samples: ({ quietGroups }) => (quietGroups === null ? [] : one(quietGroups.noisyGroups)),
  },
  {
    name: "millrace_queue_quiet_messages",
    type: "gauge",
    help: "Messages of a fair queue in groups that are not noisy, by state.",
    samples: ({ quietGroups }) => (quietGroups === null ? [] : byState(quietGroups)),
  },
  {
    name: "millrace_queue_quiet_oldest_message_age_seconds",
    type: "gauge",
    help: "Time since the oldest message was sent that is in no noisy group.",
    samples: ({ quietGroups }) => (quietGroups === null ? [] : one(quietGroups.oldestAgeMs / 1000)),
  },
  counter("messages_sent", "Messages that were accepted.", ({ sent }) => sent),
  counter("messages_deduplicated", "Sends to a FIFO queue that were accepted as duplicates.", ({ deduplicated }) => deduplicated),
  counter("messages_received", "Messages that were handed out, repeats among them.", ({ received }) => received),
  counter("messages_deleted", "Deletes with a valid receipt handle.", ({ deleted }) => deleted),
  counter("empty_receives", "Receives that were answered without a message.", ({ emptyReceives }) => emptyReceives),
];

function counter(name: string, help: string, read: (queue: MeasuredQueue) => number): Family {
  return { name: `millrace_queue_${name}_total`, type: "counter", help, samples: (queue) => one(read(queue)) };
}

/** The figures of queues in the text format of Prometheus. Counters begin at 0 with the process, gauges are read from the tables. */
export function queueExposition({ queues, more }: MeasuredQueues): string {
  const labelled = queues.map((measured) => {
    const { account, region, name } = measured.queue;
    // Neither can hold what would have to be escaped.
    return { measured, labels: `account="${account}",region="${region}",queue="${name}"` };
  });
  const lines = FAMILIES.flatMap(({ name, type, help, samples }) => [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} ${type}`,
    ...labelled.flatMap(({ measured, labels }) => samples(measured).map(([further, value]) => `${name}{${labels}${further}} ${value}`)),
  ]);
  lines.push("# HELP millrace_queue_message_size_bytes Sizes of accepted messages.", "# TYPE millrace_queue_message_size_bytes histogram");
  for (const { measured, labels } of labelled) lines.push(...sizes(measured, labels));
  lines.push(
    "# HELP millrace_queues_not_shown Whether there are more active queues than one page shows.",
    "# TYPE millrace_queues_not_shown gauge",
    `millrace_queues_not_shown ${more ? 1 : 0}`,
  );
  return `${lines.join("\n")}\n`;
}

function sizes({ sent, sentBytes, sentSizes }: MeasuredQueue, labels: string): string[] {
  let below = 0;
  const buckets = MESSAGE_SIZE_BUCKETS.map((bytes, index) => {
    below += sentSizes[index] ?? 0;
    return `millrace_queue_message_size_bytes_bucket{${labels},le="${bytes}"} ${below}`;
  });
  return [
    ...buckets,
    `millrace_queue_message_size_bytes_bucket{${labels},le="+Inf"} ${sent}`,
    `millrace_queue_message_size_bytes_sum{${labels}} ${sentBytes}`,
    `millrace_queue_message_size_bytes_count{${labels}} ${sent}`,
  ];
}
